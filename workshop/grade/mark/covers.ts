// Some checks run programs of the host's in the sandbox. Its root may mount others over them, and then it is not the kernel that answers:
// a task is not passed that way.
import { readMountinfo } from '#linux';
import type { Session } from '../../sandbox/session.ts';

/** The mounts on the host's programs, libraries and settings. */
export function coversOf({ sandbox }: Session): string[] {
  return readMountinfo(sandbox.init)
    .map(mount => mount.mountPoint)
    .filter(path => /^\/(bin|sbin|lib\w*|usr|etc)(\/|$)/.test(path) || path === '/');
}

/** Those of `after` that were not there before. */
export function allOf(before: string[], after: string[]): string[] {
  const rest = [...before];
  return after.filter(path => {
    const at = rest.indexOf(path);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
