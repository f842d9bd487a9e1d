// Puts entries into an image that is this process's root: whatever the links in it say, they lead to somewhere in it. The process must
// have nothing of the host's in sight: a root of its own, no /proc.
import { AT, type Batch, ERRNO, errnoName, MEANING, makedev, O, S, SyscallError } from '#linux';
import { pathArgument } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import type { Entry } from '../tar/entry.ts';
import type { Item } from '../tar/write.ts';
import { times } from '../tree/ask.ts';

const types = { character: S.IFCHR, block: S.IFBLK, fifo: S.IFIFO };
/** What a call may carry. */
const pieceSize = 128 << 10;

export interface Owner {
  uid: number;
  gid: number;
}

/** The folder and those above it, as far as they are missing, for this owner. The path is from the root. */
export async function makeFolders(calls: Batch, path: string, { uid, gid }: Owner = { uid: 0, gid: 0 }): Promise<void> {
  const parts = path.split('/').filter(part => part !== '');
  for (const i of parts.keys()) {
    const folder = `/${parts.slice(0, i + 1).join('/')}`;
    if (await makeFolder(calls, folder, 0o755)) calls.call('fchownat', AT.FDCWD, pathArgument(folder), uid, gid, 0);
  }
  await calls.flush();
}

/** Whether it was made: false where there is one, be it behind a link. */
async function makeFolder(calls: Batch, path: string, mode: number): Promise<boolean> {
  const made = await calls.ask('mkdirat', AT.FDCWD, pathArgument(path), mode);
  if (made === 0) return true;
  if (made === -ERRNO.EEXIST && (await isFolder(calls, path))) return false;
  throw new ImageError(
    `${path}: ${made === -ERRNO.EEXIST ? 'something is there that is no folder' : MEANING[errnoName(-made)]}`,
  );
}

/** Whether the path is a folder, or a link to one. */
export async function isFolder(calls: Batch, path: string): Promise<boolean> {
  const folder = await calls.askOpen('openat', AT.FDCWD, pathArgument(path), O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  if (folder >= 0) calls.close(folder);
  return folder >= 0;
}

/**
 * Writes all of them, in the place of what has the same name; only a folder stays, and a file does not replace one. Paths begin at
 * the root, and are in folders that are there. Links' targets are such paths too, symlinks' are as they are.
 */
export async function putAll(calls: Batch, items: AsyncIterable<Item>): Promise<void> {
  const folders: Entry[] = [];
  try {
    for await (const { entry, content } of items) {
      calls.about = entry.path;
      if (entry.type === 'directory') {
        await makeFolder(calls, entry.path, 0o700);
        folders.push(entry);
      } else {
        calls.attempt(['ENOENT'], 'unlinkat', AT.FDCWD, pathArgument(entry.path), 0);
        await make(calls, entry, content ?? none());
      }
      if (entry.type !== 'link') setAttributes(calls, entry);
      await calls.room();
    }
    // What was put into a folder has changed its time.
    for (const { path, mtime } of folders.toReversed())
      calls.call('utimensat', AT.FDCWD, pathArgument(path), times(mtime), 0);
    await calls.flush();
  } catch (error) {
    throw error instanceof SyscallError ? explain(error) : error;
  }
}

async function make(calls: Batch, entry: Entry, content: AsyncIterable<Uint8Array>): Promise<void> {
  const path = pathArgument(entry.path);
  if (entry.type === 'symlink') calls.call('symlinkat', pathArgument(entry.linkname), AT.FDCWD, path);
  else if (entry.type === 'link') calls.call('linkat', AT.FDCWD, pathArgument(entry.linkname), AT.FDCWD, path, 0);
  else if (entry.type !== 'file' && entry.type !== 'directory')
    calls.call('mknodat', AT.FDCWD, path, types[entry.type] | 0o600, makedev(entry.major, entry.minor));
  else {
    const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC;
    const file = calls.open('openat', AT.FDCWD, path, flags, 0o600);
    // A disk that is full is full now, and not in the middle of a write that then says less than was asked.
    if (entry.size > 0) calls.attempt(['EOPNOTSUPP'], 'fallocate', file, 0, 0, entry.size);
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += pieceSize) {
        const piece = chunk.subarray(at, at + pieceSize);
        calls.call('write', file, piece, piece.length);
        await calls.room();
      }
    }
    calls.close(file);
  }
}

function setAttributes(calls: Batch, entry: Entry): void {
  const path = pathArgument(entry.path);
  calls.call('fchownat', AT.FDCWD, path, entry.uid, entry.gid, entry.type === 'directory' ? 0 : AT.SYMLINK_NOFOLLOW);
  // After the owner, for a new one takes setuid and the capabilities away.
  if (entry.type !== 'symlink') calls.call('fchmodat', AT.FDCWD, path, entry.mode);
  for (const [name, value] of entry.xattrs)
    calls.attempt(['EOPNOTSUPP'], 'lsetxattr', path, pathArgument(name), value, value.length, 0);
  if (entry.type !== 'directory') calls.call('utimensat', AT.FDCWD, path, times(entry.mtime), AT.SYMLINK_NOFOLLOW);
}

function explain(error: SyscallError & { about?: string }): Error {
  const { about, code, syscall } = error;
  const reasons: Record<string, string> = {
    EISDIR: 'a folder is in the way',
    ENOSPC: 'the disk is full',
    EPERM: syscall === 'mknodat' ? 'the container’s root may make no devices' : 'it is not permitted',
    EINVAL: syscall === 'fchownat' ? 'its owner is nobody whom the container’s user namespace knows' : error.meaning,
  };
  return new ImageError(`${about}: ${reasons[code] ?? error.meaning}`);
}

async function* none() {}
