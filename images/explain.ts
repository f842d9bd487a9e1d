// What went wrong with an entry of a layer, in one line: which layer, which entry, and what the kernel said.
import { MEANING, SyscallError } from '#linux';
import { ImageError } from './errors.ts';

const remedies: Record<string, string> = {
  ENOSPC: 'make room on that file system, and try again: nothing half done is left',
  EDQUOT: 'make room on that file system, and try again: nothing half done is left',
};

export function explain(error: unknown, layer: string, path: string): unknown {
  if (error instanceof SyscallError) {
    const about = ('about' in error && String(error.about)) || path;
    const why =
      error.code === 'EINVAL' && /chown/.test(error.syscall) ? 'its owner is no user here' : MEANING[error.code];
    return new ImageError(`${layer}, ${show(about)}: ${why} (${error.syscall}: ${error.code})`, remedies[error.code]);
  }
  if (!(error instanceof ImageError)) return error;
  // Of what has a whole line of its own, it is enough to say where.
  return new ImageError(`${layer}${path ? `, ${show(path)}` : ''}: ${error.message}`, error.next);
}

/** Nothing in it that a terminal would obey. */
const show = (path: string) => JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
