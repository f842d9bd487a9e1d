// A process on a wire: a fresh, single-threaded process that makes the system calls it is told to, one awaited call at a
// time, until execve replaces it with the container's command. helper-c/main.c is the program at the other end.
import { type ChildProcess, spawn } from 'node:child_process';
import { channel as diagnostics } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Call } from './call.ts';
import { Channel } from './channel.ts';
import { AT, errnoName, O, S, SYS } from './constants.ts';
import { SyscallError, WireError } from './errors.ts';
import { type Argument, into, type Prepared, prepare, prepareClone } from './memory.ts';
import { readChildren, readStatus } from './proc.ts';
import type { WireReply, WireResult } from './wire.ts';

/** What a standard descriptor is: this process's own, nothing, a pipe to this process, or a descriptor's number. */
export type Stdio = 'inherit' | 'ignore' | 'pipe' | number;

export interface StartOptions {
  /** Standard input, output, error. Inherited when absent. */
  stdio?: [Stdio, Stdio, Stdio];
  /** Further descriptors, which become 4, 5, … */
  pass?: Stdio[];
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

/** Published on the diagnostics channel 'boxwright:process', with the Process, at every start. */
const started = diagnostics('boxwright:process');

const helper = fileURLToPath(new URL('../helper-c/build/boxwright-helper', import.meta.url));

export class Process {
  /** The process that makes the calls, as this process's /proc numbers it. After `clone`, the child. */
  pid: number;
  /** Settles when it has ended; after `clone`, the supervisor ends as the child did. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Every call so far, in order. */
  readonly trace: Call[] = [];

  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #keepTrace: boolean;
  /** Calls of a frame that is being put together; null outside `together`. */
  #frame: Entry[] | null = null;

  /** Starts the helper. Its environment is empty; it inherits what descriptors Node itself was given, as any child does. */
  static async start(options: StartOptions = {}): Promise<Process> {
    if (process.platform !== 'linux') {
      throw new WireError(`system calls of Linux need a Linux kernel, and this is ${process.platform}`);
    }
    const [stdin, stdout, stderr] = options.stdio ?? ['inherit', 'inherit', 'inherit'];
    const child = spawn(helper, [], { env: {}, stdio: [stdin, stdout, stderr, 'pipe', ...(options.pass ?? [])] });
    if (child.pid === undefined) {
      const error = await new Promise<NodeJS.ErrnoException>(resolve => child.once('error', resolve));
      throw new WireError(`the helper cannot be started: ${error.message} (\`make -C helper-c\` builds it)`);
    }
    const box = new Process(child, child.pid, options.trace ?? true);
    started.publish(box);
    return box;
  }

