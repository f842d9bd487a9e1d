// Runs a lesson's checks against a text of the lesson's file, and makes the report.
import { readFileSync } from 'node:fs';
import type { Facts } from '../doctor/facts.ts';
import { whyNot } from '../doctor/needs.ts';
import { type Lesson, pointsOf, type Task } from '../lessons.ts';
import { openCheckerInGuest } from '../remote/checker.ts';
import { factsFor, placeOf } from '../remote/place.ts';
import { findLeaks, type HostState, hostState } from '../sandbox/leaks.ts';
import { openSession, type Session } from '../sandbox/session.ts';
import { placeLesson } from '../sandbox/state.ts';
import { Context, LearnerError } from './context.ts';
import { conditionsFor, type Earlier } from './earlier.ts';
import { explainFailure } from './explain.ts';
import { CheckFailure, Skip } from './failure.ts';
import { type Checks, loadChecks } from './registry.ts';
import type { LessonReport, TaskReport, TraceLine } from './report.ts';

export interface CheckOptions {
  /** The text of the lesson's file; the learner's when absent. */
  source?: string;
  /** Earlier lessons' functions: the learner's own where they have passed ('mine'), or the reference's. */
  earlier?: Earlier | undefined;
  /** Only these tasks. */
  only?: string[];
  /** See CheckerOptions. */
  slowness?: number;
  onTask?(report: TaskReport): void;
  signal?: AbortSignal;
}

/** Runs the checks of one lesson, from cold. */
export async function checkLesson(lesson: Lesson, options: CheckOptions = {}): Promise<LessonReport> {
  const watcher = await openWatcher(lesson, options.earlier, false);
  try {
    return await watcher.check(options);
  } finally {
    await watcher.close();
  }
}

/** Keeps a sandbox ready, so that a check begins at once. `ahead`: open the next one while the learner types. */
export async function openWatcher(lesson: Lesson, earlier?: Earlier, ahead = true) {
  const [place, facts] = [await placeOf(lesson), await factsFor(lesson)];
  const conditions = conditionsFor(lesson, earlier);
  let ready: Promise<Session> | null = null;
  const warm = () => {
    // In a guest the worker sees to that.
    if (place) return;
    ready = openSession(lesson, conditions);
    ready.catch(() => {});
  };
  const take = () => {
    const session = ready ?? openSession(lesson, conditions);
    ready = null;
    return session;
  };
  // The checks first: when they cannot be loaded, nobody would close a session that is being opened.
  await loadChecks(lesson);
  if (lesson.tasks.some(task => !whyNotHere(lesson, task, facts))) warm();

  return {
    async check(options: CheckOptions = {}): Promise<LessonReport> {
      const begun = performance.now();
      const source = options.source ?? readFileSync(lesson.files.lesson, 'utf8');
      const checker = await openChecker(lesson, await loadChecks(lesson), {
        source,
        earlier,
        take,
        slowness: options.slowness,
        signal: options.signal,
      });
      const tasks: TaskReport[] = [];
      try {
        for (const task of lesson.tasks) {
          if (options.only && !options.only.includes(task.id)) continue;
          options.signal?.throwIfAborted();
          const reason = whyNotHere(lesson, task, facts);
          const report = reason ? untried(task, 'skip', reason) : await checker.runTask(task);
          tasks.push(report);
          options.onTask?.(report);
        }
        const report = makeReport(lesson, tasks, checker.loadError(), await checker.leaks(), begun);
        return place ? { ...report, place: place.text } : report;
      } finally {
        const closed = checker.close();
        if (ahead) warm();
        else await closed;
      }
    },
    async close() {
      const session = await ready?.catch(() => null);
      ready = null;
      await session?.end();
    },
  };
}

/** The true reason for leaving a task out on this machine, or null. */
export function whyNotHere(lesson: Lesson, task: Task, facts: Facts): string | null {
  return whyNot(lesson.needs, facts) ?? (task.needs ? whyNot({ ...lesson.needs, ...task.needs }, facts) : null);
}

