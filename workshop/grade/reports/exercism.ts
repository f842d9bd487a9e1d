// results.json in the form of Exercism's test runners, version 3 (exercism/docs, building/tooling/test-runners/interface.md).
import type { Grade } from '../types.ts';
import { clean } from './clean.ts';
import { counts, inWords, type LessonOutcome, type Outcome } from './outcome.ts';
import { testCode } from './test-code.ts';

/** The specification has 65,535, less where characters take more than a byte. */
const longestMessage = 16_000;

/**
 * A submission is their exercise, and a lesson a task of it: `task_id` is the lesson's number. There is no way to say 'skipped', so what
 * cannot be tried here is left out. `output` is what a learner printed on purpose, and no check keeps that.
 */
export function exercism({ mark }: Grade, lessons: LessonOutcome[]): string {
  const tests =
    mark.outcome === 'marked' ? lessons.flatMap(lesson => lesson.tasks.filter(counts).map(one(lesson))) : [];
  const ran = tests.some(test => test.status !== 'error');
  const status = ran ? (tests.every(test => test.status === 'pass') ? 'pass' : 'fail') : 'error';
  const message = status === 'error' ? whyNone(mark, lessons) : null;
  return `${JSON.stringify({ version: 3, status, message, tests }, null, 2)}\n`;
}

const one = (lesson: LessonOutcome) => (task: Outcome) => {
  const code = testCode(lesson.lesson, task.id);
  return {
    name: `${lesson.number} · ${lesson.title}: ${task.title}`,
    status: task.verdict === 'pass' || task.verdict === 'fail' ? task.verdict : ('error' as const),
    ...(task.verdict !== 'pass' && { message: inWords(task) }),
    ...(code && { test_code: code }),
    task_id: Number(lesson.number),
  };
};

function whyNone(mark: Grade['mark'], lessons: LessonOutcome[]): string {
  if (mark.outcome === 'error') return `The grader failed, and will try again: ${mark.reason ?? 'no reason is known'}`;
  const reasons = lessons.map(({ number, title, status, reason }) => {
    return `${number} · ${title}: ${reason ?? (status === 'missing' ? 'nothing was handed in' : 'no task could be tried')}`;
  });
  return clean(reasons.join('\n') || 'There was nothing to mark.', longestMessage);
}
