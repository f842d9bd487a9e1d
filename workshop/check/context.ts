// `t`: what a check has in its hands. It starts the learner's container, and looks at it from outside, through /proc.
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import {
  type Exit,
  type Mount,
  type NamespaceKind,
  readArguments,
  readCwd,
  readDescriptors,
  readEnvironment,
  readMountinfo,
  readNamespaces,
  readRoot,
  readStatus,
} from '#linux';
import { type Facts, machineFacts } from '../doctor/facts.ts';
import type { BoxReference, FunctionReference } from '../sandbox/protocol.ts';
import { LearnerError, type Session, type UserOptions } from '../sandbox/session.ts';
import { stateFolder } from '../sandbox/state.ts';
import { ordinaryUser } from '../sandbox/user.ts';
import { bindInto } from '../sandbox/volume.ts';
import { CheckFailure, type Finding, Skip } from './failure.ts';
import type { TraceLine } from './report.ts';

export { LearnerError } from '../sandbox/session.ts';
export type { Finding } from './failure.ts';

/** Above every pid_max; and positive, since to kill(2) the others mean whole groups. proc_sys_kernel(5) */
const nobody = 0x7fff_fffe;

/** A container that the learner's code started. Everything but `trace` comes from the kernel, not from the learner. */
export class Box {
  /** As this machine numbers it. */
  readonly pid: number;
  readonly reference: BoxReference;
  readonly #session: Session;
  readonly #outputBefore: number;

  constructor(session: Session, reference: BoxReference, pid: number, outputBefore: number) {
    this.#session = session;
    this.reference = reference;
    this.pid = pid;
    this.#outputBefore = outputBefore;
  }

  namespaces = () => this.#look(() => readNamespaces(this.pid));
  mounts = (): Mount[] => this.#look(() => readMountinfo(this.pid));
  status = () => this.#look(() => readStatus(this.pid));
  root = () => this.#look(() => readRoot(this.pid));
  cwd = () => this.#look(() => readCwd(this.pid));
  /** Of a process that is about to end there are fewer and fewer, and then none: that is no answer. */
  descriptors = () =>
    this.#look(() => {
      const found = readDescriptors(this.pid);
      if (isExiting(this.pid)) throw new Error(`process ${this.pid} is about to end`);
      return found;
    });
  environment = () => this.#look(() => readEnvironment(this.pid));
  args = () => this.#look(() => readArguments(this.pid));

  /** A path in the container, as this process can open it. Absolute links in it lead astray: see `lstat`. */
  path = (inside: string) => `/proc/${this.pid}/root${inside}`;
  read = (inside: string) => this.#look(() => readFileSync(this.path(inside), 'utf8'));
  stat = (inside: string) => this.#look(() => statSync(this.path(inside)));
  lstat = (inside: string) => this.#look(() => lstatSync(this.path(inside)));
  exists = (inside: string) => existsSync(this.path(inside));
  list = (inside: string) => this.#look(() => readdirSync(this.path(inside)).sort());

  /** Reads a fact. That the process has gone meanwhile is a fact too, and the learner's to hear. */
  #look<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (existsSync(`/proc/${this.pid}`) && !isExiting(this.pid)) throw error;
      throw new CheckFailure({
        did: 'looked at the container while its command should be running',
        kernel: `there is no process ${this.reference.pid} any more`,
        means: 'The container had ended already: the command failed at once, or something ended it.',
        look: 'the last call of the trace',
        diagnosis: 'ended-early',
      });
    }
  }

  /** Waits until it has ended, at most `wait` milliseconds. What the learner's handle says of it. */
  async exited(wait = 5000): Promise<Exit> {
    const exit = (await this.#session.ask({ op: 'exited', box: this.reference.$box }, wait)) as Partial<Exit> | null;
    return { code: exit?.code ?? null, signal: exit?.signal ?? null };
  }

  /** All that has come out on standard output and error since it was started, once it has ended. */
  async output(wait = 5000): Promise<string> {
    await this.exited(wait);
    await this.#session.settle();
    return this.#session.output().slice(this.#outputBefore);
  }

  /** From outside, past the learner's handle. Nothing when it has ended. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#session.kill(this.pid, signal);
  }

  async trace(): Promise<TraceLine[]> {
    return (await this.#session.trace(this.reference.$box)).find(each => each.box === this.reference.$box)?.calls ?? [];
  }
}

/** PF_EXITING, among the kernel's flags of the process; a process that is gone is past it. proc_pid_stat(5), field 9 */
function isExiting(pid: number): boolean {
  try {
    const flags = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[6];
    return (Number(flags) & 0x4) !== 0;
  } catch {
    return true;
  }
}

/** The sandbox, which is 'the host' for the learner. */
export class Host {
  readonly pid: number;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
    this.pid = session.sandbox.init;
  }

  path = (inside: string) => this.#session.sandbox.path(inside);
  read = (inside: string) => readFileSync(this.path(inside), 'utf8');
  /** Only under /run/boxwright or /tmp, before the learner's code runs: a link of theirs could lead the writer astray. */
  write = (inside: string, data: string) => writeFileSync(this.path(inside), data);
  exists = (inside: string) => existsSync(this.path(inside));
  stat = (inside: string) => statSync(this.path(inside));
  list = (inside: string) => readdirSync(this.path(inside)).sort();
  namespaces = () => readNamespaces(this.pid);
  mounts = (): Mount[] => readMountinfo(this.pid);
  /** Processes other than process 1 and the learner's, as this machine numbers them. */
  processes = () => this.#session.processes();

  /** Runs a command of ours on the host, as its root. */
  async run(command: string[], input = ''): Promise<{ status: number; stdout: string; stderr: string }> {
    const box = await this.#session.sandbox.join({ stdio: ['pipe', 'pipe', 'pipe'] });
    const path = process.env.PATH ?? '/usr/bin:/bin';
    await box.execve('/bin/sh', ['sh', '-c', 'exec "$@"', 'sh', ...command], { PATH: path, HOME: '/root' });
    // A command that ends without reading its input is no error.
    box.stdin?.on('error', () => {}).end(input);
    const [stdout, stderr, exit] = await Promise.all([
      text(box.stdout as Readable),
      text(box.stderr as Readable),
      box.exited,
    ]);
    return { status: exit.code ?? 128, stdout, stderr };
  }
}

