// What a learner hands to an instructor, and all of it: a name of their choice, and for each lesson that they touched how they fared.
// Nothing in it tells of their machine. README.md describes the form; `version` rises when an old reader would misread a new one.
import { idForm } from '../history.ts';
import type { Progress } from '../progress.ts';
import { harmless } from '../terminal/text.ts';
import { nameFrom, nameRule } from './name.ts';

export interface Export {
  boxwright: 'progress';
  version: 1;
  name: string;
  /** ISO 8601, by the learner's clock, like all times in it. */
  at: string;
  /** By the lesson's name: '05-pivot-root'. */
  lessons: Record<string, ExportedLesson>;
}

export interface ExportedLesson {
  status: 'open' | 'passed' | 'skipped';
  points: number;
  /** Ids of those that have ever passed. */
  tasks: string[];
  begunAt: string | null;
  movedAt: string | null;
  triedAt: string | null;
  /** Seconds of work since the last task passed. */
  stuck: number;
  /** Verdicts, and hints asked for. */
  attempts: number;
  hints: number;
  /** A diagnosis's id → verdicts in which it was met. */
  diagnoses: Record<string, number>;
}

/** Bytes; all lessons with all that can be told of them are some ten thousand. */
export const largestExport = 64 * 1024;

export function makeExport({ lessons }: Progress, name: string, now = new Date()): Export {
  const told = Object.entries(lessons).map(([lesson, { status, points, hintsShown: hints, attempts, history }]) => {
    const { tasks, begunAt, movedAt, triedAt, stuck, diagnoses } = history;
    const times = { begunAt, movedAt, triedAt, stuck };
    return [lesson, { status, points, tasks, ...times, attempts, hints, diagnoses }] as const;
  });
  return { boxwright: 'progress', version: 1, name, at: now.toISOString(), lessons: Object.fromEntries(told) };
}

/** Not an export, or none that can be believed: `message` is one line, safe to show. */
export class Refused extends Error {
  override name = 'Refused';
}

/** Of a text from anybody. What the form does not name is left out. */
export function readExport(text: string): Export {
  if (Buffer.byteLength(text) > largestExport) throw new Refused(`larger than ${largestExport / 1024} KiB`);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Refused('not JSON');
  }
  const { boxwright, version, name: given, at, lessons } = object(found, 'the whole');
  if (boxwright !== 'progress') throw new Refused('no progress of Boxwright');
  if (typeof version === 'number' && version > 1) throw new Refused('written by a newer Boxwright: update this one');
  if (version !== 1) throw new Refused('version is not 1');
  const name = nameFrom(given);
  if (name === null) throw new Refused(nameRule);
  const whole = entries(object(lessons, 'lessons'), 64, 'lessons', /^\d\d-[a-z0-9-]{1,40}$/);
  const checked = whole.map(([lesson, each]) => [lesson, readLesson(object(each, lesson), lesson)] as const);
  return {
    ...{ boxwright, version, name },
    at: time(at, 'at') ?? refuse('at', 'a time'),
    lessons: Object.fromEntries(checked),
  };
}

function readLesson(found: Record<string, unknown>, where: string): ExportedLesson {
  const at = (key: string) => `${where}: ${key}`;
  const { status, tasks } = found;
  if (status !== 'open' && status !== 'passed' && status !== 'skipped') throw refused(at('status'), 'a status');
  const isIds =
    Array.isArray(tasks) && tasks.length <= 64 && tasks.every(id => typeof id === 'string' && idForm.test(id));
  if (!isIds) throw refused(at('tasks'), 'a list of tasks');
  const diagnoses = entries(object(found.diagnoses, at('diagnoses')), 32, at('diagnoses'), idForm);
  return {
    status,
    points: count(found.points, at('points')),
    tasks: [...new Set(tasks)],
    begunAt: time(found.begunAt, at('begunAt')),
    movedAt: time(found.movedAt, at('movedAt')),
    triedAt: time(found.triedAt, at('triedAt')),
    stuck: count(found.stuck, at('stuck')),
    attempts: count(found.attempts, at('attempts')),
    hints: count(found.hints, at('hints')),
    diagnoses: Object.fromEntries(diagnoses.map(([id, times]) => [id, count(times, at(id))])),
  };
}

function object(found: unknown, where: string): Record<string, unknown> {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw refused(where, 'an object');
  return found as Record<string, unknown>;
}

/** `__proto__` is no key that `form` knows, so that none of them is more than a key. */
function entries(found: Record<string, unknown>, most: number, where: string, form: RegExp): [string, unknown][] {
  const all = Object.entries(found);
  if (all.length > most) throw new Refused(`${where}: more than ${most}`);
  const strange = all.find(([key]) => !form.test(key));
  if (strange) throw new Refused(`${where}: ${quoted(strange[0])} is none`);
  return all;
}

function count(found: unknown, where: string): number {
  const isCount = Number.isSafeInteger(found) && Number(found) >= 0 && Number(found) <= 1_000_000;
  return isCount ? Number(found) : refuse(where, 'a number from 0 to 1000000');
}

function time(found: unknown, where: string): string | null {
  if (found === null) return null;
  const isTime =
    typeof found === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{5,18}Z$/.test(found) && !Number.isNaN(Date.parse(found));
  return isTime ? found : refuse(where, 'a time');
}

/** Of others' text: short, on one line, and without power over a terminal. */
export const quoted = (text: string) =>
  JSON.stringify(harmless(text.slice(0, 40)).replace(/[\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));

const refused = (where: string, what: string) => new Refused(`${where} is not ${what}`);

function refuse(where: string, what: string): never {
  throw refused(where, what);
}
