// A sandbox with the learner's process in it, seen from outside: requests go in, answers come out, and every request has
// an end, whatever the learner's code does.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CLONE, PR, type Process, readChildren, readStatus, type StartOptions } from '#linux';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';
import type { Answer, ErrorData, Request, TraceAnswer } from './protocol.ts';
import { openPty, type Pty, type Size } from './pty.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
import { secretFile } from './secrets.ts';
import { coverLesson } from './state.ts';
import { joinAsUser } from './user.ts';

/** An error that the learner's code threw, or what became of its process instead of an answer. */
export class LearnerError extends Error {
  override name = 'LearnerError';
  /** 'threw': as data in `error`; 'ended': the process is gone; 'silent': no answer in time. */
  readonly kind: 'threw' | 'ended' | 'silent';
  readonly error: ErrorData | null;

  constructor(kind: LearnerError['kind'], message: string, error: ErrorData | null = null) {
    super(message);
    this.kind = kind;
    this.error = error;
  }
}

/** What lies about on this host, for the learner's container not to find. Anew in each session. */
export interface Secrets {
  /** The value of API_TOKEN in the environment. */
  token: string;
  /** A file that is open on descriptor `fd` of whoever starts containers, and what it holds. */
  fd: number;
  open: string;
  /** A file on the host, and what it holds. */
  file: string;
  text: string;
}

export interface Session {
  sandbox: Sandbox;
  secrets: Secrets;
  /** The learner's process, as this machine numbers it. */
  runner: number;
  /** The terminal that it runs on, if it was given one. */
  pty: Pty | null;
  /** Sends a request; rejects with LearnerError. `wait` in milliseconds, of a machine that is not slow. */
  ask(request: AnyRequest, wait?: number): Promise<unknown>;
  /** By how much all that is waited for may take longer than usual. 1, unless whoever opened the session sets it. */
  slowness: number;
  /** The calls of the boxes from number `from` on. */
  trace(from?: number, wait?: number): Promise<TraceAnswer>;
  /** Promises of the learner's that were rejected unheard, so far. */
  unhandled: ErrorData[];
  /** All that came out on standard output and error so far, up to a limit. */
  output(): string;
  /** Waits until all that was written before now has arrived. */
  settle(): Promise<void>;
  /** To the containers' standard input. */
  input(text: string): void;
  /** This machine's pid of a process that the sandbox calls `pid`. */
  outside(pid: number): number | null;
  /** Every process in the sandbox but process 1 and the runner, as this machine numbers them. */
  processes(): number[];
  /** Signals a process of the sandbox, and none but those: `pid` is looked for among them first. */
  kill(pid: number, signal: NodeJS.Signals): void;
  /** One more learner's process on the same host, run by an ordinary user of it, and the lesson loaded. Its end is that process's. */
  asUser(uid: number, options?: UserOptions): Promise<Session>;
  alive: boolean;
  end(): Promise<void>;
}

export interface UserOptions {
  /** The user's number when absent. */
  gid?: number;
  /** Further groups. */
  groups?: number[];
  /** Programs that make their caller root, such as newuidmap(1), do so. False when absent. */
  setuid?: boolean;
  /** Where programs are looked for first. */
  path?: string;
  /** In a network namespace of its own: another host, as far as the network goes. */
  apart?: boolean;
}

type AnyRequest = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

const outputLimit = 1 << 20;

/** Of all answers of one process. A trace of a thousand calls takes a hundredth of it; more is a flood. */
const answerLimit = 1 << 26;

export interface SessionOptions extends Pick<SandboxOptions, 'privileged' | 'shows'> {
  /** Puts the learner's process and its containers on a terminal of this size, in the place of pipes. */
  terminal?: Size;
}

/** Opens a sandbox and starts the learner's process in it, warm: our own modules loaded, the lesson not yet. */
export async function openSession(
  lesson: Lesson,
  conditions: string[],
  { terminal, ...options }: SessionOptions = {},
): Promise<Session> {
  const sandbox = await openSandbox({ ...streams, ...(terminal && { stdio: nothing }), ...options });
  let pty: Pty | null = null;
  const end = async () => {
    await sandbox.end();
    await pty?.close();
  };
  try {
    const secrets = makeSecrets();
    await plant(sandbox, secrets);
    await coverLesson(sandbox.box, lesson.files.lesson);
    if (terminal) pty = await openPty(sandbox, terminal);
    return await startRunner({ sandbox, box: sandbox.box, pty, secrets, lesson, conditions }, end);
  } catch (error) {
    await end();
    throw error;
  }
}