export class Context {
  readonly host: Host;
  /** The base image's folder on the host. */
  readonly image = `${stateFolder}/images/base`;
  /** For spec.containers, from lesson 04 on. */
  readonly containers = `${stateFolder}/containers`;
  readonly secrets: Session['secrets'];
  readonly session: Session;
  /** Every container of this task, in order. */
  readonly boxes: Box[] = [];
  /** Of other users, opened for this task and to be ended after it. */
  readonly sessions: Session[] = [];
  /** What was done last, in words: for a failure that nobody foresaw. */
  did = 'loaded your file';
  readonly #defaults: Record<string, unknown>;
  readonly #patience: number;

  constructor(session: Session, defaults: Record<string, unknown>, patience = 5000) {
    this.session = session;
    this.#patience = patience;
    this.host = new Host(session);
    this.secrets = session.secrets;
    this.#defaults = defaults;
  }

  /** Mounts a file or folder of the host in a container, at a path inside that is there. */
  async bind(box: Box, source: string, target: string): Promise<void> {
    const helper = await this.session.sandbox.join();
    try {
      await bindInto(helper, box.status().nsPids[1] ?? 0, source, target);
    } finally {
      await helper.end();
    }
  }

  /** An ordinary user of the host, by id. */
  get user(): number {
    return ordinaryUser(this.session.sandbox);
  }

  /**
   * The same host, and the learner's code run by an ordinary user of it, who has no capability and no way to any; with
   * `setuid`, the programs that lead to some. For a checker that is root: see a task's `needs`.
   */
  async asUser(options: UserOptions = {}): Promise<Context> {
    return this.#beside(await this.session.asUser(this.user, options));
  }

  /** The same host, and one more process that runs the learner's code as root: a second engine. */
  async asRoot(options: Pick<UserOptions, 'apart'> = {}): Promise<Context> {
    return this.#beside(await this.session.asUser(0, { ...options, setuid: true }));
  }

  #beside(session: Session): Context {
    this.sessions.push(session);
    const context = new Context(session, this.#defaults, this.#patience);
    Object.assign(context, { boxes: this.boxes, sessions: this.sessions });
    Object.defineProperty(context, 'did', { set: did => (this.did = did), get: () => this.did });
    return context;
  }

