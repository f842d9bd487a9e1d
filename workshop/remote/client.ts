// The worker in a guest, as this machine talks to it. One guest a kernel, booted when it is first needed, kept warm, and gone
// with this process: the end of its input is its end, even if we are killed.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { UserError } from '../errors.ts';
import type { Kernel } from '../guest/index.ts';
import { home } from '../paths.ts';
import type { StageTold } from '../stage/far.ts';
import type { Answer, Operation, Operations } from './protocol.ts';

export interface Worker {
  /** Rejects with the worker's error, or with a UserError when the guest has ended. */
  ask<O extends Operation>(op: O, args: Operations[O][0]): Promise<Operations[O][1]>;
  /** What is told of a stage whose number this is; null when the guest has ended. Returns what ends it. */
  hear(stage: number, listener: (told: StageTold | null) => void): () => void;
}

const workers = new Map<Kernel, Worker>();

export function openWorker(kernel: Kernel): Worker {
  let worker = workers.get(kernel);
  if (!worker) {
    worker = start(kernel, () => workers.delete(kernel));
    workers.set(kernel, worker);
  }
  return worker;
}

function start(kernel: Kernel, onEnd: () => void): Worker {
  const command = [process.execPath, '--no-warnings', `${home}/workshop/remote/worker.ts`];
  const guest = [`${home}/workshop/boxwright.mjs`, 'guest', '--kernel', kernel, '--cwd', home, '--', ...command];
  // A group of its own: a Ctrl-C is ours to hear, and ends the guest by our end.
  const child = spawn(process.execPath, guest, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const streams = [child.stdin, child.stdout] as unknown as Socket[];
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const stages = new Map<number, (told: StageTold | null) => void>();
  let last = 0;

  /** Waiting for an answer keeps this process going; a guest that stands ready does not. */
  const hold = () => {
    for (const each of [child, ...streams]) waiting.size + stages.size > 0 ? each.ref() : each.unref();
  };
  const finish = (id: number) => {
    const request = waiting.get(id);
    waiting.delete(id);
    hold();
    return request;
  };

  createInterface({ input: child.stdout }).on('line', line => {
    const answer = JSON.parse(line) as Answer;
    if ('stage' in answer) {
      stages.get(answer.stage)?.(answer.told);
      return;
    }
    const request = finish(answer.id);
    if ('value' in answer) request?.resolve(answer.value as never);
    else request?.reject(Object.assign(new Error(answer.error.message), { stack: answer.error.stack }));
  });
  child.stdin.on('error', () => {});
  child.once('exit', code => {
    onEnd();
    const next = 'see what it says above, and try `npx boxwright guest -- true`';
    for (const id of waiting.keys()) finish(id)?.reject(new UserError(`the guest has ended (${code})`, next));
    for (const listener of [...stages.values()]) listener(null);
  });

  return {
    ask(op, args) {
      const id = ++last;
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      waiting.set(id, { resolve, reject });
      hold();
      child.stdin.write(`${JSON.stringify({ id, op, args })}\n`);
      return promise;
    },
    hear(stage, listener) {
      stages.set(stage, listener);
      hold();
      return () => {
        stages.delete(stage);
        hold();
      };
    },
  };
}
