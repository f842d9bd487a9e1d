// Whose code the functions of earlier lessons are: package.json maps `#01-process` to the learner's file or, under the
// condition `solved-01`, to the reference.
import { allLessons, type Lesson } from '../lessons.ts';
import { progressOf, readProgress } from '../progress.ts';

/** 'mine': the learner's own where they have passed, else the reference's. */
export type Earlier = 'mine' | 'reference';

/** For who uses all lessons and stands behind the last: `box`. */
export const conditionsForAll = () => conditionsBefore(allLessons(), 'mine');

/** The conditions with which the learner's process is started. */
export function conditionsFor(lesson: Lesson, earlier: Earlier = 'mine'): string[] {
  return conditionsBefore(
    allLessons().filter(each => each.number < lesson.number),
    earlier,
  );
}

function conditionsBefore(lessons: Lesson[], earlier: Earlier): string[] {
  const progress = readProgress();
  const isMine = (each: Lesson) => earlier === 'mine' && progressOf(each, progress).status === 'passed';
  return lessons.filter(each => !isMine(each)).map(each => `solved-${each.number}`);
}