  private constructor(child: ChildProcess, pid: number, keepTrace: boolean) {
    this.#child = child;
    this.#keepTrace = keepTrace;
    this.pid = pid;
    this.#channel = new Channel(child.stdio[3] as Socket);
    this.exited = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /** This end of a standard descriptor, or of one passed, that was started as 'pipe'. */
  get stdin(): Writable | null {
    return this.#child.stdin;
  }
  get stdout(): Readable | null {
    return this.#child.stdout;
  }
  get stderr(): Readable | null {
    return this.#child.stderr;
  }
  passed(fd: number): Socket {
    return this.#child.stdio[fd] as unknown as Socket;
  }

  /** Any system call by its name. Returns what the kernel returned; throws SyscallError at the caller's line. */
  syscall(name: string, ...args: Argument[]): Promise<number> {
    return this.#call(name, args, this.syscall);
  }

  /**
   * Puts the calls that `make` makes into one frame: the helper performs them with nothing read or written in between,
   * and leaves out the rest when one fails. For calls that take away the helper's own means, and for speed.
   */
  async together(make: () => unknown): Promise<void> {
    if (this.#frame) throw new Error('together() is already putting a frame together');
    const frame: Entry[] = [];
    this.#frame = frame;
    try {
      // The frame's first failure is what this call throws; the others' own promises may be left alone.
      void Promise.allSettled([make()]);
    } finally {
      this.#frame = null;
    }
    if (frame.length > 0) await this.#send(frame, true);
  }

  /**
   * Sends a signal. After `clone` it goes to the supervisor, which passes it on, except for SIGKILL, which cannot be
   * passed on and goes to the process itself. False when it has ended already.
   */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
    if (signal === 'SIGKILL' && this.pid !== this.#child.pid && isDescendant(this.pid, this.#child.pid ?? 0)) {
      return process.kill(this.pid, signal);
    }
    return this.#child.kill(signal);
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

  // The calls. Each bears the kernel's name, and `man 2 NAME` is its documentation. Where arm64 has only the newer form
  // with a directory's descriptor (mkdirat for mkdir), that is the call that is made.

  /** clone(2): the child takes over; this handle drives it from now on, and the parent stays as its supervisor. */
  async clone(flags: number, cgroup = -1): Promise<number> {
    const parent = this.pid;
    const call = new Call('clone', [flags], this.clone);
    const pid = await this.#perform(call, prepareClone(flags, cgroup));
    this.pid = translatePid(parent, pid);
    return pid;
  }
  unshare(flags: number) {
    return this.#call('unshare', [flags], this.unshare);
  }
  setns(fd: number, kind = 0) {
    return this.#call('setns', [fd, kind], this.setns);
  }
  mount(source: string | null, target: string, type: string | null, flags = 0, data: string | null = null) {
    return this.#call('mount', [source, target, type, flags, data], this.mount);
  }
  umount2(target: string, flags = 0) {
    return this.#call('umount2', [target, flags], this.umount2);
  }
  pivot_root(newRoot: string, putOld: string) {
    return this.#call('pivot_root', [newRoot, putOld], this.pivot_root);
  }
  chroot(path: string) {
    return this.#call('chroot', [path], this.chroot);
  }
  chdir(path: string) {
    return this.#call('chdir', [path], this.chdir);
  }
  fchdir(fd: number) {
    return this.#call('fchdir', [fd], this.fchdir);
  }
  sethostname(name: string, length = Buffer.byteLength(name)) {
    return this.#call('sethostname', [name, length], this.sethostname);
  }
  setdomainname(name: string, length = Buffer.byteLength(name)) {
    return this.#call('setdomainname', [name, length], this.setdomainname);
  }
  /** open(2), in the form of openat(AT_FDCWD, …). */
  open(path: string, flags: number = O.RDONLY, mode = 0) {
    return this.#call('openat', [AT.FDCWD, path, flags, mode], this.open);
  }
  close(fd: number) {
    return this.#call('close', [fd], this.close);
  }
  close_range(first: number, last: number, flags = 0) {
    return this.#call('close_range', [first, last, flags], this.close_range);
  }
  dup2(from: number, to: number) {
    return this.#call('dup3', [from, to, 0], this.dup2);
  }
  async read(fd: number, count: number): Promise<Buffer> {
    const bytes = Buffer.alloc(count);
    const size = await this.#call('read', [fd, into(bytes), count], this.read);
    return bytes.subarray(0, size);
  }
  write(fd: number, data: string | Uint8Array) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return this.#call('write', [fd, bytes, bytes.length], this.write);
  }
  mkdir(path: string, mode = 0o777) {
    return this.#call('mkdirat', [AT.FDCWD, path, mode], this.mkdir);
  }
  rmdir(path: string) {
    return this.#call('unlinkat', [AT.FDCWD, path, AT.REMOVEDIR], this.rmdir);
  }
  unlink(path: string) {
    return this.#call('unlinkat', [AT.FDCWD, path, 0], this.unlink);
  }
  symlink(target: string, path: string) {
    return this.#call('symlinkat', [target, AT.FDCWD, path], this.symlink);
  }
  link(from: string, to: string) {
    return this.#call('linkat', [AT.FDCWD, from, AT.FDCWD, to, 0], this.link);
  }
  rename(from: string, to: string) {
    return this.#call('renameat2', [AT.FDCWD, from, AT.FDCWD, to, 0], this.rename);
  }
  async readlink(path: string): Promise<string> {
    const bytes = Buffer.alloc(4096);
    const size = await this.#call('readlinkat', [AT.FDCWD, path, into(bytes), bytes.length], this.readlink);
    return bytes.toString('utf8', 0, size);
  }
  /** `mode` with the type (`S.IFCHR | 0o666`), `device` from `makedev`. */
  mknod(path: string, mode: number = S.IFREG | 0o666, device = 0) {
    return this.#call('mknodat', [AT.FDCWD, path, mode, device], this.mknod);
  }
  chmod(path: string, mode: number) {
    return this.#call('fchmodat', [AT.FDCWD, path, mode], this.chmod);
  }
  chown(path: string, uid: number, gid: number) {
    return this.#call('fchownat', [AT.FDCWD, path, uid, gid, 0], this.chown);
  }
  setsid() {
    return this.#call('setsid', [], this.setsid);
  }
  prctl(option: number, ...args: Argument[]) {
    return this.#call('prctl', [option, ...args], this.prctl);
  }
  /**
   * The last call: on success the process is the command now, and the wire is closed. `argv` includes argv[0]; `env` is all
   * of the command's environment.
   */
  execve(path: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const strings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return this.#call('execve', [path, argv, strings], this.execve);
  }

  #call(name: string, args: Argument[], above: (...args: never[]) => unknown): Promise<number> {
    const call = new Call(name, args, above);
    const number = SYS[name];
    if (number === undefined) {
      return Promise.reject(new TypeError(`there is no system call ${name} on ${process.arch} (man 2 syscalls)`));
    }
    try {
      return this.#perform(call, prepare(number, args, this.#frame !== null));
    } catch (error) {
      // Arguments that no call can take: reported as a failed call is, by the promise.
      return Promise.reject(error);
    }
  }

