// One disposable machine for some lessons of a submission: what the worker in it said until it was through, or until it was ended.
import { randomBytes } from 'node:crypto';
import { BootFailure, GuestStopped, type Kernel, runInGuest } from '../../guest/index.ts';
import { home } from '../../paths.ts';
import type { Bounds } from '../types.ts';
import { hiddenPaths } from './hidden.ts';
import type { Order, Said } from './protocol.ts';
import { opener } from './seal.ts';
import { short } from './short.ts';

export interface End {
  /** 'bounds': we ended it, since it took too long or said too much; 'died': it ended before it was through. */
  kind: 'done' | 'bounds' | 'died' | 'unbootable';
  /** With all but 'done', for the reader. */
  reason: string;
  /** Lines on the verdict's channel that were not the worker's. */
  foreign: number;
}

/** Its own standard input and output are the worker's order and channel; what else is said there is only counted. */
const command = [
  'sh',
  '-c',
  'exec "$0" --no-warnings "$1" 3>&1 >/dev/null',
  process.execPath,
  `${home}/workshop/grade/mark/worker.ts`,
];

export async function runMachine(
  lessons: Order['lessons'],
  bounds: Bounds,
  {
    signal,
    kernel,
    onSaid,
  }: { signal?: AbortSignal | undefined; kernel?: Kernel | undefined; onSaid(said: Said): void },
): Promise<End> {
  signal?.throwIfAborted();
  const order: Order = { key: randomBytes(32).toString('hex'), lessons };
  const stop = new AbortController();
  let bounded: string | null = null;
  const end = (reason: string): void => {
    bounded ??= reason;
    stop.abort(new Error(reason));
  };
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });

  // The machine's own start is a part of its first lesson's time.
  const watch = () => setTimeout(() => end(`it took over ${bounds.seconds} s`), bounds.seconds * 1000);
  let timer = watch();
  let through = false;
  const channel = opener<Said>(order.key, said => {
    if (stop.signal.aborted) return;
    if (said.is === 'done') through = true;
    else onSaid(said);
    if (said.is === 'task' || said.is === 'begin') return;
    clearTimeout(timer);
    timer = watch();
  });

  let heard = 0;
  let words = '';
  const count = (data: Uint8Array): boolean => {
    heard += data.length;
    if (heard > bounds.output) end(`it said more than ${bounds.output} bytes`);
    return heard <= bounds.output;
  };
  try {
    const { status } = await runInGuest(command, {
      ...{ memory: bounds.memory, hide: hiddenPaths(), stranger: true, cwd: home, ...(kernel && { kernel }) },
      ...{ input: JSON.stringify(order), signal: stop.signal },
      env: { NODE_COMPILE_CACHE: `${home}/.cache/compiled` },
      stdio: {
        out: data => count(data) && channel.add(data),
        err(data) {
          if (count(data)) words = (words + Buffer.from(data).toString('utf8')).slice(-2000);
        },
      },
    });
    if (through && status === 0) return { kind: 'done', reason: '', foreign: channel.foreign };
    return {
      kind: 'died',
      reason: short(`the worker ended with ${status}: ${words}`.trim(), 1000),
      foreign: channel.foreign,
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (bounded !== null) return { kind: 'bounds', reason: bounded, foreign: channel.foreign };
    if (!(error instanceof GuestStopped)) throw error;
    const kind = error instanceof BootFailure ? 'unbootable' : 'died';
    return { kind, reason: short(error.message, 1000), foreign: channel.foreign };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
