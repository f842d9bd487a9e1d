// From what the worker said to a lesson's mark.
import { type Lesson, pointsOf } from '../../lessons.ts';
import type { MarkedLesson, MarkedTask } from '../types.ts';
import type { Said } from './protocol.ts';

const sum = (tasks: { points: number }[]) => tasks.reduce((total, { points }) => total + points, 0);

/** What does not depend on why it came to this. A task that this machine cannot try counts for nobody. */
function from(lesson: Lesson, tasks: MarkedTask[]) {
  return {
    ...{ name: lesson.name, number: lesson.number, title: lesson.title },
    points: sum(tasks.filter(task => task.status === 'pass')),
    outOf: sum(tasks.filter(task => task.status !== 'skip')),
    ...{ tasks, leaks: [], milliseconds: 0 },
  };
}

export function missing(lesson: Lesson): MarkedLesson {
  return { ...from(lesson, []), status: 'missing', outOf: pointsOf(lesson) };
}

export function ungraded(lesson: Lesson, reason: string): MarkedLesson {
  return { ...from(lesson, []), status: 'ungraded', reason };
}

/** What had been reached counts; the rest is lost. */
export function ended(lesson: Lesson, reached: MarkedTask[], reason: string, milliseconds: number): MarkedLesson {
  const rest = lesson.tasks.slice(reached.length).map(({ id, title, points }): MarkedTask => {
    return { id, title, points, status: 'blocked', reason: `not reached: ${reason}`, milliseconds: 0 };
  });
  return { ...from(lesson, [...reached, ...rest]), status: 'ended', reason, milliseconds };
}

export function judged(lesson: Lesson, tasks: MarkedTask[], end: Said & { is: 'end' }): MarkedLesson {
  const tried = tasks.filter(task => task.status !== 'skip');
  if (tried.length === 0) return ungraded(lesson, tasks[0]?.reason ?? 'it has no task that can be tried here');
  const passed = tried.every(task => task.status === 'pass') && end.leaks.length === 0;
  return {
    ...from(lesson, tasks),
    ...{ status: passed ? 'pass' : 'fail', leaks: end.leaks, milliseconds: end.milliseconds },
    ...(end.error !== null && { reason: end.error }),
  };
}
