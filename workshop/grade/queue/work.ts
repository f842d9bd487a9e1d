// A worker: takes orders from the queue, marks, and hands the marks back, until it is told to stop. Any number of them may run, on any hosts.
//
// What happens to an order is BullMQ's: a worker holds a lock on what it marks and renews it; where a lock has run out, the worker is dead, and
// the others' regular look gives its order to one of them. Only who holds the lock can answer, so a worker that was thought dead and comes back
// late is not heard, and each order has one answer.
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { BadOrder, carryOut, type Marker, type Order, versionOf } from '../afar/order.ts';
import type { Mark } from '../types.ts';
import type { Address } from './address.ts';
import { connect } from './connect.ts';
import { queueName } from './name.ts';

/** Milliseconds. */
export interface Pace {
  /** How long a worker that says nothing is believed to be alive. */
  lock: number;
  /** Between two looks for the orders of dead workers. */
  look: number;
  /** How long a worker that is to stop goes on with what it has begun, before it gives it back. */
  grace: number;
}

/** `docker stop` waits ten seconds, Kubernetes thirty. */
const pace: Pace = { lock: 30_000, look: 15_000, grace: 7_000 };

/** How many workers may die of one order. */
export const lives = 3;

export interface WorkOptions {
  address: Address;
  marker: Marker;
  /** How many at once. */
  jobs: number;
  signal: AbortSignal;
  say: (line: string) => void;
  pace?: Partial<Pace>;
}

/** Returns when `signal` says so, and what was begun is finished or given back. */
export async function work({ address, marker, jobs, signal, say, pace: wished }: WorkOptions): Promise<void> {
  const { lock, look, grace } = { ...pace, ...wished };
  const line = await connect(address, say);
  const giveBack = new AbortController();

  const handle = async (
    job: Job<Order, Mark>,
    token: string | undefined,
    lost: AbortSignal | undefined,
  ): Promise<Mark> => {
    const short = job.id?.slice(-12);
    say(`${short} begun`);
    try {
      const mark = await carryOut(job.data, marker, AbortSignal.any([giveBack.signal, ...(lost ? [lost] : [])]));
      say(`${short} marked in ${(mark.milliseconds / 1000).toFixed(1)} s`);
      return mark;
    } catch (error) {
      if (giveBack.signal.aborted) {
        await job.moveToWait(token);
        say(`${short} given back`);
        throw new WaitingError();
      }
      say(`${short} not marked: ${(error as Error).message}`);
      throw error instanceof BadOrder ? new UnrecoverableError(error.message) : error;
    }
  };
  const worker = new Worker<Order, Mark>(queueName(versionOf(marker)), handle, {
    connection: line.client,
    concurrency: jobs,
    autorun: false,
    name: `${hostname()}:${process.pid}`,
    lockDuration: lock,
    stalledInterval: look,
    maxStalledCount: lives - 1,
    drainDelay: 2,
  });
  // Another has our order now: to go on would be for nothing.
  worker.on('lockRenewalFailed', ids => {
    for (const id of ids) worker.cancelJob(id);
  });
  // The line itself says when it is down; what else there is, is one order's.
  worker.on('error', error => {
    if (!/ECONN|Connection is closed|Command timed out/.test(error.message)) say(error.message);
  });

  const running = worker.run();
  say(`takes submissions from ${address.shown}, ${jobs} at once`);
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  say('stops: takes nothing new');
  const timer = setTimeout(() => giveBack.abort(new Error('this worker stops')), grace);
  // A server that is away cannot be told; its orders' locks run out by themselves.
  await Promise.race([worker.close().then(() => running), sleep(grace + 3000, undefined, { ref: false })]);
  clearTimeout(timer);
  line.close();
}
