// One process at a time, for the few milliseconds that reading, changing and writing a small file take.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UserError } from './errors.ts';

/** Longer than a lock is forgotten. */
const patience = 45_000;
const abandonedAfter = 1_000;
/** One that bears no number yet: its holder may be slow between making it and writing that. */
const forgottenAfter = 30_000;

/** Runs `work` while holding the lock, a file that bears the holder's process ID. */
export function withLock<T>(path: string, work: () => T): T {
  const deadline = Date.now() + patience;
  while (!take(path)) {
    if (abandoned(path)) breakLock(path);
    if (Date.now() > deadline) {
      throw new UserError(
        `another boxwright has held ${path} for ${patience / 1000} s`,
        'remove that file if none is running',
      );
    }
    pause(2 + Math.random() * 6);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Its holder has died. Only a file of some age, because a new one may not bear its process ID yet. */
function abandoned(path: string): boolean {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    if (age < abandonedAfter) return false;
    const text = readFileSync(path, 'utf8');
    if (text === '') return age > forgottenAfter;
    const pid = Number(text);
    if (!Number.isInteger(pid) || pid <= 0) return true;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Under a lock of its own, or two that break it at once would remove each other's new one. */
function breakLock(path: string): void {
  const breaking = `${path}.breaking`;
  if (!take(breaking)) return;
  try {
    if (abandoned(path)) rmSync(path, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
