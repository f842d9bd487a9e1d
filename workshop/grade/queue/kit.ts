// For tests: a real server of its own, and workers as processes of their own that mark by a stand-in, so that many can be killed quickly.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { findProgram } from '../../guest/find.ts';
import { findLesson } from '../../lessons.ts';
import { ownPort } from '../../testing/port.ts';
import type { Marker } from '../afar/order.ts';
import type { Mark, Submission } from '../types.ts';

export interface Server {
  url: string;
  pid: number;
  /** For looking at it, and changing its settings. */
  ask(...words: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** The server's program, or null. Debian's redis-tools has it under the name of a checker, and it goes by the name that it is called by. */
function findServer(): { path: string; argv0: string } | null {
  for (const name of ['valkey-server', 'redis-server']) {
    const path = findProgram(name);
    if (path) return { path, argv0: name };
  }
  const path = findProgram('redis-check-rdb');
  return path ? { path, argv0: 'redis-server' } : null;
}

/** On a port of 127.0.0.1 that nobody else has, in a folder of its own. */
export async function startServer(settings: string[] = [], password = ''): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await startServerAt(await ownPort(), settings, password);
    } catch (error) {
      // Another has taken the port between our look and our server's.
      if (tries === 5) throw error;
    }
  }
}

/** `port`: as `ownPort` gave it. For one that comes back. */
export async function startServerAt(port: number, settings: string[] = [], password = ''): Promise<Server> {
  const program = findServer();
  if (!program) throw new Error('neither valkey-server nor redis-server is here: apt-get install redis-tools');
  const folder = mkdtempSync(`${tmpdir()}/boxwright-queue-`);
  const own = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn(program.path, [...own, ...settings], {
    argv0: program.argv0,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(child, 'exit');
  const client = new Redis({
    port,
    password: password || undefined,
    maxRetriesPerRequest: 1200,
    retryStrategy: () => 100,
  });
  client.on('error', () => {});
  const stop = async () => {
    client.disconnect();
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  // Whoever answers there, it has to be ours.
  const answers = client.info('server').then(text => {
    if (!text.includes(`process_id:${child.pid}\r`)) throw new Error(`another server has port ${port}`);
  });
  const ends = gone.then(([status]) => {
    throw new Error(`the server ended with ${status}`);
  });
  ends.catch(() => {});
  try {
    await Promise.race([answers, ends]);
  } catch (error) {
    answers.catch(() => {});
    await stop();
    throw error;
  }
  const ask = (command = '', ...words: string[]) => client.call(command, ...words);
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid as number, ask, stop };
}

export const lesson = findLesson('01');

/**
 * `text` decides the points; `slow 200` in it how many milliseconds it takes; `until /tmp/x` that it takes until there is such a file, or
 * /tmp/x.PID of whoever marks it, and `until stopped` until that one is told to stop; `poison` kills whoever marks it.
 */
export function submissionOf(id: string, text: string): Submission {
  return {
    id,
    from: `class/${id}`,
    at: '2026-11-01T10:00:00Z',
    files: { [lesson.name]: text },
    refused: [`${id} has a package.json`],
  };
}

/** The first `n` tasks pass, `n` being drawn by the text. */
export function passedBy(text: string): number {
  return createHash('sha256').update(text).digest().readUInt16LE() % (lesson.tasks.length + 1);
}

/** What marking looks like from outside; without the machine. `checks` is the version of the checks, `stop` what tells who marks to stop. */
export function standIn(checks = 'a', stop?: AbortSignal): Marker {
  const keyOf: Marker['keyOf'] = ({ files }, lessons, bounds) =>
    createHash('sha256')
      .update(JSON.stringify([checks, files, lessons.map(each => each.name), bounds]))
      .digest('hex');
  const mark: Marker['mark'] = async (submission, lessons, bounds, { signal }) => {
    const text = submission.files[lesson.name] ?? '';
    if (/poison/.test(text)) process.kill(process.pid, 'SIGKILL');
    if (/unlucky/.test(text)) throw new Error('this machine cannot');
    await sleep(Number(/slow (\d+)/.exec(text)?.[1] ?? 20), undefined, { signal });
    while (/until stopped/.test(text) && !stop?.aborted) await sleep(20, undefined, { signal });
    const file = /until (\/\S+)/.exec(text)?.[1];
    while (file && !existsSync(file) && !existsSync(`${file}.${process.pid}`)) await sleep(20, undefined, { signal });
    const passed = passedBy(text);
    const tasks = lesson.tasks.map(({ id, title, points }, i) => {
      return { id, title, points, status: i < passed ? 'pass' : 'fail', milliseconds: 1 } as const;
    });
    const sum = (all: { points: number }[]) => all.reduce((total, { points }) => total + points, 0);
    const points = sum(tasks.filter(task => task.status === 'pass'));
    const { number, name, title } = lesson;
    const status = passed === tasks.length ? 'pass' : 'fail';
    const { id, from, at, refused } = submission;
    return {
      version: 1,
      submission: { id, from, at, refused },
      key: keyOf(submission, lessons, bounds),
      outcome: 'marked',
      lessons: [{ number, name, title, status, points, outOf: sum(tasks), tasks, leaks: [], milliseconds: 1 }],
      markedAt: new Date().toISOString(),
      milliseconds: 20,
    } satisfies Mark;
  };
  return { mark, keyOf, lessons: [lesson] };
}

export interface WorkerProcess {
  child: ChildProcess;
  /** What it said until now. */
  said(): string;
  /** Waits for words in it. */
  says(words: RegExp): Promise<void>;
  gone: Promise<unknown>;
}

/** `node stand-in.ts URL OPTIONS`. */
export function startWorker(url: string, ...options: string[]): WorkerProcess {
  const entry = fileURLToPath(new URL('./stand-in.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, url, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', data => {
    text += data;
  });
  const gone = once(child, 'exit');
  const says = async (words: RegExp) => {
    for (const end = Date.now() + 120_000; !words.test(text); await sleep(20)) {
      if (Date.now() > end) throw new Error(`never said ${words}: ${text}`);
    }
  };
  return { child, said: () => text, says, gone };
}
