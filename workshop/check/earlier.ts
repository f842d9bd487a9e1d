// Whose code the functions of earlier lessons are: package.json maps `#01-process` to the learner's file or, under the
// condition `solved-01`, to the reference.
import { lessonNames, numberOf } from '../lesson-names.ts';
import type { Lesson } from '../lessons.ts';
import { progressOf, readProgress } from '../progress.ts';

/** 'mine': the learner's own where they have passed, else the reference's. */
export type Earlier = 'mine' | 'reference';

/** For who uses all lessons and stands behind the last: `box`. */
export const conditionsForAll = () => conditionsOf(lessonNames(), 'mine');

/** The conditions with which the learner's process is started. */
export function conditionsFor(lesson: Lesson, earlier: Earlier = 'mine'): string[] {
  return conditionsOf(
    lessonNames().filter(name => numberOf(name) < lesson.number),
    earlier,
  );
}

function conditionsOf(names: string[], earlier: Earlier): string[] {
  const progress = readProgress();
  const isMine = (name: string) => earlier === 'mine' && progressOf({ name }, progress).status === 'passed';
  return names.filter(name => !isMine(name)).map(name => `solved-${numberOf(name)}`);
}
