// A lock between processes that no crash can leave behind: a process on a wire holds it, and the kernel lets go of it when that
// process ends, however it does. That one ends with ours, also when ours is killed: its wire is closed then.
import { O } from './constants.ts';
import { SyscallError } from './errors.ts';
import { Process } from './process.ts';

/** flock(2): by how many it can be had, and whether to wait. */
const LOCK = { SH: 1, EX: 2, NB: 4 };

/** Who of this process is next, by path: only one of them waits for the others' processes. */
const turns = new Map<string, Promise<unknown>>();

/** Does `work` while nobody else on this machine does theirs with the same path. The file is made, and stays. flock(2) */
export function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(path) ?? Promise.resolve()).then(() => hold(path, LOCK.EX, work));
  const done = turn.then(noop, noop).finally(() => turns.get(path) === done && turns.delete(path));
  turns.set(path, done);
  return turn;
}

/** Does `work` beside others who do theirs with this, and never beside one who does it with `withLock`. */
export function withSharedLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  return hold(path, LOCK.SH, work);
}

/** Does `work` as `withLock` does, if nobody has the lock now; else gives undefined at once. */
export async function withLockIfFree<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  const release = await holdNow(path, LOCK.EX);
  try {
    return release && (await work());
  } finally {
    await release?.();
  }
}

async function hold<T>(path: string, kind: number, work: () => Promise<T>): Promise<T> {
  const release = (await holdNow(path, kind)) ?? (await wait(path, kind));
  try {
    return await work();
  } finally {
    await release();
  }
}

type Release = () => Promise<unknown>;

/** One process holds all the locks that can be had at once; it is there as long as there are any. */
let keeper: { box: Promise<Process>; users: number } | undefined;

/** What lets go of it; or nothing, when others have it. */
async function holdNow(path: string, kind: number): Promise<Release | undefined> {
  keeper ??= { box: start(), users: 0 };
  const mine = keeper;
  mine.users++;
  const leave = async () => {
    if (--mine.users > 0) return;
    if (keeper === mine) keeper = undefined;
    await (await mine.box).end();
  };
  try {
    const box = await mine.box;
    const file = await box.open(path, flags, 0o600);
    try {
      await box.syscall('flock', file, kind | LOCK.NB);
      return () => box.close(file).finally(leave);
    } catch (error) {
      await box.close(file);
      throw error;
    }
  } catch (error) {
    await leave();
    if (error instanceof SyscallError && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Who has to wait does so in a process of its own, since a process that waits answers nobody. */
async function wait(path: string, kind: number): Promise<Release> {
  const box = await start();
  try {
    await box.syscall('flock', await box.open(path, flags, 0o600), kind);
    return () => box.end();
  } catch (error) {
    await box.end();
    throw error;
  }
}

const flags = O.RDWR | O.CREAT | O.CLOEXEC;
const start = () => Process.start({ stdio: ['ignore', 'ignore', 'inherit'], trace: false });
const noop = () => {};
