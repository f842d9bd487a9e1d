// Reads a file below a folder that somebody else has filled. What they can put there is a link to a file of the grader's, a named pipe
// that never ends, a device, a hundred gigabytes: so each step down is taken from the folder that is open already, follows no symbolic
// link, and what is found at the end is looked at before it is read. openat(2), "Rationale for openat()"; proc_pid_fd(5)
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';

/** What is there as bytes, or why it is not taken; null when nothing is there. */
export type Found = { bytes: Buffer } | { why: string } | null;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** `path` has no `.` or `..` in it: it is ours. */
export function readBelow(root: string, path: string, most: number): Found {
  const steps = path.split('/');
  const name = steps.pop() ?? '';
  let fd: number | undefined;
  try {
    fd = openSync(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    for (const step of steps) {
      const next = openSync(at(fd, step), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      closeSync(fd);
      fd = next;
    }
    return readFile(at(fd, name), most);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    // What open(2) says of a symbolic link where a folder was asked for.
    if (code === 'ENOTDIR' || code === 'ELOOP')
      return { why: 'below a symbolic link, or below something that is no folder' };
    return { why: `cannot be read: ${code ?? message}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Node has no openat(2); the kernel's name for an open folder does the same. */
const at = (fd: number, name: string) => `/proc/self/fd/${fd}/${name}`;

function readFile(path: string, most: number): Found {
  // Before it is opened: to open some devices is to use them.
  const kind = lstatSync(path);
  if (kind.isSymbolicLink()) return { why: 'a symbolic link' };
  if (!kind.isFile()) return { why: 'not a regular file' };
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { why: 'not a regular file' };
    if (stat.size > most) return { why: tooLarge(stat.size, most) };
    const bytes = Buffer.alloc(most + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return length > most ? { why: tooLarge(length, most) } : { bytes: Buffer.from(bytes.subarray(0, length)) };
  } finally {
    closeSync(fd);
  }
}

export const tooLarge = (size: number | bigint, most: number) => `${size} bytes, of which at most ${most} are taken`;
