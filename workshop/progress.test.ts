import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { UserError } from './errors.ts';
import { climb } from './hints.ts';
import { nextOpen } from './next-open.ts';
import { progressOf, readProgress, recordVerdict, setSkipped, updateProgress } from './progress.ts';
import { makeLesson, makeReport, makeTask } from './testing/lesson.ts';

const passed = makeReport([makeTask('name', 'pass')]);
const failed = makeReport([makeTask('name', 'fail')]);

test('what nobody has touched is open, and no file is made for it', t => {
  const { lesson, folder } = makeLesson(t);
  const untouched = { status: 'open', points: 0, passedAt: null, hintsShown: 0, attempts: 0 } as const;
  const history = { tasks: [], begunAt: null, movedAt: null, triedAt: null, stuck: 0, diagnoses: {} };
  t.deepEqual(progressOf(lesson, readProgress(folder)), { ...untouched, history });
  t.throws(() => readdirSync(folder), { code: 'ENOENT' });
});

test('a lesson once passed stays so, with its points and its time, when a later check fails', t => {
  const { lesson, folder } = makeLesson(t);
  recordVerdict(lesson, passed, folder);
  const before = progressOf(lesson, readProgress(folder));
  recordVerdict(lesson, failed, folder);
  t.like(before, { status: 'passed', points: 2, attempts: 1 });
  const { history: _, ...after } = progressOf(lesson, readProgress(folder));
  const { history: __, ...expected } = before;
  t.deepEqual(after, { ...expected, attempts: 2 });
});

test('a lesson that this machine cannot run counts no attempt', t => {
  const { lesson, folder } = makeLesson(t);
  recordVerdict(lesson, { ...passed, status: 'skip' }, folder);
  t.is(progressOf(lesson, readProgress(folder)).attempts, 0);
});

test('a skipped lesson is not the next one, and one that is passed cannot be skipped', t => {
  const { lesson, folder } = makeLesson(t);
  const other = { ...lesson, name: '07-ipc', number: '07' };
  setSkipped(lesson, true, folder);
  t.is(nextOpen([lesson, other], readProgress(folder)), other);
  setSkipped(lesson, false, folder);
  t.is(nextOpen([lesson, other], readProgress(folder)), lesson);
  recordVerdict(lesson, passed, folder);
  t.is(setSkipped(lesson, true, folder).status, 'passed');
});

test('after a lesson the next open one follows, and from the last the search begins again', t => {
  const { lesson } = makeLesson(t);
  const lessons = ['06', '07', '08'].map(number => ({ ...lesson, number, name: `${number}-x` }));
  const [first, second, third] = lessons;
  t.is(nextOpen(lessons, { version: 1, lessons: {} }, first), second);
  t.is(nextOpen(lessons, { version: 1, lessons: {} }, third), first);
});

test('hints climb a rung a call, and end', t => {
  const { lesson, folder } = makeLesson(t);
  const rungs = Array.from({ length: 5 }, () => climb(lesson, false, folder));
  t.deepEqual(
    rungs.map(({ from, to }) => [from, to]),
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 4],
    ],
  );
  t.deepEqual(climb(lesson, true, folder), { from: 0, to: 4 });
});

for (const [what, text] of [
  ['half a file', '{"version": 1, "less'],
  ['another shape', '{"version": 1, "lessons": {"06-uts": {"status": "done"}}}'],
  ['a list', '[]'],
] as const) {
  test.serial(`${what} is set aside with a line, and a new file is begun`, t => {
    const { lesson, folder } = makeLesson(t);
    mkdirSync(folder);
    writeFileSync(`${folder}/progress.json`, text);
    const lines: string[] = [];
    const { error } = console;
    console.error = (line: string) => lines.push(line);
    try {
      recordVerdict(lesson, passed, folder);
    } finally {
      console.error = error;
    }
    t.is(lines.length, 1);
    const aside = readdirSync(folder).find(name => name.includes('damaged'));
    t.is(readFileSync(`${folder}/${aside}`, 'utf8'), text);
    t.is(progressOf(lesson, readProgress(folder)).status, 'passed');
  });
}

test('a file of before there was a history is taken over, and what it had is there', t => {
  const { lesson, folder } = makeLesson(t);
  mkdirSync(folder);
  const old = { status: 'open', points: 1, passedAt: null, hintsShown: 2, attempts: 7 };
  writeFileSync(`${folder}/progress.json`, JSON.stringify({ version: 1, lessons: { [lesson.name]: old } }));
  t.like(progressOf(lesson, readProgress(folder)), { ...old, history: { tasks: [], begunAt: null } });
  recordVerdict(lesson, passed, folder);
  t.like(progressOf(lesson, readProgress(folder)), { attempts: 8, hintsShown: 2, history: { tasks: ['name'] } });
  t.is(JSON.parse(readFileSync(`${folder}/progress.json`, 'utf8')).version, 1);
});

test('a file of a newer version is left alone', t => {
  const { folder } = makeLesson(t);
  mkdirSync(folder);
  writeFileSync(`${folder}/progress.json`, '{"version": 2}');
  t.throws(() => updateProgress(() => {}, folder), { instanceOf: UserError, message: /newer/ });
  t.is(readFileSync(`${folder}/progress.json`, 'utf8'), '{"version": 2}');
});

test('a change that throws leaves the file as it was, and the lock free', t => {
  const { lesson, folder } = makeLesson(t);
  recordVerdict(lesson, passed, folder);
  t.throws(
    () =>
      updateProgress(() => {
        throw new RangeError('no');
      }, folder),
    { instanceOf: RangeError },
  );
  t.is(progressOf(lesson, recordVerdict(lesson, failed, folder)).attempts, 2);
  t.deepEqual(readdirSync(folder), ['progress.json']);
});

test('processes that write at once lose nothing, also beside the lock of one that died', async t => {
  const { lesson, folder } = makeLesson(t);
  mkdirSync(folder);
  // No process has this number: it is above the kernel's limit. proc_sys_kernel(5), pid_max
  writeFileSync(`${folder}/progress.lock`, String(1 << 29));
  const url = new URL('./progress.ts', import.meta.url).href;
  const script = `
    const { updateProgress, progressOf } = await import(${JSON.stringify(url)});
    for (let i = 0; i < 25; i++) updateProgress(progress => {
      const before = progressOf({ name: '06-uts' }, progress);
      progress.lessons['06-uts'] = { ...before, attempts: before.attempts + 1 };
    }, ${JSON.stringify(folder)});`;
  const run = promisify(execFile);
  await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script])));
  t.is(progressOf(lesson, readProgress(folder)).attempts, 100);
  t.deepEqual(readdirSync(folder), ['progress.json']);
});
