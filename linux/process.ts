// A process on a wire: a fresh, single-threaded process that makes the system calls it is told to, one awaited call at a
// time, until execve replaces it with the container's command. helper-c/main.c is the program at the other end.
import { type ChildProcess, spawn } from 'node:child_process';
import { channel as diagnostics } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Above, Call } from './call.ts';
import { Calls } from './calls.ts';
import { Channel } from './channel.ts';
import { SYS } from './constants.ts';
import { WireError } from './errors.ts';
import { isDescendant, translatePid } from './family.ts';
import { type Entry, executes, type Frame, settle } from './frame.ts';
import { type Argument, type Prepared, prepare, prepareClone, prepareFork } from './memory.ts';
import { encodeFrame, type WireReply } from './wire.ts';

/** What a standard descriptor is: this process's own, nothing, a pipe to this process, or a descriptor's number. */
export type Stdio = 'inherit' | 'ignore' | 'pipe' | number;

export interface StartOptions {
  /** Standard input, output, error. Inherited when absent. */
  stdio?: [Stdio, Stdio, Stdio];
  /** Further descriptors, which become 4, 5, … */
  pass?: Stdio[];
  /** How many handles may come of it: one, and one more for each fork(). 1 when absent. */
  wires?: number;
  /** Keep every call in `trace`. On when absent; off for a process that makes many thousands. */
  trace?: boolean;
}

/** How a process ended: exactly one of the two is not null. */
export interface Exit {
  /** 0 to 255 */
  code: number | null;
  /** 'SIGKILL', … */
  signal: NodeJS.Signals | null;
}

/** What a handle is made of. */
interface Parts {
  child: ChildProcess;
  exited: Promise<Exit>;
  streams: (Socket | null)[];
  spare: number[];
  /** The descriptor of its wire, in the helper and among the streams. */
  wire: number;
  pid: number;
  trace: boolean;
}

/** Published on the diagnostics channel 'boxwright:process', with the Process, at every start. */
const started = diagnostics('boxwright:process');

const helper = fileURLToPath(new URL('../helper-c/build/boxwright-helper', import.meta.url));

export class Process extends Calls {
  /** The process that makes the calls, as this process's /proc numbers it. After `clone`, the child. */
  pid: number;
  /**
   * Settles when it has ended; after `clone`, the supervisor ends as the child did. Never rejects. For what fork() returned:
   * when the process that was started has, since only its parent learns how a process ended (wait4).
   */
  readonly exited: Promise<Exit>;
  /** Every call so far, in order. */
  readonly trace: Call[] = [];

  readonly #child: ChildProcess;
  readonly #stdio: (Socket | null)[];
  /** The descriptors of wires that are still to be had by fork(). */
  readonly #spare: number[];
  readonly #forked: boolean;
  readonly #channel: Channel;
  #keepTrace: boolean;
  /** Calls of a frame that is being put together; null outside `together`. */
  #frame: Frame | null = null;

  /** Starts the helper. Its environment is empty; it inherits what descriptors Node itself was given, as any child does. */
  static async start(options: StartOptions = {}): Promise<Process> {
    const box = Process.#takeReady(options) ?? (await Process.#launch(options));
    started.publish(box);
    return box;
  }

  /** Processes that wait for somebody to start one, in the folder that was the current one. */
  static readonly #ready: { box: Process; cwd: string }[] = [];

