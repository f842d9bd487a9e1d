// Marks that an overlay leaves on files of its upper layer, in extended attributes, which Node cannot read. overlayfs; xattr(7)
import { into, isErrno, Process } from '#linux';

export interface Attributes {
  /** 'opaque', 'origin' …: whatever prefix it has. Null where there is none, or we may not know. */
  read(path: string, mark: string): Promise<string | null>;
  close(): Promise<void>;
}

/** As root mounts, and as a user namespace's root does (the option `userxattr`); and fuse-overlayfs's. */
const prefixes = ['trusted.overlay.', 'user.overlay.', 'user.fuseoverlayfs.'];

export async function openAttributes(): Promise<Attributes> {
  const hand = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], trace: false });
  const read = async (path: string, name: string) => {
    const value = Buffer.alloc(256);
    try {
      return value.toString('latin1', 0, await hand.syscall('lgetxattr', path, name, into(value), value.length));
    } catch (error) {
      if (isErrno(error, 'ENODATA', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'ENOENT', 'ERANGE', 'ENAMETOOLONG')) return null;
      throw error;
    }
  };
  return {
    async read(path, mark) {
      for (const prefix of prefixes) {
        const value = await read(path, prefix + mark);
        if (value !== null) return value;
      }
      return null;
    },
    close: async () => void (await hand.end()),
  };
}
