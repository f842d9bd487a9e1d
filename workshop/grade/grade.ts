// Grading a class, step by step: who has handed in → what counts of it → a mark → a grade → reports. How a mark is made is the caller's:
// in a machine here, or by workers elsewhere.
import { UserError } from '../errors.ts';
import { findLesson, type Lesson } from '../lessons.ts';
import { readRules } from './configuration.ts';
import { failedMark } from './failed.ts';
import { type Handed, take } from './intake/index.ts';
import type { Journal } from './journal.ts';
import { applyRules, plainRules } from './rules.ts';
import type { Bounds, Grade, Mark, Rules, Submission, Watcher } from './types.ts';

/** From submissions to marks, each as soon as it is there, in whatever order. */
export type Road = (submissions: AsyncIterable<Submission>) => AsyncIterable<Mark>;

export interface Work {
  handed: Handed[];
  lessons: Lesson[];
  bounds: Bounds;
  /** Of a repository, the branch, tag or commit that counts; HEAD without it. */
  ref?: string | undefined;
  journal: Journal;
  keyOf(submission: Submission, lessons: Lesson[], bounds: Bounds): string;
  watcher: Pick<Watcher, 'done'> & { kept(mark: Mark): void };
  signal: AbortSignal;
}

/** The class's rules, and of the lessons those that it counts; `--lessons` chooses among them. */
export function chooseRules(
  known: Lesson[],
  { rules: file, lessons: wanted }: { rules?: string; lessons?: string },
): Rules {
  const rules = file === undefined ? plainRules(known) : readRules(file, known);
  if (wanted === undefined) return rules;
  const names = new Set(wanted.split(',').map(each => findLesson(each.trim()).name));
  for (const name of names) {
    if (!rules.lessons.some(lesson => lesson.name === name)) {
      throw new UserError(`${file} does not count lesson ${name}`, 'add it there, or leave it out of --lessons', 2);
    }
  }
  return { ...rules, lessons: rules.lessons.filter(({ name }) => names.has(name)) };
}

/** Marks what has no mark yet. Each is in the journal before the next thing is done. */
export async function markClass(work: Work, road: Road): Promise<void> {
  const finish = (mark: Mark) => {
    work.journal.keep(mark);
    work.watcher.done(mark);
  };
  for await (const mark of road(unmarked(work, finish))) finish(mark);
  work.signal.throwIfAborted();
}

async function* unmarked(work: Work, finish: (mark: Mark) => void): AsyncGenerator<Submission> {
  const { handed, lessons, bounds, ref, journal, keyOf, watcher, signal } = work;
  for (const each of handed) {
    if (signal.aborted) return;
    let submission: Submission;
    try {
      submission = await take(each, lessons, ref);
    } catch (error) {
      if (!(error instanceof UserError) && !isOfTheirFiles(error)) throw error;
      finish(failedMark({ ...each, at: null, files: {}, refused: [] }, '', (error as Error).message));
      continue;
    }
    const before = journal.kept(each.id, keyOf(submission, lessons, bounds));
    if (!before) {
      yield submission;
      continue;
    }
    // When it was handed in, and from where, may be said anew.
    const { id, from, at, refused } = submission;
    const mark = { ...before, submission: { id, from, at, refused } };
    if (JSON.stringify(mark) !== JSON.stringify(before)) journal.keep(mark);
    watcher.kept(mark);
  }
}

/** Gone, locked, or on a disk that fails: one submission's trouble, and not the class's. */
const isOfTheirFiles = (error: unknown) => (error as NodeJS.ErrnoException).syscall !== undefined;

/** Of all that the results folder has a mark of. Those of an earlier run that was about other lessons are left out, and named. */
export function gradesOf(
  journal: Journal,
  handed: Handed[],
  rules: Rules,
  known: Lesson[],
): { grades: Grade[]; others: string[] } {
  const now = new Set(handed.map(({ id }) => id));
  const covers = ({ outcome, lessons }: Mark) =>
    outcome === 'error' || rules.lessons.every(({ name }) => lessons.some(lesson => lesson.name === name));
  const marks = journal.all();
  const others = marks.filter(mark => !now.has(mark.submission.id) && !covers(mark)).map(mark => mark.submission.id);
  const grades = marks.filter(mark => !others.includes(mark.submission.id)).map(mark => applyRules(mark, rules, known));
  return { grades, others };
}
