// The board: who is where, how far, and who has been stuck for how long; what the class trips over. Made of exports, and pure.
import { longestPause } from '../history.ts';
import { type Lesson, pointsOf } from '../lessons.ts';
import type { Export, ExportedLesson } from './export.ts';
import { byPeople, type Met, metIn, mostMet } from './met.ts';
import type { ClassFile } from './store.ts';

/** Somebody's last export, or none yet, and by how much (ms) our clock is before theirs. */
export interface Entry {
  name: string;
  progress: Export | null;
  ahead: number;
}

export interface Row {
  name: string;
  /** 'active': tried something within `longestPause`. */
  state: 'active' | 'away' | 'done' | 'new';
  /** The one they are at: its name; null when there is none any more. */
  lesson: string | null;
  number: string | null;
  title: string | null;
  /** Of that lesson. */
  tasks: { passed: number; of: number };
  /** Of all lessons. */
  passed: number;
  points: number;
  /** Seconds of work since a task passed last. */
  stuck: number;
  /** Asked for in all, and in that lesson. */
  hints: number;
  hintsHere: number;
  attempts: number;
  /** Met most often in that lesson. */
  diagnosis: string | null;
  /** Seconds since they tried something; null when they never did. */
  seen: number | null;
  /** A lesson's name → points. */
  perLesson: Record<string, number>;
}

export interface Board {
  /** ISO 8601 */
  at: string;
  outOf: number;
  /** Who has been stuck longest comes first, who is away or done last. */
  rows: Row[];
  lessons: { name: string; number: string; title: string; here: number; passed: number; met: Met[] }[];
  /** Over the class, by how many people met it. */
  met: Met[];
}

export function fromClass({ people }: ClassFile): Entry[] {
  return people.map(({ name, progress, receivedAt }) => {
    const ahead = progress && receivedAt ? Date.parse(receivedAt) - Date.parse(progress.at) : 0;
    return { name, progress, ahead };
  });
}

export function makeBoard(entries: Entry[], lessons: Lesson[], now = new Date()): Board {
  const rows = entries.map(entry => rowOf(entry, lessons, now.getTime() - entry.ahead)).sort(byNeed);
  const perLesson = lessons.map(lesson => ({
    ...{ name: lesson.name, number: lesson.number, title: lesson.title },
    here: rows.filter(row => row.lesson === lesson.name && row.state !== 'new').length,
    passed: entries.filter(({ progress }) => progress?.lessons[lesson.name]?.status === 'passed').length,
    met: metIn(
      lesson,
      entries.map(({ progress }) => progress),
    ),
  }));
  return {
    at: now.toISOString(),
    outOf: lessons.reduce((sum, lesson) => sum + pointsOf(lesson), 0),
    rows,
    lessons: perLesson,
    met: perLesson.flatMap(({ met }) => met).sort(byPeople),
  };
}

/** `now` by their clock. */
function rowOf({ name, progress }: Entry, lessons: Lesson[], now: number): Row {
  const touched = lessons.flatMap(lesson => progress?.lessons[lesson.name] ?? []);
  const last = Math.max(...touched.map(({ triedAt }) => (triedAt ? Date.parse(triedAt) : Number.NEGATIVE_INFINITY)));
  const seen = Number.isFinite(last) ? Math.max(now - last, 0) / 1000 : null;
  const lesson = placeOf(lessons, progress, last);
  const here = lesson && progress?.lessons[lesson.name];
  const active = seen !== null && seen <= longestPause;
  const perLesson = lessons.flatMap(each => {
    const got = progress?.lessons[each.name]?.points;
    return got === undefined ? [] : [[each.name, Math.min(got, pointsOf(each))] as const];
  });
  return {
    name,
    state: !progress || seen === null ? 'new' : !lesson ? 'done' : active ? 'active' : 'away',
    ...{ lesson: lesson?.name ?? null, number: lesson?.number ?? null, title: lesson?.title ?? null },
    tasks: { passed: lesson && here ? passedOf(lesson, here) : 0, of: lesson?.tasks.length ?? 0 },
    passed: touched.filter(({ status }) => status === 'passed').length,
    points: perLesson.reduce((sum, [, points]) => sum + points, 0),
    stuck: lesson ? Math.round((here?.stuck ?? 0) + (active ? seen : 0)) : 0,
    hints: touched.reduce((sum, { hints }) => sum + hints, 0),
    hintsHere: here?.hints ?? 0,
    attempts: touched.reduce((sum, { attempts }) => sum + attempts, 0),
    diagnosis: mostMet(here?.diagnoses ?? {}),
    seen: seen === null ? null : Math.round(seen),
    perLesson: Object.fromEntries(perLesson),
  };
}

/** Where they tried something last; once that is passed, the first open lesson after it. */
function placeOf(lessons: Lesson[], progress: Export | null, last: number): Lesson | null {
  const of = (lesson: Lesson) => progress?.lessons[lesson.name];
  const at = Math.max(
    lessons.findIndex(lesson => Date.parse(of(lesson)?.triedAt ?? '') === last),
    0,
  );
  const inTurn = [...lessons.slice(at), ...lessons.slice(0, at)];
  return inTurn.find(lesson => (of(lesson)?.status ?? 'open') === 'open') ?? null;
}

/** Only tasks that the lesson has; what was passed before tasks were remembered is all of them. */
function passedOf({ tasks }: Lesson, { status, tasks: passed }: ExportedLesson): number {
  return status === 'passed' ? tasks.length : tasks.filter(({ id }) => passed.includes(id)).length;
}

const order: Row['state'][] = ['active', 'away', 'done', 'new'];

function byNeed(a: Row, b: Row): number {
  const byState = order.indexOf(a.state) - order.indexOf(b.state);
  return byState || b.stuck - a.stuck || a.points - b.points || a.name.localeCompare(b.name, 'en');
}
