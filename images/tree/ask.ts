// What the kernel says of files below a folder's descriptor, and how it wants times: asked by the process whose batch it is, when
// all that was made before has been done.
import { AT, type Batch, into, isErrno, type Process, S } from '#linux';
import { bytesOf, nameFrom } from '../bytes.ts';

const memory = (name: string) => Buffer.concat([bytesOf(name), Buffer.of(0)]);

/** struct statx, 256 bytes. statx(2) */
async function stat(box: Process, folder: number, name: string, flags: number): Promise<Buffer> {
  const bytes = Buffer.alloc(256);
  // STATX_BASIC_STATS
  await box.syscall('statx', folder, memory(name), flags, 0x7ff, into(bytes));
  return bytes;
}

const typeAndMode = (bytes: Buffer) => bytes.readUInt16LE(28);
const mtimeOf = (bytes: Buffer) => bytes.readBigInt64LE(112) * 1_000_000_000n + BigInt(bytes.readUInt32LE(120));

/** The type of what has that name, S.IFDIR and so on; 0 for nothing. */
export async function kindOf(box: Process, calls: Batch, parent: number, name: string): Promise<number> {
  await calls.flush();
  try {
    return typeAndMode(await stat(box, parent, name, AT.SYMLINK_NOFOLLOW)) & S.IFMT;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** When a folder was changed last; nanoseconds since 1970. */
export const modified = async (box: Process, descriptor: number) =>
  mtimeOf(await stat(box, descriptor, '', AT.EMPTY_PATH));

/** Where a link leads; without a name, where a descriptor does. */
export async function readLink(box: Process, descriptor: number, name?: string): Promise<string> {
  const bytes = Buffer.alloc(4096);
  const where =
    name === undefined ? ([AT.FDCWD, `/proc/self/fd/${descriptor}`] as const) : ([descriptor, memory(name)] as const);
  const size = await box.syscall('readlinkat', ...where, into(bytes), bytes.length);
  return nameFrom(bytes.subarray(0, size));
}

/** The names in a folder. getdents64(2) */
export async function namesIn(box: Process, calls: Batch, folder: number): Promise<string[]> {
  await calls.flush();
  await box.syscall('lseek', folder, 0, 0);
  const names: string[] = [];
  const bytes = Buffer.alloc(32 << 10);
  for (;;) {
    const size = await box.syscall('getdents64', folder, into(bytes), bytes.length);
    if (size === 0) return names.filter(name => name !== '.' && name !== '..');
    // struct linux_dirent64: d_reclen at 16, d_name from 19 on
    for (let at = 0; at < size; at += bytes.readUInt16LE(at + 16))
      names.push(nameFrom(bytes.subarray(at + 19, bytes.indexOf(0, at + 19))));
  }
}

/** Takes the extended attributes away that an image could have given. */
export async function clearAttributes(box: Process, calls: Batch, fd: number): Promise<void> {
  await calls.flush();
  const bytes = Buffer.alloc(64 << 10);
  const size = await box.syscall('flistxattr', fd, into(bytes), bytes.length).catch(() => 0);
  const names = nameFrom(bytes.subarray(0, size)).split('\0').filter(Boolean);
  // Labels and the like are the host's.
  for (const name of names)
    if (/^(user|trusted)\.|^security\.capability$/.test(name)) calls.call('fremovexattr', fd, name);
}

/** Gives a folder the owner, mode and time of another. */
export async function copyAttributes(box: Process, from: string, to: string): Promise<void> {
  const bytes = await stat(box, AT.FDCWD, from, 0);
  await box.chown(to, bytes.readUInt32LE(20), bytes.readUInt32LE(24));
  await box.chmod(to, typeAndMode(bytes) & 0o7777);
  await box.syscall('utimensat', AT.FDCWD, to, times(mtimeOf(bytes)), 0);
}

/** struct timespec[2]: the last access, which nobody keeps, and the last change. utimensat(2) */
export function times(mtime: bigint): Uint8Array {
  const nanoseconds = ((mtime % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (mtime - nanoseconds) / 1_000_000_000n;
  return new Uint8Array(BigInt64Array.of(seconds, nanoseconds, seconds, nanoseconds).buffer);
}
