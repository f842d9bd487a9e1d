// A grade, lesson by lesson and task by task, with nothing left out: also what was not reached or not handed in has its line. Every
// format is made from this.
import type { Feedback } from '../../check/report.ts';
import type { Lesson } from '../../lessons.ts';
import type { Grade, MarkedLesson } from '../types.ts';

export interface Outcome {
  id: string;
  title: string;
  points: number;
  /** The TODO that it is about; null where the lesson is not known here. */
  todo: number | null;
  /** Beside those of a check: 'unreached' when the machine ended before it, 'missing' without a file, 'ungraded' as its lesson is. */
  verdict: 'pass' | 'fail' | 'blocked' | 'skip' | 'unreached' | 'missing' | 'ungraded';
  feedback?: Feedback;
  reason?: string;
  milliseconds: number;
}

export interface LessonOutcome {
  name: string;
  number: string;
  title: string;
  status: MarkedLesson['status'];
  points: number;
  outOf: number;
  /** What it could give of the 100, and what it gave: before lateness. */
  worth: number;
  gives: number;
  reason?: string;
  /** No task was tried, because loading the file threw. */
  broken: boolean;
  leaks: string[];
  milliseconds: number;
  tasks: Outcome[];
  /** Its text, hints and files; null where it is not known here. */
  lesson: Lesson | null;
}

export function outcomesOf(grade: Grade, lessons: Lesson[]): LessonOutcome[] {
  const weights = grade.lessons.filter(each => each.outOf > 0).reduce((sum, each) => sum + each.weight, 0);
  return grade.lessons.map(counted => {
    const lesson = lessons.find(each => each.name === counted.name) ?? null;
    const marked = grade.mark.lessons.find(each => each.name === counted.name) ?? missing(counted.name, lesson);
    const { points, outOf } = counted;
    const worth = outOf > 0 && weights > 0 ? (100 * counted.weight) / weights : 0;
    const tasks = tasksOf(marked, lesson);
    return {
      ...{ name: marked.name, number: marked.number, title: marked.title, status: marked.status },
      ...{ points, outOf, worth, gives: outOf > 0 ? (worth * points) / outOf : 0 },
      ...(marked.reason && { reason: marked.reason }),
      broken: marked.status === 'fail' && Boolean(marked.reason) && !tasks.some(({ verdict }) => verdict === 'pass'),
      ...{ leaks: marked.leaks, milliseconds: marked.milliseconds, tasks, lesson },
    };
  });
}

const missing = (name: string, lesson: Lesson | null): MarkedLesson => ({
  ...{ name, number: name.slice(0, 2), title: lesson?.title ?? name },
  ...{ status: 'missing', points: 0, outOf: 0, tasks: [], leaks: [], milliseconds: 0 },
});

/** Those of the mark, and in their places those of the lesson that the mark does not have. */
function tasksOf(marked: MarkedLesson, lesson: Lesson | null): Outcome[] {
  const never = marked.status === 'missing' || marked.status === 'ungraded' ? marked.status : null;
  const known = lesson?.tasks ?? [];
  const todo = (id: string) => known.find(each => each.id === id)?.todo ?? null;
  const tried = marked.tasks.map(({ status, ...task }) => {
    const unreached = marked.status === 'ended' && status === 'blocked' && /^not reached\b/.test(task.reason ?? '');
    return { ...task, todo: todo(task.id), verdict: never ?? (unreached ? ('unreached' as const) : status) };
  });
  const others = known
    .filter(({ id }) => !tried.some(task => task.id === id))
    .map(({ needs: _, ...task }) => ({ ...task, verdict: never ?? ('unreached' as const), milliseconds: 0 }));
  const place = (id: string) => known.findIndex(each => each.id === id);
  return others.length > 0 ? [...tried, ...others].sort((a, b) => place(a.id) - place(b.id)) : tried;
}

/** Whether it can earn points here. */
export const counts = ({ verdict }: Outcome) => verdict !== 'skip' && verdict !== 'ungraded';

/** A failure as one text, for formats that have room for one. */
export function inWords(task: Outcome): string {
  const { feedback } = task;
  if (feedback) {
    return `${feedback.did}\n\nThe kernel said:\n${feedback.kernel}\n\n${feedback.means}\n\nWhere to look: ${feedback.look}`;
  }
  return task.reason ?? why[task.verdict];
}

const why: Record<Outcome['verdict'], string> = {
  pass: 'It holds.',
  fail: 'It does not hold.',
  blocked: 'Not tried, because something before it failed.',
  skip: 'It cannot be tried on the grader’s machine, and counts for nobody.',
  unreached: 'Not reached: its machine ended before.',
  missing: 'Nothing was handed in for this lesson.',
  ungraded: 'The grader’s machine cannot run this lesson, and it counts for nobody.',
};