/** The standard streams, and the wire. */
const streams: Pick<StartOptions, 'stdio' | 'pass'> = { stdio: ['pipe', 'pipe', 'pipe'], pass: ['pipe'] };

/** Until there is a terminal. */
const nothing: StartOptions['stdio'] = ['ignore', 'ignore', 'ignore'];

interface Parts {
  sandbox: Sandbox;
  pty?: Pty | null;
  /** The process that is to become the runner. */
  box: Process;
  secrets: Secrets;
  lesson: Lesson;
  conditions: string[];
  path?: string;
}

/** The same for another user, or for root once more: a process from outside, since whom the first runner starts is the learner's to decide. */
async function startAsUser(
  parts: Parts,
  uid: number,
  { gid = uid, groups = [], setuid, path, apart }: UserOptions,
  slowness: number,
): Promise<Session> {
  const { sandbox } = parts;
  const box = uid === 0 ? await sandbox.join(streams) : await joinAsUser(sandbox, [uid, gid, ...groups], streams);
  const end = async () => void (await box.end());
  try {
    if (apart) await box.unshare(CLONE.NEWNET);
    if (!setuid) await box.prctl(PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const session = await startRunner({ ...parts, box, pty: null, ...(path && { path }) }, end);
    session.slowness = slowness;
    await session.ask({ op: 'load', file: parts.lesson.files.lesson });
    return session;
  } catch (error) {
    await end();
    throw error;
  }
}

async function startRunner(parts: Parts, end: () => Promise<void>): Promise<Session> {
  const { sandbox, box, secrets, conditions } = parts;
  let text = '';
  for (const stream of [box.stdout, box.stderr]) {
    stream?.setEncoding('utf8').on('data', (data: string) => {
      if (text.length < outputLimit) text += data;
    });
  }
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const unhandled: ErrorData[] = [];
  const wire = box.passed(4) as Socket;
  const lines = createInterface({ input: wire });
  // A runner that dies with something unread resets the wire; that it has ended is told below.
  for (const end of [wire, lines]) end.on('error', () => {});
  let heard = 0;
  wire.on('data', (chunk: Buffer) => {
    heard += chunk.length;
    if (heard > answerLimit) wire.destroy();
  });
  lines.on('line', line => {
    const answer = parseAnswer(line);
    if (!answer) return;
    if ('event' in answer) {
      unhandled.push(asError(answer.error));
      return;
    }
    const request = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) {
      const error = asError(answer.error);
      request?.reject(new LearnerError('threw', error.message, error));
    } else request?.resolve(answer.value);
  });

  const args = [...conditions.map(name => `--conditions=${name}`), '--stack-trace-limit=30', '--no-warnings'];
  const ready = new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  await box.execve(process.execPath, ['node', ...args, `${home}/workshop/sandbox/runner.ts`], {
    PATH: [...(parts.path ? [parts.path] : []), process.env.PATH ?? '/usr/bin:/bin'].join(':'),
    HOME: '/root',
    API_TOKEN: secrets.token,
  });

  // One that came from outside is nobody's descendant in there.
  const processes = () => [...new Set([sandbox.init, box.pid].flatMap(descendants))];
  const session: Session = {
    sandbox,
    secrets,
    runner: box.pid,
    pty: parts.pty ?? null,
    unhandled,
    slowness: 1,
    alive: true,
    output: () => text,
    input: data => box.stdin?.write(data),
    async ask(request, wait = 5000) {
      if (!session.alive) throw new LearnerError('ended', 'the process that runs your code has ended');
      const id = ++last;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      wire.write(`${JSON.stringify({ id, ...request })}\n`);
      const longest = wait * session.slowness;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new LearnerError('silent', `no answer within ${longest / 1000} s`));
      }, longest);
      return promise.finally(() => clearTimeout(timer));
    },
    trace: async (from = 0, wait) => asTrace(await session.ask({ op: 'trace', from }, wait)),
    async settle() {
      const mark = `\u0001${randomBytes(9).toString('base64url')}\u0001`;
      await session.ask({ op: 'mark', text: mark });
      const arrived = () => text.split(mark).length > 2 || text.length >= outputLimit;
      for (let tries = 0; tries < 200 * session.slowness && !arrived(); tries++)
        await new Promise(next => setTimeout(next, tries < 20 ? 1 : 10));
      text = text.replaceAll(mark, '');
    },
    outside: pid => processes().find(each => tryStatus(each)?.nsPids[1] === pid) ?? null,
    kill(pid, signal) {
      if (!processes().includes(pid)) return;
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    },
    processes: () => processes().filter(pid => pid !== session.runner),
    asUser: (uid, options = {}) => startAsUser(parts, uid, options, session.slowness),
    async end() {
      session.alive = false;
      await end();
    },
  };
  let last = 0;
  box.exited.then(({ code, signal }) => {
    session.alive = false;
    const how = signal ? `by ${signal}` : `with status ${code}`;
    for (const { reject } of waiting.values()) {
      reject(new LearnerError('ended', `the process that runs your code ended ${how}, before it answered`));
    }
    waiting.clear();
  });
  const timer = setTimeout(() => waiting.get(0)?.reject(new Error(`the runner did not start: ${text}`)), 120_000);
  await ready.finally(() => clearTimeout(timer));
  return session;
}

