// One conversation with one machine: start it, give the order, carry bytes, hear the status, end it. There are four ways to
// end early (time, interrupt, no reader, a dead machine), and after each nothing is left running.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { BootFailure, GuestStopped } from './failures.ts';
import type { Machine } from './machine.ts';
import type { GuestOptions } from './options.ts';
import { removeOwned } from './owned.ts';
import { endMachine, killGroup, noteMachine } from './processes.ts';
import { feed, inputOf, type Sink } from './streams.ts';
import { frameReader, type Order, orderFrame } from './wire.ts';

export interface Session {
  machine: Machine;
  order: Order;
  options: GuestOptions;
  folder: string;
  sinks: { out: Sink; err: Sink };
  /** Aborted when our own stdout or stderr has lost its reader. */
  closed: AbortSignal;
}

const timeIsUp = 124;
const noReader = 128 + constants.signals.SIGPIPE;

export async function converse({ machine, order, options, folder, sinks, closed }: Session): Promise<number> {
  // A process group of its own: the terminal's Ctrl-C reaches only us, and one signal reaches all that it consists of.
  const child = spawn(machine.program, machine.args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: { PATH: process.env.PATH, ...machine.env },
  });
  const wire = child.stdio[3] as Socket;
  const log = tail([child.stdout, child.stderr]);
  const timers: NodeJS.Timeout[] = [];
  const source = inputOf(options);
  let feeding: ReturnType<typeof feed> | undefined;

  const onExit = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
    removeOwned(folder);
  };
  process.once('exit', onExit);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let booted = false;
  const onAbort = (): void => reject(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  closed.addEventListener('abort', () => resolve(noReader), { once: true });

  const after = (seconds: number, action: () => void): void => void timers.push(setTimeout(action, seconds * 1000));
  after(machine.bootSeconds, () => reject(new BootFailure(`did not boot within ${machine.bootSeconds} s`, log())));
  if (options.timeout) after(options.timeout, () => resolve(timeIsUp));
  child.once('error', error => reject(new BootFailure(`could not be started: ${error.message}`, '')));
  // The last frames may still be on their way when the machine is gone.
  const onGone = (): void => after(0.2, () => reject(gone(booted, log())));
  child.once('exit', onGone);

  const pass = (sink: Sink, data: Buffer): void => {
    if (!sink.write(data, () => wire.resume())) wire.pause();
  };
  wire.on('error', () => {});
  wire.on(
    'data',
    frameReader((type, data) => {
      if (type === 'O') pass(sinks.out, data);
      if (type === 'E') pass(sinks.err, data);
      if (type === 'A') feeding?.taken();
      if (type === 'X') resolve(data[0] ?? 0);
      if (type === 'F') reject(new GuestStopped(`could not make the command's world: ${data}`, log()));
      if (type === 'R') {
        booted = true;
        clearTimeout(timers[0]);
        wire.write(orderFrame({ ...order, stdin: source !== null }));
        if (source) feeding = feed(wire, source);
      }
    }),
  );

  try {
    if (child.pid !== undefined) noteMachine(folder, child.pid, machine.cpu);
    return await promise;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    feeding?.stop();
    child.off('exit', onGone);
    await endMachine(child);
    wire.destroy();
    process.off('exit', onExit);
  }
}

function gone(booted: boolean, log: string): GuestStopped {
  return booted ? new GuestStopped('stopped before its command had ended', log) : new BootFailure('did not boot', log);
}

/** The last lines that the machine itself wrote: the kernel's messages, or the emulator's complaint. */
function tail(streams: (Readable | null)[]): () => string {
  let text = '';
  for (const stream of streams) {
    stream?.on('data', (data: Buffer) => {
      text = (text + data.toString('latin1')).slice(-16384);
    });
  }
  return () => text.replaceAll('\r', '').trimEnd().split('\n').slice(-15).join('\n');
}
