// Where a COPY's sources are looked for: below one folder, whatever links say.
import { AT, into, O, type Process, RESOLVE, SyscallError, u64 } from '#linux';
import { nameFrom, pathArgument } from '../bytes.ts';
import type { Ignore } from '../containerfile/ignore.ts';
import { ImageError } from '../errors.ts';

/** Where sources are looked for: below a folder that a process has open, and never outside of it. */
export interface Origin {
  box: Process;
  root: number;
  /** For messages: 'the context', 'stage build'. */
  name: string;
  ignore?: Ignore;
}

/** The descriptor, every link on the way taken as if the root were the only one; undefined when there is nothing. openat2(2) */
export async function open({ box, root }: Origin, path: string, flags: number): Promise<number | undefined> {
  const how = u64(flags | O.CLOEXEC, 0, RESOLVE.IN_ROOT);
  try {
    return await box.syscall('openat2', root, pathArgument(path || '.'), how, how.length);
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR'].includes(error.code)) return undefined;
    throw error instanceof SyscallError ? new ImageError(`${path}: ${error.meaning}`) : error;
  }
}

/** Where it is, from the root: without the links that led there. */
export async function realPath({ box, root }: Origin, descriptor: number): Promise<string> {
  const [top = '', path = ''] = await Promise.all(
    [root, descriptor].map(async each => {
      const bytes = Buffer.alloc(4096);
      const size = await box.syscall('readlinkat', AT.FDCWD, `/proc/self/fd/${each}`, into(bytes), bytes.length);
      return nameFrom(bytes.subarray(0, size));
    }),
  );
  return path.slice(top.length).replace(/^\//, '');
}
