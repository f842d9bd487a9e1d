// Which lesson a command means.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { UserError } from './errors.ts';
import { findLesson, type Lesson } from './lessons.ts';
import { nextOpen } from './next-open.ts';
import { home } from './paths.ts';
import { progressOf, readProgress } from './progress.ts';

/** The one that was named, else the first open one. */
export function lessonOr(wanted: string | undefined): Lesson {
  if (wanted !== undefined) return findLesson(wanted);
  const lesson = nextOpen();
  if (lesson) return lesson;
  throw new UserError('no lesson is open any more', 'name one (`npx boxwright list`)', 2);
}

/** A lesson's solution is no secret, but it is worth more after one's own. */
export function requirePassed(lesson: Lesson, now: boolean | undefined): void {
  if (now || progressOf(lesson, readProgress()).status === 'passed') return;
  throw new UserError(
    `lesson ${lesson.number} is not passed yet`,
    `\`npx boxwright hint ${lesson.number}\` helps on; --now shows it all the same`,
  );
}

/** Before anything that runs the learner's file: it can have been moved away. */
export function requireFile(lesson: Lesson): Lesson {
  if (existsSync(lesson.files.lesson)) return lesson;
  const file = relative(home, lesson.files.lesson);
  throw new UserError(`${file} is not there`, `\`npx boxwright reset ${lesson.number}\` gives back the starter`);
}
