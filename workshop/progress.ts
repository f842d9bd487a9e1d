// What a learner has reached: one small file that git ignores, written whole, and by one process at a time.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { LessonReport } from './check/report.ts';
import { UserError } from './errors.ts';
import { makeFolder, writeWhole } from './files.ts';
import { afterVerdict, type History, noHistory, takeOver } from './history.ts';
import type { Lesson } from './lessons.ts';
import { withLock } from './lock.ts';
import { progress as defaultFolder } from './paths.ts';

export interface LessonProgress {
  status: 'open' | 'passed' | 'skipped';
  /** The most that a check has given. */
  points: number;
  /** When it first passed, in ISO 8601. */
  passedAt: string | null;
  hintsShown: number;
  /** Verdicts so far. */
  attempts: number;
  history: History;
}

export interface Progress {
  version: 1;
  /** By the lesson's name: '03-mount-namespace'. */
  lessons: Record<string, LessonProgress>;
}

const untouched = { status: 'open', points: 0, passedAt: null, hintsShown: 0, attempts: 0 } as const;

export function readProgress(folder = defaultFolder): Progress {
  const path = `${folder}/progress.json`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, lessons: {} };
    throw unusable(path, error);
  }
  const found = parse(text);
  if (found === 'newer') {
    throw new UserError(`${path} was written by a newer Boxwright`, 'update this one with `git pull`');
  }
  return found ?? setAside(path);
}

/** Reads, changes and writes; of two processes at once the second sees what the first wrote. */
export function updateProgress(change: (progress: Progress) => void, folder = defaultFolder): Progress {
  try {
    makeFolder(folder);
    return withLock(`${folder}/progress.lock`, () => {
      const progress = readProgress(folder);
      change(progress);
      writeWhole(`${folder}/progress.json`, `${JSON.stringify(progress, null, 2)}\n`);
      return progress;
    });
  } catch (error) {
    throw error instanceof UserError ? error : unusable(folder, error);
  }
}

export function progressOf(lesson: Pick<Lesson, 'name'>, progress: Progress): LessonProgress {
  return progress.lessons[lesson.name] ?? { ...untouched, history: noHistory() };
}

export function updateLesson(lesson: Lesson, change: Partial<LessonProgress>, folder?: string): Progress {
  return updateProgress(progress => {
    progress.lessons[lesson.name] = { ...progressOf(lesson, progress), ...change };
  }, folder);
}

/**
 * A verdict counts as an attempt, unless this machine could try nothing. A lesson once passed stays so until `reset`, whatever is
 * tried in its file later.
 */
export function recordVerdict(lesson: Lesson, report: LessonReport, folder?: string): Progress {
  if (report.status === 'skip') return readProgress(folder);
  return updateProgress(progress => {
    const before = progressOf(lesson, progress);
    const passed = before.status === 'passed' || report.status === 'pass';
    progress.lessons[lesson.name] = {
      ...before,
      status: passed ? 'passed' : before.status,
      points: Math.max(before.points, report.points),
      passedAt: before.passedAt ?? (passed ? new Date().toISOString() : null),
      attempts: before.attempts + 1,
      history: afterVerdict(before.history, report),
    };
  }, folder);
}

/** Passes over a lesson, or opens it again; one that is passed stays so. */
export function setSkipped(lesson: Lesson, skipped: boolean, folder?: string): LessonProgress {
  const progress = updateProgress(progress => {
    const before = progressOf(lesson, progress);
    if (before.status === 'passed') return;
    progress.lessons[lesson.name] = { ...before, status: skipped ? 'skipped' : 'open' };
  }, folder);
  return progressOf(lesson, progress);
}

function parse(text: string): Progress | 'newer' | null {
  try {
    const { version, lessons } = JSON.parse(text) as Progress;
    if (typeof version === 'number' && version > 1) return 'newer';
    if (version !== 1 || typeof lessons !== 'object' || lessons === null || !Object.values(lessons).every(isWhole))
      return null;
    // Files of before there was a history are of this version too.
    for (const entry of Object.values(lessons)) entry.history = takeOver(entry.history);
    return { version, lessons };
  } catch {
    return null;
  }
}

function isWhole(entry: LessonProgress): boolean {
  const numbers = [entry?.points, entry?.hintsShown, entry?.attempts];
  return ['open', 'passed', 'skipped'].includes(entry?.status) && numbers.every(Number.isFinite);
}

/** A file that cannot be read is worth keeping, and no reason to stop. */
function setAside(path: string): Progress {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  if (existsSync(path)) renameSync(path, aside);
  console.error(`boxwright: the progress file was damaged; it lies in ${aside}, and a new one is begun`);
  return { version: 1, lessons: {} };
}

function unusable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (!code) return error as Error;
  return new UserError(
    `${path} cannot be used: ${code}`,
    'see who owns that folder, and whether its disk is full (`ls -la`, `df`)',
  );
}
