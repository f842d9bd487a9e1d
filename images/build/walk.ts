// A tree as a process on a wire sees it, as entries: in its user namespace, so with the owners and the capabilities that hold there,
// and with what an ordinary user may not read though the container's root may. No link is followed on the way.
import { into, O, type Process, S } from '#linux';
import { nameFrom, pathArgument } from '../bytes.ts';
import { type Entry, type EntryType, plainEntry } from '../tar/entry.ts';
import { readXattrs } from './xattrs.ts';

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

/** An overlay's upper folder: all that is in it, and itself when somebody has changed its mode or owner since it was mounted. */
export async function* walkUpper(box: Process, upper: number): AsyncGenerator<Found> {
  const root = await statAt(box, upper, '');
  const { mode, uid, gid } = root?.entry ?? plainEntry('directory', '.');
  if (root && (mode !== 0o755 || uid !== 0 || gid !== 0))
    yield { ...root, entry: { ...root.entry, path: '.' }, content: async function* () {} };
  yield* walk(box, upper);
}

/** What is found, with a second name of a file as a hard link to the first. */
export async function* linked(all: AsyncIterable<Found>): AsyncGenerator<Found> {
  const first = new Map<string, string>();
  for await (const found of all) {
    const { entry, inode } = found;
    const linkname = inode && first.get(inode);
    if (inode && linkname === undefined) first.set(inode, entry.path);
    yield linkname === undefined || !inode ? found : { ...found, entry: { ...entry, type: 'link', linkname, size: 0 } };
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
  return { entry, inode, content: () => openedContent(box, folder, entry) };
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
export async function readFolder(box: Process, folder: number): Promise<string[]> {
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

async function* openedContent(box: Process, folder: number, { path, size }: Entry): AsyncGenerator<Uint8Array> {
  const name = pathArgument(path.slice(path.lastIndexOf('/') + 1));
  const flags = O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC;
  yield* contentOf(box, await box.syscall('openat', folder, name, flags, 0), size);
}

/** What memory has no room for is not there all at once. */
const pieceSize = 512 << 10;

/** A file's bytes, of which there are to be `size`: what is read has room for one more, so that less than that is the end. Closes it. */
export async function* contentOf(box: Process, file: number, size: number): AsyncGenerator<Uint8Array> {
  try {
    for (let left = size; ; ) {
      const wanted = Math.min(Math.max(left, 0) + 1, pieceSize);
      const bytes = await box.read(file, wanted);
      if (bytes.length > 0) yield bytes;
      if (bytes.length < wanted) return;
      left -= bytes.length;
    }
  } finally {
    await box.close(file);
  }
}
