// In the guest: checks, traces and transcripts on request. The other end is client.ts, on the machine that has the learner's
// files, which are seen here; only the lesson's text comes along, since a guest may not notice that a file has changed.
import { createInterface } from 'node:readline';
import { openChecker } from '../check/engine.ts';
import { loadChecks } from '../check/registry.ts';
import { traceLesson } from '../check/trace.ts';
import { machineFacts } from '../doctor/facts.ts';
import { findLesson, type Lesson } from '../lessons.ts';
import { openSession, type Session } from '../sandbox/session.ts';
import { openStageForAfar, type StageTold, type Take } from '../stage/far.ts';
import { runBlocks } from '../transcripts.ts';
import type { Answer, Operation, Operations, Request } from './protocol.ts';

interface Open {
  lesson: Lesson;
  checker: Awaited<ReturnType<typeof openChecker>>;
  abort: AbortController;
}

const checkers = new Map<number, Open>();
const stages = new Map<number, Take>();
let opened = 0;

/** The next checker of the same kind finds a sandbox ready. */
let ready: { key: string; session: Promise<Session> } | null = null;

function take(lesson: Lesson, conditions: string[]): Promise<Session> {
  const key = [lesson.name, ...conditions].join();
  const session = ready?.key === key ? ready.session : openSession(lesson, conditions);
  if (ready?.key !== key) ready?.session.then(other => other.end());
  ready = null;
  return session.finally(() => {
    const next = openSession(lesson, conditions);
    next.catch(() => {});
    ready = { key, session: next };
  });
}

const perform: { [O in Operation]: (args: Operations[O][0]) => Promise<Operations[O][1]> } = {
  facts: () => machineFacts(),
  async open({ lesson: name, source, conditions, slowness }) {
    const lesson = findLesson(name);
    const abort = new AbortController();
    const options = { source, conditions, slowness, signal: abort.signal, take: () => take(lesson, conditions) };
    checkers.set(++opened, { lesson, abort, checker: await openChecker(lesson, await loadChecks(lesson), options) });
    return opened;
  },
  async task({ checker: number, task: id }) {
    const { lesson, checker } = find(number);
    const task = lesson.tasks.find(each => each.id === id);
    if (!task) throw new Error(`lesson ${lesson.name} has no task ${id}`);
    const report = await checker.runTask(task);
    return { report, loadError: checker.loadError()?.message ?? null };
  },
  leaks: ({ checker }) => find(checker).checker.leaks(),
  async abort({ checker }) {
    find(checker).abort.abort();
    return null;
  },
  async close({ checker }) {
    await find(checker).checker.close();
    checkers.delete(checker);
    return null;
  },
  async stage({ stage, lesson: name, size, version }) {
    const tell = (told: StageTold) => say({ stage, told });
    stages.set(stage, openStageForAfar(findLesson(name), { size, version, tell }));
    return null;
  },
  async order({ stage, order }) {
    await stages.get(stage)?.(order);
    if ('close' in order) stages.delete(stage);
    return null;
  },
  trace: ({ lesson, ...options }) => traceLesson(findLesson(lesson), options),
  blocks: ({ lesson, blocks, file }) => runBlocks(findLesson(lesson), blocks, file),
};

function find(number: number): Open {
  const open = checkers.get(number);
  if (!open) throw new Error(`there is no checker ${number}`);
  return open;
}

const say = (answer: Answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const lines = createInterface({ input: process.stdin });
lines.on('line', async line => {
  const { id, op, args } = JSON.parse(line) as Request;
  try {
    say({ id, value: await perform[op](args as never) });
  } catch (error) {
    const { message, stack } = error as Error;
    say({ id, error: { message, stack: stack ?? '' } });
  }
});
// The machine outside has gone: so does this one.
lines.on('close', () => process.exit(0));
