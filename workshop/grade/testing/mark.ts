// In place of grading's machines, for tests of the command: a lesson's task passes when its text has a line `// true: ITS-ID`. `// wait 50`
// takes so many milliseconds, `// wait for FILE` waits until there is such a file, `// crash` is a fault of the grader's own. Each mark that
// is reached is a line in the file `marked`, where there is one.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lesson, pointsOf } from '../../lessons.ts';
import { home } from '../../paths.ts';
import type { MarkOptions } from '../mark/index.ts';
import type { Bounds, Mark, MarkedLesson, Submission } from '../types.ts';

const log = `${home}/marked`;

export function keyOf({ files }: Submission, lessons: Lesson[], bounds: Bounds): string {
  const texts = lessons.map(({ name }) => files[name] ?? null);
  return createHash('sha256')
    .update(JSON.stringify([texts, lessons.map(({ name }) => name), bounds]))
    .digest('hex');
}

export async function markSubmission(
  submission: Submission,
  lessons: Lesson[],
  bounds: Bounds,
  { signal, onLesson }: MarkOptions = {},
): Promise<Mark> {
  const marked: MarkedLesson[] = [];
  for (const lesson of lessons) {
    const text = submission.files[lesson.name];
    const wait = Number(/\/\/ wait (\d+)/.exec(text ?? '')?.[1] ?? 0);
    if (wait) await sleep(wait, undefined, { signal });
    const file = /\/\/ wait for (\w+)/.exec(text ?? '')?.[1];
    while (file && !existsSync(`${home}/${file}`)) await sleep(20, undefined, { signal });
    if (text?.includes('// crash')) throw new Error('the machine has caught fire');
    const one = judged(lesson, text);
    marked.push(one);
    onLesson?.(one);
  }
  if (existsSync(log)) appendFileSync(log, `${submission.id}\n`);
  const { id, from, at, refused } = submission;
  return {
    ...{ version: 1, submission: { id, from, at, refused }, key: keyOf(submission, lessons, bounds) },
    ...{ outcome: 'marked', lessons: marked, markedAt: new Date().toISOString(), milliseconds: 1 },
  };
}

function judged(lesson: Lesson, text: string | undefined): MarkedLesson {
  const { name, number, title } = lesson;
  const tasks = lesson.tasks.map(({ id, title, points }) => {
    const passed = text?.includes(`// true: ${id}`) ?? false;
    const feedback = { did: `looked for ${id}`, kernel: 'ENOENT', means: `nothing makes ${id} true`, look: 'TODO 1' };
    const status = passed ? ('pass' as const) : ('fail' as const);
    return { id, title, points, status, ...(passed ? {} : { feedback }), milliseconds: 1 };
  });
  const points = tasks.reduce((sum, task) => sum + (task.status === 'pass' ? task.points : 0), 0);
  const outOf = pointsOf(lesson);
  const status = text === undefined ? 'missing' : points === outOf ? 'pass' : 'fail';
  return {
    name,
    number,
    title,
    status,
    points,
    outOf,
    tasks: text === undefined ? [] : tasks,
    leaks: [],
    milliseconds: 1,
  };
}