  /**
   * Calls the learner's `contain` (or another function that returns a Process), and waits for so many milliseconds at most.
   * Rejects with LearnerError.
   */
  async contain(spec: Record<string, unknown> = {}, name = 'contain', wait = this.#patience): Promise<Box> {
    const whole = { ...this.#defaults, ...spec };
    this.did = `${name}(${describe(whole)})`;
    const before = this.session.output().length;
    const reference = await this.session.ask({ op: 'call', name, args: [whole] }, wait);
    return this.#adopt(reference, before);
  }

  /** Any function of the learner's. A Box among the arguments is its Process. */
  async call(name: string, ...args: unknown[]): Promise<unknown> {
    this.did = `${name}(${args.map(arg => (arg instanceof Box ? 'box' : describe(arg))).join(', ')})`;
    const references = args.map(arg => (arg instanceof Box ? arg.reference : arg));
    return this.session.ask({ op: 'call', name, args: references }, this.#patience);
  }

  /**
   * A function of the lesson's, or of an earlier one's ('climbOut', '#02-chroot'), for an argument: the learner's process
   * puts the function in its place.
   */
  exported(name: string, from?: string): FunctionReference {
    return { $function: name, ...(from && { from }) };
  }

  /** A process on a wire in the learner's process, to be passed to one of their functions. */
  async start(): Promise<Box> {
    return this.#adopt(await this.session.ask({ op: 'start' }), this.session.output().length);
  }

  /** Expects the learner's code to throw; returns the error, or null when it did not. */
  async refused(attempt: Promise<unknown>): Promise<LearnerError | null> {
    try {
      await attempt;
      return null;
    } catch (error) {
      if (error instanceof LearnerError && error.kind === 'threw') return error;
      throw error;
    }
  }

  #adopt(value: unknown, before: number): Box {
    const reference = value as BoxReference | null;
    if (typeof reference?.$box !== 'number' || typeof reference.pid !== 'number') {
      throw new CheckFailure({
        did: this.did,
        kernel: `it returned ${JSON.stringify(value)}`,
        means: 'The function must return the Process that it started: whoever calls it wants to wait for it.',
        diagnosis: 'no-process',
      });
    }
    // Ended already (a short command, or one that could not start): a pid that no process has.
    const pid = this.session.outside(reference.pid) ?? nobody;
    const box = new Box(this.session, reference, pid, before);
    this.boxes.push(box);
    return box;
  }

  /** A name that nothing else has. */
  nonce(prefix = 'box'): string {
    return `${prefix}-${randomBytes(4).toString('hex')}`;
  }

  facts(): Promise<Facts> {
    return machineFacts();
  }

  /** Leaves the task out; the reason must be true of this machine. */
  skip(reason: string): never {
    throw new Skip(reason);
  }

  /** Waits until `probe` is true; false when it is not after `wait` milliseconds, of a machine that is not slow. */
  async until(probe: () => boolean | Promise<boolean>, wait = 2000): Promise<boolean> {
    for (const end = performance.now() + wait * this.session.slowness; performance.now() < end; ) {
      if (await probe()) return true;
      await new Promise(next => setTimeout(next, 2));
    }
    return probe();
  }

  ok(value: unknown, finding: Finding | (() => Finding)): void {
    if (!value) this.fail(finding);
  }

  is<T>(actual: T, expected: T, finding: Finding | (() => Finding)): void {
    if (!Object.is(actual, expected)) this.fail(finding);
  }

  same<T>(actual: T, expected: T, finding: Finding | (() => Finding)): void {
    if (!isDeepStrictEqual(actual, expected)) this.fail(finding);
  }

  fail(finding: Finding | (() => Finding)): never {
    throw new CheckFailure(typeof finding === 'function' ? finding() : finding);
  }

  /** `mnt:[4026531841] for both` or `mnt:[4026532180] in the container, mnt:[4026531841] on the host`. */
  compareNamespace(box: Box, kind: NamespaceKind): string {
    const [inside, outside] = [box.namespaces()[kind], this.host.namespaces()[kind]];
    return inside === outside
      ? `${kind}:[${inside}] for the container and the host alike`
      : `${kind}:[${inside}] in the container, ${kind}:[${outside}] on the host`;
  }
}

/** A value as one would write it in TypeScript, on one line. */
function describe(value: unknown): string {
  const json = JSON.stringify(value, null, 1) ?? 'undefined';
  const line = json
    .replace(/"([a-zA-Z_]+)":/g, '$1:')
    .replaceAll('"', "'")
    .replace(/\s+/g, ' ');
  return line.length > 200 ? `${line.slice(0, 197)}…` : line;
}
