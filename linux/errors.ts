// A system call that the kernel refused, and a helper that went away.
import { errnoName, MEANING } from './constants.ts';

/** Thrown at the line that made the call. `code` is the errno's name, as in Node's own errors. */
export class SyscallError extends Error {
  override name = 'SyscallError';
  /** The system call: 'mount'. */
  readonly syscall: string;
  /** The call with its arguments, in strace's notation: 'mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)'. */
  readonly call: string;
  readonly errno: number;
  /** 'EINVAL' */
  readonly code: string;
  /** 'Invalid argument' */
  readonly meaning: string;

  constructor(syscall: string, call: string, errno: number) {
    const code = errnoName(errno);
    const meaning = MEANING[code] ?? 'unknown error';
    super(`${call} = -1 ${code} (${meaning})`);
    this.syscall = syscall;
    this.call = call;
    this.errno = errno;
    this.code = code;
    this.meaning = meaning;
  }
}

/** Whether the kernel refused a call with one of these errors. */
export const isErrno = (error: unknown, ...codes: string[]): error is SyscallError =>
  error instanceof SyscallError && codes.includes(error.code);

/** The process at the other end of the wire ended, or was never there, when a call was to be made. */
export class WireError extends Error {
  override name = 'WireError';
}