  /**
   * Starts so many processes ahead: the next start() calls that ask for nothing special take one of them and need not wait.
   * For who starts many and has time in between, an engine; to be called again when some have been taken. They do not keep
   * Node running, and end with it.
   */
  static async keepReady(count: number): Promise<void> {
    const missing = Math.max(0, count - Process.#ready.length);
    const launches = Array.from({ length: missing }, async () => {
      const box = await Process.#launch({ trace: false });
      await box.syscall('getpid');
      box.#hold(false);
      Process.#ready.push({ box, cwd: process.cwd() });
    });
    await Promise.all(launches);
  }

  static #takeReady({ stdio, pass, wires = 1, trace = true }: StartOptions): Process | null {
    const special = stdio?.some(each => each !== 'inherit') || pass?.length || wires > 1;
    const at = special ? -1 : Process.#ready.findIndex(({ cwd }) => cwd === process.cwd());
    const box = at < 0 ? undefined : Process.#ready.splice(at, 1)[0]?.box;
    if (!box || box.#child.exitCode !== null || box.#child.signalCode !== null) return null;
    box.#hold(true);
    box.#keepTrace = trace;
    return box;
  }

  /** Whether Node waits for its end before it ends itself. */
  #hold(wanted: boolean): void {
    for (const each of [this.#child, this.#stdio[3]]) wanted ? each?.ref() : each?.unref();
  }

  static async #launch(options: StartOptions): Promise<Process> {
    if (process.platform !== 'linux') {
      throw new WireError(`system calls of Linux need a Linux kernel, and this is ${process.platform}`);
    }
    const [stdin, stdout, stderr] = options.stdio ?? ['inherit', 'inherit', 'inherit'];
    const pass = options.pass ?? [];
    const spare = Array.from({ length: (options.wires ?? 1) - 1 }, (_, i) => 4 + pass.length + i);
    const stdio = [stdin, stdout, stderr, 'pipe', ...pass, ...spare.map(() => 'pipe' as const)] satisfies Stdio[];
    const child = spawn(helper, [], { env: {}, stdio });
    if (child.pid === undefined) {
      const error = await new Promise<NodeJS.ErrnoException>(resolve => child.once('error', resolve));
      throw new WireError(`the helper cannot be started: ${error.message} (\`make -C helper-c\` builds it)`);
    }
    const exited = new Promise<Exit>(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
    // When a child ends, Node throws away what nobody has begun to read of the streams that it finds there.
    const streams = (child.stdio as unknown as (Socket | null)[]).splice(0);
    // A wire that nobody took is nobody's to close.
    exited.then(() => spare.map(fd => streams[fd]?.destroy()));
    return new Process({ child, exited, streams, spare, wire: 3, pid: child.pid, trace: options.trace ?? true });
  }

  private constructor(parts: Parts) {
    super();
    this.#child = parts.child;
    this.#stdio = parts.streams;
    this.#spare = parts.spare;
    this.#forked = parts.wire !== 3;
    this.#keepTrace = parts.trace;
    this.#channel = new Channel(parts.streams[parts.wire] as Socket);
    this.pid = parts.pid;
    this.exited = parts.exited;
  }

  /** This end of a standard descriptor, or of one passed, that was started as 'pipe'. */
  get stdin(): Writable | null {
    return this.#stdio[0] ?? null;
  }
  get stdout(): Readable | null {
    return this.#stdio[1] ?? null;
  }
  get stderr(): Readable | null {
    return this.#stdio[2] ?? null;
  }
  passed(fd: number): Socket {
    return this.#stdio[fd] as Socket;
  }

  /**
   * Puts the calls that `make` makes into one frame: the helper performs them with nothing read or written in between,
   * and leaves out the rest when one fails. For calls that take away the helper's own means, and for speed.
   */
  async together(make: () => unknown): Promise<void> {
    if (this.#frame) throw new Error('together() is already putting a frame together');
    const frame: Frame = { entries: [], mistake: null };
    this.#frame = frame;
    let made: unknown;
    try {
      made = make();
    } catch (error) {
      frame.mistake ??= error as Error;
    } finally {
      this.#frame = null;
    }
    // The frame's first failure is what this call throws; what `make` returns may reject with it once more.
    Promise.resolve(made).catch(() => {});
    if (frame.mistake) {
      for (const { call, reject } of frame.entries) reject(new WireError(`${call.text}: not made`));
      throw frame.mistake;
    }
    if (frame.entries.length > 0) {
      const failure = await new Promise<Error | null>(resolve => this.#send(frame.entries, resolve));
      if (failure) throw failure;
    }
    await made;
  }

  /** Sends a frame that was put together elsewhere (batch.ts), of calls that are not kept in `trace`. */
  frame(bytes: Uint8Array): Promise<WireReply> {
    return new Promise((resolve, reject) => {
      this.#channel.send(bytes, false, answer => {
        if (answer === 'executed')
          reject(new WireError('execve has succeeded: the process makes no more calls for us'));
        else if ('gone' in answer) reject(new WireError(answer.gone));
        else resolve(answer);
      });
    });
  }

  /**
   * Sends a signal. After `clone` it goes to the supervisor, which passes it on, except for SIGKILL, which cannot be
   * passed on and goes to the process itself. False when it has ended already.
   */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
    const apart = (this.#forked || signal === 'SIGKILL') && this.pid !== this.#child.pid;
    const direct = apart && isDescendant(this.pid, this.#child.pid ?? 0);
    if (this.#forked && !direct) return false;
    if (!direct) return this.#child.kill(signal);
    try {
      return process.kill(this.pid, signal);
    } catch {
      // It ended between the question and the signal.
      return false;
    }
  }

  /** Ends it, whatever it is doing, and waits until it is gone. */
  async end(): Promise<Exit> {
    this.kill('SIGKILL');
    this.#channel.close();
    const gone = await Promise.race([this.exited, new Promise(resolve => setTimeout(resolve, 1000, null).unref())]);
    // The container is gone or out of reach: what is left is the supervisor.
    if (gone === null) this.#child.kill('SIGKILL');
    return this.exited;
  }

  /** clone(2): the child takes over; this handle drives it from now on, and the parent stays as its supervisor. */
  clone(flags: number, cgroup = -1): Promise<number> {
    const call = new Call('clone', [flags], this.clone);
    return this.#perform(call, () => prepareClone(flags, cgroup));
  }

  /**
   * fork(2): this handle goes on with the parent, and the one that is returned drives the child. For it the process must have
   * been started with one more of `wires`. Whoever forks must reap: wait4(2).
   */
  async fork(): Promise<Process> {
    const wire = this.#spare.shift();
    if (wire === undefined) throw new WireError('fork(): start the process with one more wire: { wires: 2 }');
    const pid = await this.#perform(new Call('fork', [], this.fork), () => prepareFork(wire));
    const child = new Process({
      ...{ child: this.#child, exited: this.exited, streams: this.#stdio, spare: [], wire },
      ...{ pid: translatePid(this.pid, pid), trace: this.#keepTrace },
    });
    started.publish(child);
    return child;
  }

  protected call<T = number>(
    name: string,
    args: readonly Argument[],
    above: Above,
    use?: (value: number) => T,
  ): Promise<T> {
    return this.#perform(
      new Call(name, args, above),
      stopOnError => {
        const number = SYS[name];
        if (number !== undefined) return prepare(number, args, stopOnError);
        throw new TypeError(`there is no system call ${name} on ${process.arch} (man 2 syscalls)`);
      },
      use,
    );
  }

  #perform<T = number>(call: Call, bytes: (stopOnError: boolean) => Prepared, use?: (value: number) => T): Promise<T> {
    const frame = this.#frame;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (frame) promise.catch(() => {});
    try {
      const before = frame?.entries.at(-1)?.call.name ?? '';
      if (['clone', 'fork'].includes(before)) throw new Error(`${before}() must be the last call of its frame`);
      const prepared = bytes(frame !== null);
      const entry = { call, prepared, resolve: (value: number) => resolve(use ? use(value) : (value as T)), reject };
      if (this.#keepTrace) this.trace.push(call);
      if (frame) frame.entries.push(entry);
      else this.#send([entry]);
    } catch (error) {
      // Arguments that no call can take: reported as a failed call is, by the promise.
      if (frame) frame.mistake ??= error as Error;
      reject(error);
    }
    return promise;
  }

  #send(entries: Entry[], done?: (failure: Error | null) => void): void {
    const frame = encodeFrame(entries.map(entry => entry.prepared));
    this.#channel.send(frame, entries.some(executes), answer => {
      for (const { call } of entries) call.pid = this.pid;
      const failure = settle(entries, answer);
      const last = entries.at(-1)?.call;
      // Now and not later: answers to calls that were sent behind the clone may have arrived with this one.
      if (last?.name === 'clone' && last.result && last.result > 0) this.pid = translatePid(this.pid, last.result);
      done?.(failure);
    });
  }
}
