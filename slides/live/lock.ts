// One build at a time, also of two processes. The kernel keeps the lock (flock(2)), so that it is gone with its owner, however that died.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from '../../workshop/errors.ts';
import type { Progress } from '../../workshop/guest/packages.ts';

/** Holds the lock on `file` while `work` is done. flock(1) holds it for us for as long as its input, which ours is the other end of, lasts. */
export async function exclusively<T>(
  file: string,
  progress: Progress,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  // Ctrl-C reaches the whole foreground group; the lock has to outlast it, until `work` has cleaned up.
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat > /dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'close').catch(() => {});
  const waiting = setTimeout(() => progress('another build is at work; waiting for it'), 500);
  try {
    await once(holder.stdout, 'data', { signal }).catch(error => {
      signal?.throwIfAborted();
      throw error;
    });
    clearTimeout(waiting);
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'spawn flock') throw error;
    throw new UserError(
      'the live kernel is built on Debian or Ubuntu, and here is no flock(1)',
      'use the Vagrant machine (vagrant/)',
    );
  } finally {
    clearTimeout(waiting);
    holder.stdin.destroy();
    if (holder.pid !== undefined) holder.kill();
    await ended;
  }
}