  #perform(call: Call, prepared: Prepared): Promise<number> {
    if (this.#keepTrace) this.trace.push(call);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const entry = { call, prepared, settle: { resolve, reject } };
    if (this.#frame) {
      this.#frame.push(entry);
      promise.catch(() => {});
    } else {
      // #send settles the promise; what it throws is for together().
      this.#send([entry], false).catch(() => {});
    }
    return promise;
  }

  async #send(entries: Entry[], stop: boolean): Promise<void> {
    const execs = entries.at(-1)?.call.name === 'execve' || entries.at(-1)?.call.name === 'execveat';
    let reply: WireReply | 'end';
    try {
      reply = await this.#channel.send(
        entries.map(entry => entry.prepared),
        execs,
      );
    } catch (error) {
      for (const { settle } of entries) settle.reject(error as Error);
      throw error;
    }
    let failure: Error | null = null;
    for (const [i, { call, prepared, settle }] of entries.entries()) {
      call.pid = this.pid;
      const result = reply === 'end' ? { value: 0n, block: new Uint8Array() } : reply.results[i];
      const error = finish(call, prepared, result, reply === 'end' ? 0 : reply.refused);
      if (error) {
        failure ??= error;
        settle.reject(error);
      } else {
        settle.resolve(call.result ?? 0);
      }
    }
    if (failure && stop) throw failure;
  }
}

/** A call on its way. */
interface Entry {
  call: Call;
  prepared: Prepared;
  settle: { resolve(value: number): void; reject(error: Error): void };
}

/** Puts the answer into the call's record and its memory. Returns the error to throw, or null. */
function finish(call: Call, prepared: Prepared, result: WireResult | undefined, refused: number): Error | null {
  if (!result) {
    const why = refused ? `refused by the helper (${errnoName(refused)})` : 'not made, because one before it failed';
    return withStack(new WireError(`${call.text}: ${why}`), call);
  }
  call.result = Number(result.value);
  if (call.failed) return withStack(new SyscallError(call.name, call.text, -call.result), call);
  for (const { at, bytes } of prepared.filled) bytes.set(result.block.subarray(at, at + bytes.length));
  return null;
}

/** The error's stack is the caller's, at the time of the call. */
function withStack(error: Error, call: Call): Error {
  error.stack = `${error.name}: ${error.message}\n${call.stack}`;
  return error;
}

/** The child's pid for this process: `pid` is what its parent calls it, which differs when the parent is in a pid namespace. */
function translatePid(parent: number, pid: number): number {
  const children = readChildren(parent);
  if (children.includes(pid)) return pid;
  return children.find(child => tryNsPids(child).includes(pid)) ?? pid;
}

function tryNsPids(pid: number): number[] {
  try {
    return readStatus(pid).nsPids;
  } catch {
    return [];
  }
}

/** Whether `pid` is still the process that we know: its line of parents leads to `ancestor`. */
function isDescendant(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true;
    try {
      at = readStatus(at).parent;
    } catch {
      return false;
    }
  }
  return false;
}

/** A device's number from major and minor, as the kernel packs it. makedev(3) */
export function makedev(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
