import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { UserError } from './errors.ts';
import { progressOf, readProgress, recordVerdict } from './progress.ts';
import { keepStarters, reset, starterOf } from './starters.ts';
import { makeLesson, makeReport, makeTask } from './testing/lesson.ts';
import { lessonFile, makeTree, starter } from './testing/tree.ts';

test('reset gives the starter back, keeps the text, and opens the lesson again', t => {
  const { lesson, folder } = makeLesson(t, 'starter\n');
  keepStarters([lesson], folder);
  writeFileSync(lesson.files.lesson, 'mine\n');
  recordVerdict(lesson, makeReport([makeTask('name', 'pass')]), folder);
  const kept = reset(lesson, folder);
  t.is(readFileSync(lesson.files.lesson, 'utf8'), 'starter\n');
  t.is(readFileSync(`${kept}`, 'utf8'), 'mine\n');
  t.like(progressOf(lesson, readProgress(folder)), { status: 'open', points: 0, passedAt: null });
});

test('a second reset keeps nothing, because there is nothing to keep', t => {
  const { lesson, folder } = makeLesson(t);
  keepStarters([lesson], folder);
  t.is(reset(lesson, folder), null);
});

test('a file that was deleted comes back', t => {
  const { lesson, folder } = makeLesson(t, 'starter\n');
  keepStarters([lesson], folder);
  rmSync(lesson.files.lesson);
  t.is(reset(lesson, folder), null);
  t.is(readFileSync(lesson.files.lesson, 'utf8'), 'starter\n');
});

test('what a learner writes after the first check never becomes the starter', t => {
  const { lesson, folder } = makeLesson(t, 'starter\n');
  keepStarters([lesson], folder);
  recordVerdict(lesson, makeReport([makeTask('name', 'fail')]), folder);
  writeFileSync(lesson.files.lesson, 'mine\n');
  keepStarters([lesson], folder);
  t.is(starterOf(lesson, folder), 'starter\n');
});

test('with no copy and no file there is no starter, and the error says where to look', t => {
  const { lesson, folder } = makeLesson(t);
  rmSync(lesson.files.lesson);
  t.throws(() => reset(lesson, folder), { instanceOf: UserError });
});

test('in a git checkout the starter is what is committed, whatever was written before the first command, and follows a pull', async t => {
  const tree = makeTree();
  t.teardown(tree.remove);
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: tree.path, stdio: 'pipe' });
  git('init', '-q');
  git('add', 'lessons');
  git('commit', '-qm', 'starters');
  tree.write(lessonFile, 'edited at once\n');
  t.is((await tree.boxwright('reset', '1')).status, 0);
  t.is(tree.read(lessonFile), starter);

  tree.write(lessonFile, 'a better starter\n');
  git('commit', '-qam', 'a better starter');
  tree.write(lessonFile, 'mine\n');
  await tree.boxwright('check', '1');
  git('commit', '-qam', 'mine');
  t.is((await tree.boxwright('reset', '1')).status, 0);
  t.is(tree.read(lessonFile), 'a better starter\n');
});
