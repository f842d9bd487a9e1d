// A victim under watch: each task has an end, in time and within its memory, whatever it does.
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beside } from './case.ts';
import type { Ended, Task } from './victim.ts';

/** No case takes a tenth of that time; a machine that has much else to do may be slow. */
export const limits = { milliseconds: 120_000, memory: 300 << 20 };

/** How a task ended, and what it took. `fault` is what no task may end in. */
export interface Outcome extends Ended {
  fault?: string;
  /** Of the process and all that it started, at its highest. Bytes. */
  memory: number;
}

export class Victim {
  #child: ChildProcess | null = null;
  #descriptors = 0;
  /** Whose process it is. */
  readonly user: number;
  #output = '';

  constructor(user: number) {
    this.user = user;
  }

  async perform(task: Task): Promise<Outcome> {
    this.#child ??= await this.#start();
    const child = this.#child;
    const pid = child.pid ?? 0;
    let memory = 0;
    let fault: string | undefined;
    const end = (why: string) => {
      fault ??= why;
      for (const each of [...family(pid)].reverse()) kill(each);
    };
    const watch = setInterval(() => {
      memory = Math.max(
        memory,
        [...family(pid)].reduce((sum, each) => sum + resident(each), 0),
      );
      if (memory > limits.memory) end(`it took ${memory >> 20} MB of memory`);
    }, 20);
    const clock = setTimeout(() => end(`it had not ended after ${limits.milliseconds} ms`), limits.milliseconds);
    try {
      const ended = await new Promise<Ended>((resolve, reject) => {
        child.once('message', message => resolve(message as Ended));
        child.once('exit', (code, signal) => reject(new Error(`it crashed: ${code ?? signal} ${this.#output}`)));
        child.send(task);
      });
      const left = await this.#left(pid);
      // What one task leaves to the collector of garbage is not to count for the next.
      if (resident(pid) > limits.memory / 2) this.end();
      return { ...ended, memory, ...left };
    } catch (error) {
      this.#child = null;
      return { memory, fault: fault ?? (error as Error).message };
    } finally {
      clearInterval(watch);
      clearTimeout(clock);
      child.removeAllListeners('message').removeAllListeners('exit');
    }
  }

  /** What it has left in itself: processes, or descriptors. */
  async #left(pid: number): Promise<{ fault?: string }> {
    // What is on its way out may take a busy machine long.
    for (let tries = 0; tries < 4000 && [...family(pid)].length > 1; tries++) await pause(5);
    const processes = [...family(pid)].length - 1;
    if (processes > 0) return { fault: `it left ${processes} processes` };
    const count = () => readdirSync(`/proc/${pid}/fd`).length;
    for (let tries = 0; tries < 4000 && count() > this.#descriptors; tries++) await pause(5);
    const more = count() - this.#descriptors;
    this.#descriptors = Math.max(this.#descriptors, count());
    return more > 0 ? { fault: `it left ${more} descriptors open` } : {};
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(fileURLToPath(new URL('victim.ts', import.meta.url)), {
      execArgv: ['--conditions=solution', '--no-warnings', '--max-old-space-size=128'],
      ...{ cwd: beside, uid: this.user, gid: this.user, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    });
    this.#output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', data => {
        if (this.#output.length < 2000) this.#output += data;
      });
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`the victim does not start: ${this.#output}`)));
    });
    child.removeAllListeners('exit');
    // What Node opens with the first task stays: some descriptors more are not a leak.
    this.#descriptors = readdirSync(`/proc/${child.pid}/fd`).length + 12;
    return child;
  }

  /** What it has printed, which is nobody's business to do. */
  takeOutput(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

const pause = (milliseconds: number) => new Promise(next => setTimeout(next, milliseconds));

/** A process and all below it. */
function* family(pid: number): Generator<number> {
  yield pid;
  for (const thread of tryList(`/proc/${pid}/task`))
    for (const child of tryRead(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean))
      yield* family(Number(child));
}

const resident = (pid: number) => Number(/^VmRSS:\s+(\d+)/m.exec(tryRead(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tryList(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
