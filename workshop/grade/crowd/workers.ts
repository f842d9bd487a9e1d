// A queue, and two workers that take from it, of whom now and then one is killed in the middle of what it does and another comes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { home } from '../../paths.ts';
import { startServer } from '../queue/kit.ts';
import type { Chance } from './chance.ts';

export interface Workers {
  /** For the one who asks: where the queue is. */
  env: Record<string, string>;
  /** Ends all; how many were killed before. */
  end(): Promise<number>;
}

/** `every`: seconds between two killings, on average. */
export async function startWorkers(env: NodeJS.ProcessEnv, every: number, chance: Chance): Promise<Workers> {
  const server = await startServer();
  const queue = { BOXWRIGHT_QUEUE: server.url };
  const start = (): ChildProcess => {
    const args = [`${home}/workshop/boxwright.mjs`, 'grade', '--work', '--jobs', '1'];
    return spawn(process.execPath, args, { env: { ...env, ...queue }, stdio: 'ignore' });
  };
  const workers = [start(), start()];
  const stop = new AbortController();
  let killed = 0;
  const killing = (async () => {
    while (!stop.signal.aborted) {
      await sleep(1000 * every * (0.5 + chance.next()), undefined, { signal: stop.signal });
      const which = Math.floor(chance.next() * workers.length);
      const worker = workers[which] as ChildProcess;
      const gone = once(worker, 'exit');
      worker.kill('SIGKILL');
      await gone;
      killed++;
      workers[which] = start();
    }
  })().catch(error => {
    if (!stop.signal.aborted) throw error;
  });

  return {
    env: queue,
    async end() {
      stop.abort();
      await killing;
      const gone = workers.map(worker => once(worker, 'exit'));
      for (const worker of workers) worker.kill('SIGTERM');
      await Promise.all(gone);
      await server.stop();
      return killed;
    },
  };
}
