// How a learner came to where they are in a lesson: what has ever passed, when it last went on, which mistakes were met. It is what a
// board of a class is made of, and it stays small, however long a lesson takes.
import type { LessonReport } from './check/report.ts';

export interface History {
  /** Ids of the tasks that have ever passed, in the order in which they first did. */
  tasks: string[];
  /** ISO 8601: the first verdict or hint. */
  begunAt: string | null;
  /** The last verdict that passed a task which had not passed before. */
  movedAt: string | null;
  /** The last verdict or hint. */
  triedAt: string | null;
  /** Seconds of work since then: between verdicts and hints, of each pause at most `longestPause`. */
  stuck: number;
  /** A diagnosis's id → in how many verdicts it was met. */
  diagnoses: Record<string, number>;
}

/** Seconds. Who has not tried anything for longer is not at it: a night between two verdicts is not a night of being stuck. */
export const longestPause = 15 * 60;

const most = { tasks: 64, diagnoses: 32, count: 1_000_000 };
/** What tasks and diagnoses are called. */
export const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const noHistory = (): History => ({
  tasks: [],
  begunAt: null,
  movedAt: null,
  triedAt: null,
  stuck: 0,
  diagnoses: {},
});

export function afterVerdict(before: History, { tasks }: LessonReport, now = new Date()): History {
  const passed = tasks.filter(({ status }) => status === 'pass').map(({ id }) => id);
  const all = bounded([...new Set([...before.tasks, ...passed])]);
  const moved = all.length > before.tasks.length;
  const met = new Set(tasks.flatMap(({ status, diagnosis }) => (status === 'fail' && diagnosis ? [diagnosis] : [])));
  return {
    ...tried(before, now),
    tasks: all,
    ...(moved && { movedAt: now.toISOString(), stuck: 0 }),
    diagnoses: counted(before.diagnoses, met),
  };
}

/** A hint, or a verdict: the learner is at it. */
export function tried(before: History, now = new Date()): History {
  const pause = before.triedAt === null ? 0 : (now.getTime() - Date.parse(before.triedAt)) / 1000;
  // A clock that was set back makes no time of work.
  const worked = Math.min(Math.max(pause, 0), longestPause);
  const stuck = Math.min(Math.round(before.stuck + worked), most.count);
  return { ...before, begunAt: before.begunAt ?? now.toISOString(), triedAt: now.toISOString(), stuck };
}

/** From a file that may be older than this form, or be written by hand: what is not of the form is as if it had not happened. */
export function takeOver(found: unknown): History {
  const { tasks, diagnoses, stuck, ...times } = (typeof found === 'object' && found ? found : {}) as Partial<History>;
  const ids = Array.isArray(tasks) ? tasks.filter(isId) : [];
  const counts = Object.entries(typeof diagnoses === 'object' && diagnoses ? diagnoses : {});
  const whole = counts.filter(([id, count]) => isId(id) && isCount(count));
  return {
    tasks: bounded([...new Set(ids)]),
    begunAt: time(times.begunAt),
    movedAt: time(times.movedAt),
    triedAt: time(times.triedAt),
    stuck: isCount(stuck) ? stuck : 0,
    diagnoses: mostMet(Object.fromEntries(whole)),
  };
}

const isId = (found: unknown): found is string => typeof found === 'string' && idForm.test(found);
const isCount = (found: unknown): found is number =>
  Number.isSafeInteger(found) && Number(found) >= 0 && Number(found) <= most.count;
const time = (found: unknown) => (typeof found === 'string' && Number.isFinite(Date.parse(found)) ? found : null);
const bounded = (tasks: string[]) => tasks.slice(0, most.tasks);

function counted(before: Record<string, number>, met: Set<string>): Record<string, number> {
  const after = { ...before };
  for (const id of met) if (idForm.test(id)) after[id] = Math.min((after[id] ?? 0) + 1, most.count);
  return mostMet(after);
}

/** Those met most often, when there are too many. */
function mostMet(diagnoses: Record<string, number>): Record<string, number> {
  const entries = Object.entries(diagnoses);
  if (entries.length <= most.diagnoses) return diagnoses;
  return Object.fromEntries(entries.sort(([, a], [, b]) => b - a).slice(0, most.diagnoses));
}
