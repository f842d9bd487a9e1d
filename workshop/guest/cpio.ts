// Writes a cpio archive in the 'newc' form: the one in which Linux takes the first files that it sees after boot.
// Its own few lines, because the `cpio` program is not on every machine, and could not make a device node without root.

/** A file, folder or character device for the archive. Parents come before their children. */
export interface CpioEntry {
  path: string;
  /** Type and permission bits as in stat(2): 0o100755 is an executable file, 0o040755 a folder. */
  mode: number;
  data?: Uint8Array;
  /** Major and minor number, for a device. */
  device?: [number, number];
}

/**
 * The archive, ready to be given to a kernel as its initramfs.
 *
 * Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function cpio(entries: CpioEntry[]): Buffer {
  const all = [...entries, { path: 'TRAILER!!!', mode: 0 } satisfies CpioEntry];
  return Buffer.concat(all.flatMap((entry, index) => record(entry, index + 1)));
}

function record({ path, mode, data = new Uint8Array(), device = [0, 0] }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, ...device, name.length, 0];
  const header = Buffer.from(`070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
