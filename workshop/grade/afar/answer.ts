// A mark that comes back from another machine: looked at before it counts, and given its name again.
import type { Lesson } from '../../lessons.ts';
import type { Mark, MarkedLesson, MarkedTask, Submission } from '../types.ts';
import type { Order } from './order.ts';

/**
 * The mark that an order was answered with, as `submission`'s. Throws what is wrong with it: a form that this version does not know, a lesson
 * or a task that there is not, more points than there are.
 */
export function readAnswer(value: unknown, order: Order, submission: Submission, lessons: Lesson[]): Mark {
  const mark = value as Mark;
  const { id, from, at, refused } = submission;
  if (mark?.version !== 1) throw new Error('an answer of another version');
  if (mark.key !== order.key) throw new Error('an answer to another order');
  if (mark.outcome !== 'marked' || !Array.isArray(mark.lessons)) throw new Error('an answer without marks');
  const names = mark.lessons.map(lesson => lesson?.name);
  if (JSON.stringify([...names].sort()) !== JSON.stringify([...order.lessons].sort())) {
    throw new Error('an answer about other lessons');
  }
  for (const marked of mark.lessons) {
    const lesson = lessons.find(each => each.name === marked.name);
    if (!lesson || !isLesson(marked, lesson)) throw new Error(`an answer with a lesson ${marked.name} that cannot be`);
  }
  if (Number.isNaN(Date.parse(mark.markedAt)) || !isAmount(mark.milliseconds))
    throw new Error('an answer without its time');
  return { ...mark, submission: { id, from, at, refused } };
}

const lessonStates = new Set(['pass', 'fail', 'missing', 'ended', 'ungraded']);
const taskStates = new Set(['pass', 'fail', 'skip', 'blocked']);

function isLesson(marked: MarkedLesson, lesson: Lesson): boolean {
  if (
    !lessonStates.has(marked.status) ||
    !Array.isArray(marked.tasks) ||
    !marked.tasks.every(task => isTask(task, lesson))
  ) {
    return false;
  }
  const most = lesson.tasks.reduce((sum, task) => sum + task.points, 0);
  const { points, outOf, leaks } = marked;
  return isAmount(points) && isAmount(outOf) && points <= outOf && outOf <= most && Array.isArray(leaks);
}

function isTask(task: MarkedTask, lesson: Lesson): boolean {
  const known = lesson.tasks.find(each => each.id === task?.id);
  return known !== undefined && known.points === task.points && taskStates.has(task.status);
}

const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
