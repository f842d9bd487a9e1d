// classroom.json: the result of one runner, as GitHub Classroom's reporter (classroom-resources/autograding-grading-reporter) takes it,
// in base64, from the environment. It adds up `score` and `max_score`.
import type { Grade } from '../types.ts';
import { counts, inWords, type LessonOutcome, type Outcome } from './outcome.ts';
import { testCode, testFile } from './test-code.ts';

/** Points as they are in the lessons: Classroom knows neither weights nor, from a runner, lateness. */
export function classroom({ mark }: Grade, lessons: LessonOutcome[]): string {
  const tests =
    mark.outcome === 'marked' ? lessons.flatMap(lesson => lesson.tasks.filter(counts).map(one(lesson))) : [];
  const has = (status: string) => tests.some(test => test.status === status);
  const status = tests.length === 0 ? 'error' : has('fail') ? 'fail' : has('error') ? 'error' : 'pass';
  const points = lessons.flatMap(lesson => lesson.tasks.filter(counts)).reduce((sum, task) => sum + task.points, 0);
  return `${JSON.stringify({ version: 1, status, max_score: points, tests }, null, 2)}\n`;
}

const one = (lesson: LessonOutcome) => (task: Outcome) => ({
  name: `${lesson.number} ${task.id}: ${task.title}`,
  status: task.verdict === 'pass' || task.verdict === 'fail' ? task.verdict : ('error' as const),
  message: task.verdict === 'pass' ? null : inWords(task),
  test_code: testCode(lesson.lesson, task.id) ?? '',
  filename: lesson.lesson ? testFile(lesson.lesson) : '',
  line_no: 0,
  execution_time: `${Math.round(task.milliseconds) / 1000}s`,
  score: task.verdict === 'pass' ? task.points : 0,
});
