// Lesson 08: its own process table. Read README.md beside this file; save, and watch the verdict.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts, populate } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { type Spec as IpcSpec, mountIpc, ownIpc } from '#07-ipc';
import { build, CLONE, into, type Process, SI, SIG, SIG_, SyscallError, W, WireError } from '#linux';

export interface Spec extends IpcSpec {
  /** Process 1 is an init, yours, and the command is its child. Without it the command is process 1. `docker run --init` */
  init?: boolean;
}

/** A pid namespace of its own: from now on the handle drives process 1 of it. pid_namespaces(7) */
export async function ownProcesses(box: Process): Promise<void> {
  // A process keeps its number for life: a new namespace is for children, and process 1 must be born in it.
  await box.clone(CLONE.NEWPID);
}

/** A set of signals as the kernel has it, a bit for each of the 64. This is all of them. */
const everySignal = new Uint8Array(8).fill(0xff);

/**
 * Process 1 becomes an init, and its child the command. Resolves when `become` has, with the init at work from then on. When
 * the command cannot be started, throws what `become` threw.
 */
export async function underInit(init: Process, become: (command: Process) => Promise<void>): Promise<void> {
  // A blocked signal waits to be asked for. Blocked before there is a child, so that not even the first SIGCHLD is lost.
  const before = new Uint8Array(8);
  await init.syscall('rt_sigprocmask', SIG_.SETMASK, everySignal, into(before), 8);

  const command = await init.fork();
  const pid = await command.syscall('getpid');
  await command.syscall('rt_sigprocmask', SIG_.SETMASK, before, null, 8);
  // The command loses the host's descriptors when it is executed. Init never is, and the wire on 3 is all that it needs.
  await init.close_range(4, 0xffff_ffff);

  await become(command);
  serve(init, pid);
}

/** Init's work, until the command has ended. Nobody awaits it: what it waits for may come in a year. */
function serve(init: Process, command: number): void {
  const work = async () => {
    for (;;) await handle(init, command, await nextSignal(init));
  };
  work().catch(async error => {
    // The wire closes when process 1 has ended. A call that was refused ends it.
    if (error instanceof WireError) return;
    await init.end();
    throw error;
  });
}

/** Waits until somebody sends process 1 a signal, and takes it: its number. sigwaitinfo(2) */
async function nextSignal(init: Process): Promise<number> {
  for (;;) {
    try {
      const info = new Uint8Array(128);
      const signal = await init.syscall('rt_sigtimedwait', everySignal, into(info), null, 8);
      // siginfo_t: the number, an errno, who sent it. What a terminal sends (Ctrl-C), the command beside us has as well.
      if (new Int32Array(info.buffer)[2] !== SI.KERNEL) return signal;
    } catch (error) {
      // Stopped or frozen, and continued.
      if (!(error instanceof SyscallError && error.code === 'EINTR')) throw error;
    }
  }
}

/** What an init does about a signal. */
async function handle(init: Process, command: number, signal: number): Promise<void> {
  if (signal === SIG.SIGCHLD) await reap(init, command);
  else await init.syscall('kill', command, signal);
}

/**
 * Takes away every zombie there is, for one SIGCHLD may stand for many. When the command is among them, init ends as it did,
 * in a shell's number: its status, or 128 + n for signal n. wait4(2), wait(2)
 */
async function reap(init: Process, command: number): Promise<void> {
  const status = new Uint8Array(4);
  for (;;) {
    const pid = await init.syscall('wait4', -1, into(status), W.NOHANG, null);
    if (pid === 0) return;

    const [signal = 0, code = 0] = [(status[0] ?? 0) & 0x7f, status[1]];
    if (pid === command) await init.syscall('exit_group', signal ? 128 + signal : code);
  }
}

/** The container so far: it sees no process but its own, and what it kills is its own. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  const steps = async (box: Process) => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    await ownProcesses(box);
    const rootfs = spec.root ?? (await mountLayers(box, spec.layers, folder));
    await populate(box, rootfs);
    await mountIpc(box, rootfs, spec.shmSize);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    if (spec.init) await underInit(box, command => execute(command, spec));
    else await execute(box, spec);
  };
  return build(steps, { wires: spec.init ? 2 : 1 });
}
