// Which lesson is next.
import { allLessons, type Lesson } from './lessons.ts';
import { progressOf, readProgress } from './progress.ts';

/** The first lesson that is neither passed nor skipped; after `after` first, where one is given. */
export function nextOpen(lessons = allLessons(), progress = readProgress(), after?: Lesson): Lesson | undefined {
  const start = after ? lessons.findIndex(({ name }) => name === after.name) + 1 : 0;
  const inTurn = [...lessons.slice(start), ...lessons.slice(0, start)];
  return inTurn.find(lesson => progressOf(lesson, progress).status === 'open');
}
