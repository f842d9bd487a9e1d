// The commands as processes, in a small workshop of their own: see testing/tree.ts.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import test from 'ava';
import { lessonFile, makeTree, solved, starter } from '../testing/tree.ts';

const made = (t: { teardown(undo: () => void): void }) => {
  const tree = makeTree();
  t.teardown(tree.remove);
  return tree;
};

test('without a command and without a terminal the list and the usage are printed, and nothing asks', async t => {
  const { status, stdout } = await made(t).boxwright();
  t.is(status, 0);
  t.regex(stdout, /→ · 01 {2}The first of its name/);
  t.regex(stdout, /Usage: boxwright/);
});

test('list --json tells state, points, and whether this machine can run each lesson', async t => {
  const tree = made(t);
  await tree.boxwright('skip', '01');
  const lessons = JSON.parse((await tree.boxwright('list', '--json')).stdout);
  t.deepEqual(
    lessons.map(({ number, status, next }: Record<string, unknown>) => [number, status, next]),
    [
      ['01', 'skipped', false],
      ['02', 'open', true],
      ['03', 'open', false],
    ],
  );
  t.like(lessons[0], { points: 0, outOf: 6, minutes: 15, whyNot: null });
});

test('check says what holds and what does not, remembers it, and its status tells', async t => {
  const tree = made(t);
  tree.write(lessonFile, '// true: own-name\n');
  const first = await tree.boxwright('check', '1');
  t.is(first.status, 1);
  t.regex(first.stdout, /^01 · The first of its name +2 of 6 points\n {2}✔ the container bears the name/);
  t.regex(first.stdout, /npx boxwright hint 01/);
  tree.write(lessonFile, solved);
  const second = await tree.boxwright('check', 'first', '--json');
  t.is(second.status, 0);
  t.like(JSON.parse(second.stdout), { status: 'pass', points: 6, outOf: 6, lessons: [{ lesson: '01-first' }] });
  t.like(JSON.parse(tree.read('.progress/progress.json')).lessons['01-first'], {
    status: 'passed',
    points: 6,
    attempts: 2,
  });
  t.is((await tree.boxwright('next', '--json')).stdout, '{\n  "lesson": "02-second"\n}\n');
});

test('check --all judges each lesson once and sums up; a skipped one is no failure', async t => {
  const tree = made(t);
  for (const slug of ['01-first/first', '02-second/second']) tree.write(`lessons/${slug}.ts`, solved);
  tree.write('lessons/03-third/third.ts', '// skip\n');
  const { status, stdout } = await tree.boxwright('check', '--all');
  t.is(status, 0);
  t.regex(stdout, /2 of 3 lessons passed, 1 skipped · 12 of 18 points/);
  t.is((await tree.boxwright('check', '01', '1', 'first', '--json')).stdout.match(/"lesson":/g)?.length, 1);
});

test('check --solution judges the solution and counts for nothing', async t => {
  const tree = made(t);
  t.is((await tree.boxwright('check', '--all', '--solution')).status, 0);
  t.false(existsSync(`${tree.path}/.progress`));
});

test('wrong usage ends with 2, a line and the next action, and no stack', async t => {
  const tree = made(t);
  for (const args of [['check'], ['check', '99'], ['chek', '01'], ['list', '--jsn'], ['reset'], ['read', 'nowhere']]) {
    const { status, stderr } = await tree.boxwright(...args);
    t.is(status, 2, args.join(' '));
    t.notRegex(stderr, /\n {4}at /);
    t.true(stderr.split('\n').length <= 4, stderr);
  }
  t.regex((await tree.boxwright('chek', '01')).stderr, /Did you mean check\?/);
});

test('a file that was moved away is named, with the way to get it back', async t => {
  const tree = made(t);
  await tree.boxwright('check', '1');
  rmSync(`${tree.path}/${lessonFile}`);
  const { status, stderr } = await tree.boxwright('check', '1');
  t.is(status, 1);
  t.regex(stderr, /lessons\/01-first\/first\.ts is not there\nnext: .*reset 01/);
  t.is((await tree.boxwright('reset', '1')).status, 0);
  t.is(tree.read(lessonFile), starter);
});

test('hint climbs a rung a call, across processes, and says when it is at the top', async t => {
  const tree = made(t);
  const said: string[] = [];
  for (let i = 0; i < 5; i++) said.push((await tree.boxwright('hint', '1')).stdout);
  t.is(said[0], 'hint 1 of 4  Which call gave the container mounts of its own?\n');
  t.regex(said[3] ?? '', /^hint 4 of 4/);
  t.regex(said[4] ?? '', /You have seen all 4/);
  t.is(JSON.parse((await tree.boxwright('hint', '1', '--all', '--json')).stdout).hints.length, 4);
});

test('solution, diff and read --solution open after a pass, or with --now', async t => {
  const tree = made(t);
  for (const command of [
    ['solution', '1'],
    ['diff', '1'],
    ['read', '1', '--solution'],
  ]) {
    t.is((await tree.boxwright(...command)).status, 1);
    t.is((await tree.boxwright(...command, '--now')).status, 0);
  }
  const { stdout } = await tree.boxwright('diff', '1', '--now');
  t.regex(stdout, /^--- lessons\/01-first\/first\.ts.*\n\+\+\+ solutions/);
  t.regex(stdout, /\n-\/\/ TODO 2\n\+\/\/ true: own-name\n/);
  tree.write(lessonFile, solved);
  await tree.boxwright('check', '1');
  t.regex((await tree.boxwright('solution', '1')).stdout, /own-name[\s\S]*Because the kernel says so/);
  t.regex((await tree.boxwright('diff', '1')).stdout, /to the letter/);
});

test('reset prints where the text lies', async t => {
  const tree = made(t);
  await tree.boxwright('check', '1');
  tree.write(lessonFile, 'mine\n');
  const { stdout } = await tree.boxwright('reset', '1');
  const [kept] = /\.progress\/kept\/01-\S+\.ts/.exec(stdout) ?? [''];
  t.is(tree.read(kept), 'mine\n');
  t.is(readdirSync(`${tree.path}/lessons/01-first`).length, 2);
});

test('run passes the command its arguments and gives back its status', async t => {
  const tree = made(t);
  t.like(await tree.boxwright('run', '1', '--', 'sh', '-c', 'echo "$1"; exit 7', 'sh', '--json'), {
    status: 7,
    stdout: '--json\n',
  });
});

test('trace marks what differs, and fails if the learner’s code did', async t => {
  const tree = made(t);
  const { status, stdout } = await tree.boxwright('trace', '1');
  t.is(status, 1);
  t.regex(stdout, /^- {3}16 {2}unshare\(CLONE_NEWUTS\) = 0\n {4}12 {2}chroot/);
  const json = JSON.parse((await tree.boxwright('trace', '1', '--json')).stdout);
  t.deepEqual(
    json.pairs.map(({ mark }: { mark: string }) => mark),
    ['-', ' ', '~'],
  );
});

test('every command explains itself and its exit status', async t => {
  const tree = made(t);
  for (const command of [
    'list',
    'read',
    'check',
    'watch',
    'run',
    'shell',
    'trace',
    'hint',
    'solution',
    'diff',
    'reset',
    'skip',
    'next',
    'progress',
    'join',
    'leave',
    'class',
  ]) {
    const { status, stdout } = await tree.boxwright(command, '--help');
    t.is(status, 0);
    t.regex(stdout, /Ends with/, command);
  }
});
