// Runs one command in a machine of its own: from finding the kernel to removing the last trace.
import { tmpdir } from 'node:os';
import { UserError } from '../errors.ts';
import { pinned } from './cpu.ts';
import { BootFailure } from './failures.ts';
import { chooseKernel, type Kernel } from './features.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { type GuestOptions, makeOrder } from './options.ts';
import { makeOwned, removeOwned } from './owned.ts';
import type { Progress } from './packages.ts';
import { runPrefix, sweepMachines, takenCpus } from './processes.ts';
import { findQemu, hasKvm, qemuMachine, qemuPackage } from './qemu.ts';
import { converse } from './session.ts';
import { type GuestFiles, setUp } from './setup.ts';
import { placeFor, runBy, strangerFor } from './stranger.ts';
import { collector, passer, type Sink, teller } from './streams.ts';
import { umlMachine } from './uml.ts';

export interface GuestResult {
  /**
   * The command's exit status, or 128 and the number of the signal that ended it. 124 when the time was up, 125 when the
   * command could not be started as ordered, 126 when it cannot be executed, 127 when there is none of that name.
   */
  status: number;
  /** With `stdio: 'pipe'`. */
  stdout?: string;
  stderr?: string;
}

const defaultMemory = 1024;

/**
 * Runs a command as root in a throw-away virtual machine over the host's own files, and returns how it ended. A machine
 * that cannot boot, or that stops before its command has ended, is a UserError with the kernel's last words.
 */
export async function runInGuest(command: string[], options: GuestOptions = {}): Promise<GuestResult> {
  if (command.length === 0) throw new UserError('no command given', 'name one: guest -- CMD ARGS…', 2);
  const kernel = chooseKernel(options.kernel, options.needs ?? []);
  options.signal?.throwIfAborted();
  const files = await prepare(kernel, options.progress ?? (() => {}));
  const order = makeOrder(command, options, files, kernel);

  sweepMachines();
  const folder = makeOwned(tmpdir(), runPrefix);
  const closed = new AbortController();
  const sinks = makeSinks(options, () => closed.abort());
  try {
    const memory = options.memory ?? defaultMemory;
    const stranger = options.stranger ? strangerFor(files, folder) : null;
    const place = stranger === null ? folder : placeFor(stranger, folder);
    const machines = candidates(kernel, { files, memory, folder: place, shares: order.shares });
    const status = await firstToBoot(machines, machine =>
      converse({
        machine: stranger === null ? machine : runBy(stranger, machine),
        order,
        options,
        folder,
        sinks,
        closed: closed.signal,
      }),
    );
    return { status, stdout: sinks.out.text?.(), stderr: sinks.err.text?.() };
  } finally {
    // First: a reader who has gone may end this process while the rest is still being written.
    removeOwned(folder);
    await Promise.all([sinks.out.close(), sinks.err.close()]);
  }
}

/** Everything that a kernel needs, made where it is missing. QEMU itself is the one thing that only root can install. */
export async function prepare(kernel: Kernel, progress: Progress): Promise<GuestFiles> {
  if (process.platform !== 'linux') {
    throw new UserError('a guest runs on Linux only', 'use the Vagrant machine (vagrant/)');
  }
  if (kernel === 'qemu' && !findQemu()) {
    throw new UserError(
      'this guest needs QEMU, which is not installed',
      `run \`apt-get install --no-install-recommends ${qemuPackage()}\` as root, or \`npx boxwright guest --setup --kernel qemu\``,
    );
  }
  return await setUp(kernel, progress);
}

/** KVM is tried where there is one, although not every machine that has it can boot a kernel with it. */
function candidates(kernel: Kernel, options: MachineOptions): Machine[] {
  if (kernel === 'uml') return [pinned(umlMachine(options), takenCpus())];
  return hasKvm() ? [qemuMachine(options, true), qemuMachine(options, false)] : [qemuMachine(options, false)];
}

async function firstToBoot(machines: Machine[], run: (machine: Machine) => Promise<number>): Promise<number> {
  const [machine, ...others] = machines;
  if (!machine) throw new Error('no machine to boot');
  try {
    return await run(machine);
  } catch (error) {
    if (!(error instanceof BootFailure) || others.length === 0) throw error;
    return await firstToBoot(others, run);
  }
}

function makeSinks({ stdio }: GuestOptions, onClosed: () => void): { out: Sink; err: Sink } {
  if (typeof stdio === 'object') return { out: teller(stdio.out), err: teller(stdio.err) };
  if (stdio !== 'inherit') return { out: collector(), err: collector() };
  return { out: passer(process.stdout, onClosed), err: passer(process.stderr, onClosed) };
}
