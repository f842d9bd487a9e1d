// A connection that is known to work: somebody answers, lets us in, and takes what we write. What is wrong is said before any work is done.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Address } from './address.ts';
import { explain } from './explain.ts';

export interface Line {
  client: Redis;
  /** Cuts it, whatever it is waiting for. */
  close(): void;
}

/** Throws a UserError when the server is not there, or not for us. Later on it waits for a server that is away, and says so. */
export async function connect(address: Address, say: (line: string) => void): Promise<Line> {
  await probe(address);
  let away = false;
  const client = new Redis({
    ...address.options,
    // BullMQ's wish: a command waits for the server's return.
    maxRetriesPerRequest: null,
    retryStrategy: times => Math.min(250 * times, 5000),
  });
  client.on('error', () => {
    if (!away) say(`${address.shown} does not answer; trying again until it does`);
    away = true;
  });
  client.on('ready', () => {
    if (away) say(`${address.shown} is back`);
    away = false;
  });
  return { client, close: () => client.disconnect() };
}

async function probe(address: Address): Promise<void> {
  const client = new Redis({
    ...address.options,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5000,
    enableOfflineQueue: false,
  });
  // The first is the cause; what comes after it is that the connection is closed.
  let cause: Error | undefined;
  client.on('error', error => {
    cause ??= error;
  });
  try {
    await client.connect();
    await client.select(address.options.db ?? 0);
    for (let tries = 0; /loading:1/.test(await client.info('persistence')) && tries < 100; tries++) await sleep(200);
    await client.set(`boxwright:probe:${process.pid}`, '', 'PX', 1000);
  } catch (error) {
    throw explain(cause ?? error, address);
  } finally {
    client.disconnect();
  }
}
