// The other end of the queue: puts orders in, waits, and hands out the marks as they come. It may be ended at any time and begun again: an order's
// name is the digest of what it asks for, so what is queued, being marked, or marked already is found, and nothing is asked for twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Queue } from 'bullmq';
import type { Lesson } from '../../lessons.ts';
import { readAnswer } from '../afar/answer.ts';
import { type Marker, makeOrder, type Order, versionOf } from '../afar/order.ts';
import { failedMark } from '../failed.ts';
import type { Bounds, Mark, Submission, Watcher } from '../types.ts';
import type { Address } from './address.ts';
import { connect } from './connect.ts';
import { explain } from './explain.ts';
import { queueName } from './name.ts';
import { lives } from './work.ts';

export interface CollectOptions {
  address: Address;
  marker: Marker;
  lessons: Lesson[];
  bounds: Bounds;
  signal: AbortSignal;
  say: (line: string) => void;
  watcher?: Pick<Watcher, 'begun'>;
  /** Milliseconds between two looks. */
  look?: number;
  /** After how many without news it is asked whether there are workers. */
  worry?: number;
}

/** Days for which the server keeps what nobody collects. */
const kept = { age: 30 * 24 * 3600 };

interface Wanted {
  order: Order;
  /** Those who handed in the same texts. */
  by: Submission[];
  begun: boolean;
}

/** The submissions' marks, each as soon as it is there. It is forgotten by the server when the next is asked for: keep it before. */
export async function* throughQueue(
  submissions: Iterable<Submission> | AsyncIterable<Submission>,
  options: CollectOptions,
): AsyncGenerator<Mark> {
  const { address, marker, lessons, bounds, signal, say, look = 300, worry = 20_000 } = options;
  const wanted = new Map<string, Wanted>();
  for await (const submission of submissions) {
    const order = makeOrder(submission, lessons, bounds, marker);
    const id = order.key.replace(/[^0-9A-Za-z]/g, '-');
    const same = wanted.get(id);
    if (same) same.by.push(submission);
    else wanted.set(id, { order, by: [submission], begun: false });
  }

  const line = await connect(address, say);
  const queue = new Queue<Order, Mark>(queueName(versionOf(marker)), { connection: line.client });
  queue.on('error', () => {});
  signal.addEventListener('abort', line.close, { once: true });
  try {
    await put(queue, wanted);
    let quiet = Date.now();
    for (let turn = 1; wanted.size > 0; turn++) {
      for (const id of await queue.getRanges(['completed', 'failed'])) {
        const done = wanted.get(id);
        const job = done && (await queue.getJob(id));
        if (!job) continue;
        yield* marksOf(job, done, lessons);
        await job.remove();
        wanted.delete(id);
        quiet = Date.now();
      }
      for (const id of await queue.getRanges(['active'])) begin(wanted.get(id), options);
      // Collected by somebody else who wanted the same, or lost with the server's memory.
      if (turn % 20 === 0) await put(queue, wanted);
      if (Date.now() - quiet > worry) {
        quiet = Date.now();
        if (await isDeserted(queue))
          say(`no worker of this version is there; start one: grade --work --queue ${address.shown}`);
      }
      if (wanted.size > 0) await sleep(look, undefined, { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, address);
  } finally {
    signal.removeEventListener('abort', line.close);
    line.close();
  }
}

/** Does nothing for what is there already. */
async function put(queue: Queue<Order, Mark>, wanted: Map<string, Wanted>): Promise<void> {
  const jobs = [...wanted].map(([jobId, { order }]) => ({
    name: 'mark',
    data: order,
    opts: {
      jobId,
      attempts: lives,
      backoff: { type: 'fixed', delay: 1000 },
      removeOnComplete: kept,
      removeOnFail: kept,
      stackTraceLimit: 1,
    },
  }));
  for (let at = 0; at < jobs.length; at += 50) await queue.addBulk(jobs.slice(at, at + 50));
}

/** One order's answer, for each who asked. */
function* marksOf(job: Job<Order, Mark>, { order, by }: Wanted, lessons: Lesson[]): Generator<Mark> {
  for (const submission of by) {
    // A reason may be left from an earlier try.
    if (!job.returnvalue) yield failedMark(submission, order.key, inWords(job.failedReason ?? 'no answer'));
    else {
      try {
        yield readAnswer(job.returnvalue, order, submission, lessons);
      } catch (error) {
        yield failedMark(submission, order.key, `a worker gave ${(error as Error).message}`);
      }
    }
  }
}

function inWords(reason: string): string {
  return /stalled/.test(reason) ? `${lives} workers ended, or were cut off, while they marked it` : reason;
}

function begin(wanted: Wanted | undefined, { watcher }: CollectOptions): void {
  if (!wanted || wanted.begun) return;
  wanted.begun = true;
  for (const submission of wanted.by) watcher?.begun(submission);
}

/** Servers that are rented often do not tell who is connected. */
async function isDeserted(queue: Queue): Promise<boolean> {
  return await queue.getWorkersCount().then(
    count => count === 0,
    () => false,
  );
}