interface CheckerOptions {
  source: string;
  earlier?: Earlier | undefined;
  /** In place of `earlier`, where somebody else has decided. */
  conditions?: string[];
  take?(): Promise<Session>;
  /** By how much all that is waited for may take longer than a learner would wait, 1 when absent: for a machine with much else to do. */
  slowness?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Runs single tasks, in one sandbox as long as that one lives; here, or in a guest that has what this machine lacks. */
export async function openChecker(lesson: Lesson, checks: Checks, options: CheckerOptions) {
  const conditions = options.conditions ?? conditionsFor(lesson, options.earlier);
  const place = await placeOf(lesson);
  return place
    ? openCheckerInGuest(lesson, place, {
        ...{ source: options.source, conditions },
        ...{ slowness: options.slowness, signal: options.signal },
      })
    : openCheckerHere(lesson, checks, { ...options, conditions });
}

async function openCheckerHere(lesson: Lesson, checks: Checks, options: CheckerOptions & { conditions: string[] }) {
  const take = options.take ?? (() => openSession(lesson, options.conditions));
  let session: Session | null = null;
  let before: HostState | null = null;
  let loadError: LearnerError | null = null;
  /** Why tasks failed, where others may fail for the same reason. */
  const causes = new Map<string, Task>();
  /** Boxes of this session whose calls earlier tasks have accounted for. */
  let seen = 0;
  const { slowness = 1 } = options;
  /** How long an answer of the learner's code is waited for, ms of a machine that is not slow. */
  let patience = 5000;
  const longest = 4 * patience * slowness;

  /** A session with the lesson's text in place and loaded. */
  async function open(privileged = false): Promise<Session> {
    if (session?.alive) return session;
    await session?.end();
    session = privileged ? await openSession(lesson, options.conditions, { privileged: true }) : await take();
    session.slowness = slowness;
    seen = 0;
    placeLesson(session.sandbox, options.source);
    before = hostState(session);
    try {
      await session.ask({ op: 'load', file: lesson.files.lesson }, patience);
    } catch (error) {
      if (!(error instanceof LearnerError)) throw error;
      loadError = error;
    }
    return session;
  }

  /** The calls of the boxes that were started since this was last asked. */
  async function callsSince(from: Session, wait?: number): Promise<TraceLine[]> {
    const boxes = await from.trace(seen, wait).catch(() => []);
    seen += boxes.length;
    return boxes.flatMap(box => box.calls);
  }

  async function runTask(task: Task): Promise<TaskReport> {
    const begun = performance.now();
    const check = checks.tasks.get(task.id);
    if (!check) throw new Error(`${lesson.files.checks} has no check for the task ${task.id}`);
    if (check.fresh || check.privileged) {
      await session?.end();
      session = null;
    }
    const session_ = await open(check.privileged);
    const context = new Context(session_, checks.defaults, patience);
    const onAbort = () => void session_.end();
    options.signal?.addEventListener('abort', onAbort);

    let report = untried(task, 'fail');
    try {
      if (loadError) throw loadError;
      await withLimit(Promise.resolve(check.body(context)), longest);
      report = { ...report, status: 'pass' };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof Skip) report = untried(task, 'skip', error.message);
      else {
        const failure = toFailure(error, context.did);
        const silent = failure instanceof LearnerError && failure.kind === 'silent';
        const wait = silent ? 300 : undefined;
        const others = await Promise.all(context.sessions.map(each => each.trace(0, wait).catch(() => [])));
        const trace = [...(await callsSince(session_, wait)), ...others.flat().flatMap(box => box.calls)];
        const { cause, ...explained } = explainFailure({
          ...{ lesson, task, checks, error: failure, trace },
          ...{ did: context.did, source: options.source },
        });
        const first = cause === null ? undefined : causes.get(cause);
        report = first
          ? untried(task, 'blocked', `fails where '${first.title}' does`)
          : { ...report, ...explained, trace };
        if (cause !== null && !first) causes.set(cause, task);
        // A process that no longer answers would hold up every task that follows, and what hung once may hang again.
        if (silent) {
          patience = 1500;
          await session_.end();
        }
      }
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      for (const box of context.boxes) box.kill();
      if (check.privileged) await session_.end();
      await Promise.all(context.sessions.map(each => each.end()));
    }
    if (report.status === 'pass') report.trace = await callsSince(session_);
    report.milliseconds = performance.now() - begun;
    return report;
  }

  return {
    runTask,
    loadError: () => loadError,
    leaks: async () => (session?.alive && before ? await findLeaks(session, before) : []),
    close: async () => session?.end(),
  };
}

/** What a check may fail with. An error of the system's means that something which the check looked at has gone. */
function toFailure(error: unknown, did: string): CheckFailure | LearnerError {
  if (error instanceof CheckFailure || error instanceof LearnerError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || !(error as NodeJS.ErrnoException).syscall) throw error;
  return new CheckFailure({
    did,
    kernel: message,
    means: 'What the check went to look at is not there any more, or something lies in the way.',
    diagnosis: 'check-disturbed',
  });
}

function withLimit<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new LearnerError('silent', `the check took over ${milliseconds / 1000} s`)),
    milliseconds,
  );
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

function untried({ id, title, points }: Task, status: TaskReport['status'], reason?: string): TaskReport {
  return { id, title, points, status, ...(reason && { reason }), trace: [], milliseconds: 0 };
}

function makeReport(
  lesson: Lesson,
  tasks: TaskReport[],
  loadError: LearnerError | null,
  leaks: string[],
  begun: number,
): LessonReport {
  const passed = tasks.filter(task => task.status === 'pass');
  const failed = tasks.some(task => task.status === 'fail' || task.status === 'blocked');
  return {
    lesson: lesson.number,
    title: lesson.title,
    status: failed || leaks.length > 0 ? 'fail' : passed.length > 0 ? 'pass' : 'skip',
    points: passed.reduce((sum, task) => sum + task.points, 0),
    outOf: pointsOf(lesson),
    tasks,
    ...(loadError && { error: loadError.message }),
    leaks,
    milliseconds: performance.now() - begun,
  };
}
