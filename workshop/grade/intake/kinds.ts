// What somebody handed in is, by what is in it; a name may lie.

import { isUtf8 } from 'node:buffer';
import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';

/** 'class': a folder with several submissions in it. 'list': a text. */
export type Kind = 'folder' | 'repository' | 'tar' | 'list' | 'class';

export type Seen = { kind: Kind; path: string } | { why: string; next: string };

const kind = (path: string) => lstatSync(path, { throwIfNoEntry: false });
const isFolder = (path: string) => kind(path)?.isDirectory() ?? false;

/** `path` itself is no symbolic link. */
export function lookAt(path: string): Seen {
  try {
    return look(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    return { why: `cannot be read: ${code}`, next: 'change its mode, or run this as its owner' };
  }
}

function look(path: string): Seen {
  const stat = kind(path);
  if (!stat) return { why: 'there is no such file or folder', next: 'name what was handed in' };
  if (stat.isSymbolicLink()) return { why: 'a symbolic link, which is not followed', next: 'name what it leads to' };
  if (stat.isDirectory()) {
    accessSync(path, constants.R_OK | constants.X_OK);
    return { kind: folderKind(path), path };
  }
  if (stat.isFile()) return lookInto(path);
  return {
    why: 'neither a file nor a folder',
    next: 'name a folder, a tar file, a git repository, or a file that lists them',
  };
}

function folderKind(path: string): Kind {
  if (kind(`${path}/.git`) || isGitFolder(path)) return 'repository';
  return isFolder(`${path}/lessons`) ? 'folder' : 'class';
}

/** Without a work tree, as a server has it. gitrepository-layout(5) */
export const isGitFolder = (path: string) =>
  isFolder(`${path}/objects`) && isFolder(`${path}/refs`) && (kind(`${path}/HEAD`)?.isFile() ?? false);

/** The one folder in it that is a submission, when there is one: archives are often made, and unpacked, with a folder around. */
export function unwrap(path: string): Seen | null {
  const inside = readdirSync(path)
    .filter(name => !name.startsWith('.') && name !== '__MACOSX')
    .map(name => `${path}/${name}`)
    .filter(isFolder)
    .filter(folder => folderKind(folder) !== 'class');
  return inside.length === 1 && inside[0] ? lookAt(inside[0]) : null;
}

/** The most of a list that is read. */
export const listLimit = 1 << 20;

const foreign: [name: string, magic: number[]][] = [
  ['zip', [0x50, 0x4b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['rar', [0x52, 0x61, 0x72, 0x21]],
];

function lookInto(path: string): Seen {
  const head = Buffer.alloc(512);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let size = 0;
  try {
    if (!fstatSync(fd).isFile()) return { why: 'neither a file nor a folder', next: 'name what was handed in' };
    size = readSync(fd, head);
  } finally {
    closeSync(fd);
  }
  const begins = (...magic: number[]) => magic.every((byte, i) => head[i] === byte);
  if (begins(0x1f, 0x8b) || begins(0x28, 0xb5, 0x2f, 0xfd) || head.toString('latin1', 257, 262) === 'ustar') {
    return { kind: 'tar', path };
  }
  const archive = foreign.find(([, magic]) => begins(...magic));
  if (archive) return { why: `an archive of the kind ${archive[0]}`, next: 'unpack it, and name the folder' };
  const text = head.subarray(0, size);
  // A character may be cut at the end.
  const isText = !text.includes(0) && [0, 1, 2, 3].some(cut => isUtf8(text.subarray(0, size - cut)));
  if (isText && size > 0) return { kind: 'list', path };
  return { why: size === 0 ? 'an empty file' : 'neither a tar file nor a text', next: 'name what was handed in' };
}
