// A lock between processes that no crash can leave behind: a process on a wire holds it, and the kernel lets go of it when that
// process ends, however it does.
import { O } from './constants.ts';
import { Process } from './process.ts';

/** flock(2), to be had by one at a time. */
const LOCK_EX = 2;

/** Who of this process is next, by path: only one of them waits for the others' processes. */
const turns = new Map<string, Promise<unknown>>();

/** Does `work` while nobody else on this machine does theirs with the same path. The file is made, and stays. flock(2) */
export function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(path) ?? Promise.resolve()).then(() => hold(path, work));
  turns.set(
    path,
    turn.catch(() => {}),
  );
  return turn;
}

async function hold<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = await Process.start({ stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const file = await holder.open(path, O.RDWR | O.CREAT, 0o600);
    await holder.syscall('flock', file, LOCK_EX);
    return await work();
  } finally {
    await holder.end();
  }
}
