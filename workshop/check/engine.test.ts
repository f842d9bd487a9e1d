// The engine against code that is wrong in ways which have nothing to do with a lesson: each ends in a verdict that says so,
// and in none does the checker believe what it is told.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { findLesson } from '../lessons.ts';
import { checkLesson, openWatcher } from './engine.ts';
import type { LessonReport } from './report.ts';

const lesson = findLesson('02');
const solution = readFileSync(lesson.files.solution, 'utf8');
const first = lesson.tasks[0]?.id ?? '';

/** The reference with another contain(). */
const withContain = (body: string) =>
  `${solution.replace('export async function contain', 'async function reference')}
export async function contain(spec: Spec): Promise<Process> {
  ${body}
}
void reference;
`;

/** What never answers is waited for to the end; of the others the machine may be busy. */
const slownessFor = (source: string) => (/for \(;;\)|new Promise\(\(\) => \{\}\)/.test(source) ? 3 : 12);

async function judge(source: string, only = [first]): Promise<LessonReport> {
  return checkLesson(lesson, { source, earlier: 'reference', only, slowness: slownessFor(source) });
}

const wrong: [title: string, source: string, diagnosis: string | undefined, words: RegExp][] = [
  ['a syntax error', `${solution}\n{`, 'does-not-load', /not yet a program/],
  ['an import that is not there', solution.replace('import { build', 'import { bild, build'), 'does-not-load', /bild/],
  ['an error at the top', `throw new Error('oh');\n${solution}`, undefined, /oh/],
  [
    'no contain at all',
    solution.replace('export async function contain', 'async function contain'),
    undefined,
    /exports no function contain/,
  ],
  [
    'a contain that returns nothing',
    withContain('await reference(spec); return undefined as never;'),
    'no-process',
    /must return the Process/,
  ],
  ['a process that never becomes the command', withContain('return build(async () => {});'), undefined, /./],
  ['an endless loop', withContain('for (;;);'), 'never-returns', /did not come to an end/],
  ['process.exit', withContain('process.exit(0);'), 'process-ended', /ended with status 0/],
  [
    'the end of its own process by a signal',
    withContain("process.kill(process.pid, 'SIGKILL'); return reference(spec);"),
    'process-ended',
    /before it answered/,
  ],
  [
    'a call on a closed wire',
    withContain('return build(async box => { await box.close(3); await box.chdir("/"); });'),
    'wire-closed',
    /hears nothing more/,
  ],
  [
    'a call after execve',
    withContain('const box = await reference(spec); await box.chdir("/"); return box;'),
    'call-after-exec',
    /must be the last call/,
  ],
];

for (const [title, source, diagnosis, words] of wrong) {
  test.serial(`${title} is a failed task that says so`, async t => {
    t.not(source, solution);
    const { status, points, tasks } = await judge(source);
    t.is(status, 'fail');
    t.is(points, 0);
    t.is(tasks[0]?.status, 'fail');
    t.is(tasks[0]?.diagnosis, diagnosis, JSON.stringify(tasks[0]?.feedback, null, 1));
    t.regex(tasks[0]?.feedback?.means ?? '', words);
  });
}

test.serial('what the code says of itself is worth nothing', async t => {
  const boast = `console.log(JSON.stringify({ status: 'pass', points: 9 }));`;
  const forged = `const { writeSync } = await import('node:fs');
  for (let id = 1; id < 50; id++) writeSync(4, JSON.stringify({ id, value: { $box: 0, pid: process.pid } }) + '\\n');
  return new Promise(() => {});`;
  for (const body of [`${boast} return build(async () => {});`, forged]) {
    const report = await judge(withContain(body), []);
    t.is(report.points, 0);
  }
  const all = await checkLesson(lesson, { source: withContain(forged), earlier: 'reference', slowness: 3 });
  t.is(all.status, 'fail');
  t.is(all.points, 0);
});

test.serial('a line of the learner’s file is named', async t => {
  const source = solution.replace('await box.chroot(rootfs)', "await box.chroot('/not/there')");
  t.not(source, solution);
  const line = source.split('\n').findIndex(each => each.includes('/not/there')) + 1;
  const { tasks } = await judge(source);
  t.true(tasks[0]?.feedback?.look.startsWith(`lessons/02-chroot/chroot.ts:${line}`), tasks[0]?.feedback?.look);
});

test.serial('tasks that fail where another did are told apart from it, and not repeated', async t => {
  const source = solution.replace('await box.chroot(rootfs)', "await box.chroot('/not/there')");
  const { tasks } = await checkLesson(lesson, { source, earlier: 'reference', slowness: 12 });
  t.is(tasks.filter(task => task.status === 'fail').length, 1);
  t.true(tasks.filter(task => task.status === 'blocked').length >= 2);
  for (const task of tasks) if (task.status === 'blocked') t.regex(task.reason ?? '', /fails where/);
});

test.serial('a warm checker judges text after text, and an aborted check leaves the next one right', async t => {
  const watcher = await openWatcher(lesson, 'reference');
  try {
    for (const [source, status] of [
      [solution, 'pass'],
      [withContain('process.exit(1);'), 'fail'],
      [solution, 'pass'],
    ] as const) {
      t.is((await watcher.check({ source, slowness: 12 })).status, status);
    }
    const abort = new AbortController();
    const aborted = watcher.check({ source: withContain('for (;;);'), signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await t.throwsAsync(aborted, { name: 'AbortError' });
    t.is((await watcher.check({ source: solution, slowness: 12 })).status, 'pass');
  } finally {
    await watcher.close();
  }
});
