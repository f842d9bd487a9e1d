// A tree as a process on a wire sees it, as entries: in its user namespace, so with the owners and the capabilities that hold there,
// and with what an ordinary user may not read though the container's root may. No link is followed on the way.
import { into, O, type Process, S, SyscallError } from '#linux';
import { nameFrom, pathArgument } from './bytes.ts';
import { type Entry, type EntryType, plainEntry } from './tar/entry.ts';

export interface Found {
  /** Its path is relative to where the walk began; that itself has ''. */
  entry: Entry;
  /** Two names of one file have the same; '' when there is only one name, and for directories. */
  inode: string;
  /** A file's bytes, as many as there are; to be read before the next entry is asked for. */
  content(): AsyncGenerator<Uint8Array>;
}

const types: Record<number, EntryType> = {
  ...{ [S.IFREG]: 'file', [S.IFDIR]: 'directory', [S.IFLNK]: 'symlink', [S.IFCHR]: 'character' },
  ...{ [S.IFBLK]: 'block', [S.IFIFO]: 'fifo' },
};

/**
 * All that is below a folder, in the order of the names' bytes, a folder before what is in it; not the folder itself. Sockets are left
 * out: they belong to who listens. `enter` says which folders to look into. Changes the process's working folder.
 */
export async function* walk(
  box: Process,
  folder: number,
  prefix = '',
  enter: (path: string) => boolean = () => true,
): AsyncGenerator<Found> {
  const names = await readFolder(box, folder);
  // So many questions at once; the answers come in their order.
  for (let i = 0; i < names.length; i += 64) {
    await box.fchdir(folder);
    const found = await Promise.all(names.slice(i, i + 64).map(name => look(box, folder, name, prefix)));
    for (const each of found) {
      if (!each) continue;
      yield each;
      const { type, path } = each.entry;
      if (type !== 'directory' || !enter(path)) continue;
      const name = pathArgument(path.slice(prefix.length));
      const inner = await box.syscall('openat', folder, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
      try {
        yield* walk(box, inner, `${path}/`, enter);
      } finally {
        await box.close(inner);
      }
    }
  }
}

/** What a name in the folder is, which must be the working folder; undefined for a socket. */
async function look(box: Process, folder: number, name: string, prefix: string): Promise<Found | undefined> {
  const path = pathArgument(name);
  const [stat, xattrs] = await Promise.all([statAt(box, folder, name), readXattrs(box, path)]);
  if (!stat) return undefined;
  const { entry, inode } = stat;
  entry.path = `${prefix}${name}`;
  entry.xattrs = xattrs;
  if (entry.type === 'symlink') {
    const target = Buffer.alloc(4096);
    const size = await box.syscall('readlinkat', folder, path, into(target), target.length);
    entry.linkname = nameFrom(target.subarray(0, size));
  }
  return { entry, inode, content: () => contentAt(box, folder, name) };
}

/** statx(2): its structure is the same on every machine. Without a path and xattrs, which it does not tell. */
export async function statAt(box: Process, folder: number, name: string) {
  const [AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, STATX_BASIC_STATS] = [0x100, 0x1000, 0x7ff];
  const bytes = Buffer.alloc(256);
  await box.syscall(
    'statx',
    folder,
    pathArgument(name),
    AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
    STATX_BASIC_STATS,
    into(bytes),
  );
  const mode = bytes.readUInt16LE(28);
  const type = types[mode & S.IFMT];
  if (!type) return undefined;
  const isDevice = type === 'character' || type === 'block';
  const entry: Entry = {
    ...plainEntry(type, name),
    ...{ mode: mode & 0o7777, uid: bytes.readUInt32LE(20), gid: bytes.readUInt32LE(24) },
    size: type === 'file' ? Number(bytes.readBigUInt64LE(40)) : 0,
    mtime: bytes.readBigInt64LE(112) * 1_000_000_000n + BigInt(bytes.readUInt32LE(120)),
    ...(isDevice && { major: bytes.readUInt32LE(128), minor: bytes.readUInt32LE(132) }),
  };
  const hasNames = type !== 'directory' && bytes.readUInt32LE(16) > 1;
  return { entry, inode: hasNames ? `${bytes.readBigUInt64LE(136)}:${bytes.readBigUInt64LE(32)}` : '' };
}

/** The names in a folder, in the order of their bytes. getdents64(2) */
async function readFolder(box: Process, folder: number): Promise<string[]> {
  const names: Buffer[] = [];
  for (;;) {
    const bytes = Buffer.alloc(32 << 10);
    const size = await box.syscall('getdents64', folder, into(bytes), bytes.length);
    if (size === 0) break;
    for (let at = 0; at < size; at += bytes.readUInt16LE(at + 16))
      names.push(Buffer.from(bytes.subarray(at + 19, bytes.indexOf(0, at + 19))));
  }
  return names
    .sort(Buffer.compare)
    .map(nameFrom)
    .filter(name => name !== '.' && name !== '..');
}

/** A file's bytes. A megabyte at a time: what an image has no room for in memory is not there all at once. */
export async function* contentAt(box: Process, folder: number, name: string): AsyncGenerator<Uint8Array> {
  const file = await box.syscall(
    'openat',
    folder,
    pathArgument(name),
    O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC,
    0,
  );
  try {
    for (let size = 64 << 10; ; size = 1 << 20) {
      const bytes = await box.read(file, size);
      if (bytes.length === 0) return;
      yield bytes;
    }
  } finally {
    await box.close(file);
  }
}

/** All attributes of a path's last name, itself. llistxattr(2), lgetxattr(2) */
async function readXattrs(box: Process, path: string | Uint8Array): Promise<Entry['xattrs']> {
  const names =
    (await grown(buffer => box.syscall('llistxattr', path, into(buffer), buffer.length))) ?? Buffer.alloc(0);
  const list = nameFrom(names).split('\0').slice(0, -1).sort();
  const values = list.map(name =>
    grown(buffer => box.syscall('lgetxattr', path, pathArgument(name), into(buffer), buffer.length)),
  );
  const pairs = (await Promise.all(values)).map((value, i) => [list[i] ?? '', value] as const);
  return new Map(pairs.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** What the call fills, with more room when there was too little. Nothing, where there are no attributes or not this one. */
async function grown(call: (buffer: Buffer) => Promise<number>): Promise<Buffer | undefined> {
  for (const room of [256, 64 << 10]) {
    try {
      const buffer = Buffer.alloc(room);
      return buffer.subarray(0, await call(buffer));
    } catch (error) {
      const { code } = error as SyscallError;
      if (!(error instanceof SyscallError) || !['ERANGE', 'EOPNOTSUPP', 'ENODATA'].includes(code)) throw error;
      if (code !== 'ERANGE') return undefined;
    }
  }
  return undefined;
}
