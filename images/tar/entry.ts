// One entry of a layer, whichever of tar's headers (ustar, GNU, PAX) said so.

export type EntryType = 'file' | 'directory' | 'symlink' | 'link' | 'character' | 'block' | 'fifo';

export interface Entry {
  type: EntryType;
  /** As it is in the archive. Bytes that are no UTF-8 are kept: see bytes.ts. */
  path: string;
  /** The permission bits, with setuid, setgid and sticky: 0o0000 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of content, holes included; 0 for everything but a file. */
  size: number;
  /** Nanoseconds since 1970; before it, negative. */
  mtime: bigint;
  /** Of a symlink: its target, in any form. Of a link: the path of an earlier entry. */
  linkname: string;
  /** Of a device. */
  major: number;
  minor: number;
  /** By their whole name, `security.capability`. The values are bytes. */
  xattrs: Map<string, Uint8Array>;
}

/** What most entries have in common. */
export const plainEntry = (type: EntryType, path: string): Entry => ({
  ...{ type, path, mode: type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0, size: 0, mtime: 0n },
  ...{ linkname: '', major: 0, minor: 0, xattrs: new Map() },
});
