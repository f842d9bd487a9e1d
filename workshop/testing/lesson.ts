// A lesson and reports about it, made up, for tests of what is done with them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { LessonReport, TaskReport, TraceLine } from '../check/report.ts';
import type { Lesson } from '../lessons.ts';

/** In a folder of its own for the test's time, with its file and the solution. */
export function makeLesson(
  t: { teardown(undo: () => void): void },
  text = 'starter\n',
): { lesson: Lesson; folder: string } {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-lesson-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(`${folder}/lessons`);
  const task = { id: 'own-name', title: 'a name of its own', points: 2, todo: 1 };
  const lesson: Lesson = {
    number: '06',
    name: '06-uts',
    slug: 'uts',
    title: 'Its own name',
    minutes: 15,
    needs: { root: 'any', kernel: '3.0' },
    tasks: [task],
    hints: ['a nudge', 'the concept', 'the page', 'the shape'],
    text: 'Text.',
    files: {
      readme: `${folder}/README.md`,
      lesson: `${folder}/lessons/uts.ts`,
      checks: `${folder}/uts.test.ts`,
      solution: `${folder}/solution.ts`,
      explanation: `${folder}/why.md`,
      mistakes: `${folder}/mistakes`,
    },
  };
  writeFileSync(lesson.files.lesson, text);
  writeFileSync(lesson.files.solution, 'solution\n');
  return { lesson, folder: `${folder}/.progress` };
}

export function makeTask(id: string, status: TaskReport['status'], more: Partial<TaskReport> = {}): TaskReport {
  const feedback = {
    did: 'started it',
    kernel: 'sethostname("x", 1) = 0',
    means: 'the order is wrong',
    look: 'TODO 1',
  };
  const failure = status === 'fail' ? { feedback } : {};
  return { id, title: `the ${id} holds`, points: 2, status, trace: [], milliseconds: 1, ...failure, ...more };
}

export function makeReport(tasks: TaskReport[], more: Partial<LessonReport> = {}): LessonReport {
  const points = tasks.filter(({ status }) => status === 'pass').reduce((sum, task) => sum + task.points, 0);
  const outOf = tasks.reduce((sum, task) => sum + task.points, 0);
  const status = tasks.every(task => task.status === 'pass') ? 'pass' : 'fail';
  return {
    lesson: '06-uts',
    title: 'Its own name',
    status,
    points,
    outOf,
    tasks,
    leaks: [],
    milliseconds: 210,
    ...more,
  };
}

export function makeCall(text: string, code: string | null = null): TraceLine {
  const name = text.split('(')[0] ?? '';
  return { pid: 1, name, text: `${text} = ${code ? -1 : 0}`, result: code ? -1 : 0, code, line: 17, file: null };
}