function makeSecrets(): Secrets {
  const nonce = () => randomBytes(9).toString('hex');
  return {
    token: `token-${nonce()}`,
    fd: 77,
    open: `open-${nonce()}`,
    file: secretFile,
    text: `secret-${nonce()}`,
  };
}

/** Node closes what it inherits on exec, but only up to the first gap: a descriptor of 77 gets through. */
async function plant({ box }: Sandbox, secrets: Secrets): Promise<void> {
  await writeFile(secrets.file, secrets.text);
  await writeFile('/run/boxwright/open', secrets.open);
  const fd = await box.open('/run/boxwright/open');
  await box.dup2(fd, secrets.fd);
  await box.close(fd);
  await box.unlink('/run/boxwright/open');

  async function writeFile(path: string, text: string) {
    const fd = await box.open(path, 0o1101, 0o644);
    await box.write(fd, `${text}\n`);
    await box.close(fd);
  }
}

function parseAnswer(line: string): Answer | null {
  try {
    const answer = JSON.parse(line);
    return typeof answer === 'object' ? answer : null;
  } catch {
    // Somebody else writes on our wire.
    return null;
  }
}

/** Errors can be anything, and their parts too. */
function asError(value: unknown): ErrorData {
  const given = (value ?? {}) as Partial<Record<keyof ErrorData, unknown>>;
  const text = (part: unknown) => (typeof part === 'string' ? part.slice(0, longest) : '');
  const { code, syscall, call } = given;
  return {
    ...{ name: text(given.name) || 'Error', message: text(given.message), stack: text(given.stack) },
    ...(typeof code === 'string' && { code: text(code) }),
    ...(typeof syscall === 'string' && { syscall: text(syscall) }),
    ...(typeof call === 'string' && { call: text(call) }),
  };
}

/** Of a text that somebody is to read. */
const longest = 100_000;

/** An answer may be forged, and is then no trace: the checks go by /proc, and a diagnosis can do without. */
function asTrace(value: unknown): TraceAnswer {
  const boxes: unknown[] = Array.isArray(value) ? value : [];
  return boxes.flatMap(each => {
    const { box, calls } = (each ?? {}) as Partial<TraceAnswer[number]>;
    if (typeof box !== 'number' || !Array.isArray(calls)) return [];
    return { box, calls: calls.filter(isTraceLine) };
  });
}

function isTraceLine(call: unknown): call is TraceAnswer[number]['calls'][number] {
  const { pid, name, text, result, code, line, file } = (call ?? {}) as Record<string, unknown>;
  const numbers = [result, line].every(each => each === null || typeof each === 'number');
  const names = [code, file].every(each => each === null || typeof each === 'string');
  return numbers && names && typeof pid === 'number' && typeof name === 'string' && typeof text === 'string';
}

function descendants(pid: number): number[] {
  return readChildren(pid).flatMap(child => [child, ...descendants(child)]);
}

function tryStatus(pid: number) {
  try {
    return readStatus(pid);
  } catch {
    return null;
  }
}
