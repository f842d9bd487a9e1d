// The command as a process, in a small workshop with a stand-in for the machines (grade/testing/mark.ts): what is read, what is written, what an
// interrupt, a kill and a second run do. With real machines: crowd/ and cheats/.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { cooked, onTerminal } from '../testing/terminal.ts';
import { makeTree, solved, starter, type Tree } from '../testing/tree.ts';
import type { Mark } from './types.ts';

const made = (t: ExecutionContext) => {
  const tree = makeTree();
  t.teardown(tree.remove);
  return tree;
};

const files = ['lessons/01-first/first.ts', 'lessons/02-second/second.ts', 'lessons/03-third/third.ts'];

function handIn(tree: Tree, id: string, texts: string[]): void {
  texts.forEach((text, i) => {
    const path = `${tree.path}/class/${id}/${files[i]}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  });
}

const marksIn = (tree: Tree) => readdirSync(`${tree.path}/grades/marks`).filter(name => name.endsWith('.json'));
const markOf = (tree: Tree, id: string): Mark => JSON.parse(tree.read(`grades/marks/${id}.json`));

test('a class is marked, graded by its rules, and reported on; the exit status tells that all were', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved, solved, solved]);
  handIn(tree, 'bob', [solved, starter]);
  tree.write('class.yaml', 'title: Autumn\nlessons: { 01: 1, 02: 3 }\n');
  const { status, stdout, stderr } = await tree.boxwright('grade', 'class', '--rules', 'class.yaml');
  t.is(status, 0, stderr);
  t.regex(stdout, /^Autumn\n/);
  t.regex(
    stdout,
    /\nalice +100\.00 +2 of 2 +12 of 12\nbob +25\.00 +1 of 2 +6 of 12\n2 submissions marked, mean grade 62\.50\n$/,
  );
  t.regex(stderr, /^1\/2 {2}\w+ .*\n2\/2 {2}\w+ .*\n$/);
  t.deepEqual(marksIn(tree), ['alice.json', 'bob.json']);
  for (const name of ['grades.csv', 'grades.json', 'junit.xml', 'alice/feedback.md', 'bob/results.json']) {
    t.true(existsSync(`${tree.path}/grades/${name}`), name);
  }
});

test('--json prints the grades and nothing else on standard output; --lessons chooses', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved, starter]);
  const { stdout } = await tree.boxwright('grade', 'class/alice', '--json', '--lessons', '1,third', '--jobs', '1');
  const { title, grades } = JSON.parse(stdout);
  t.is(title, 'Boxwright');
  t.like(grades[0], { grade: 50, onTime: 50, mark: { submission: { id: 'alice', from: 'class/alice' } } });
  t.deepEqual(
    grades[0].mark.lessons.map(({ name, status }: { name: string; status: string }) => [name, status]),
    [
      ['01-first', 'pass'],
      ['03-third', 'missing'],
    ],
  );
});

test('what cannot be read or marked is told, leaves the others alone, and the exit status is 1', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved]);
  handIn(tree, 'bob', ['// crash\n']);
  tree.write('class/carol.zip', 'PK\u0003\u0004');
  const { status, stdout } = await tree.boxwright('grade', 'class', '--lessons', '01');
  t.is(status, 1);
  t.regex(stdout, /alice +100\.00/);
  t.regex(stdout, /bob +– +the machine has caught fire/);
  t.regex(stdout, /carol +– +an archive of the kind zip/);
  t.regex(stdout, /1 submission marked, mean grade 100\.00, 2 could not be marked/);
  // Mended, and gone on with: only those are marked.
  handIn(tree, 'bob', [solved]);
  execFileSync('rm', [`${tree.path}/class/carol.zip`]);
  const before = markOf(tree, 'alice').markedAt;
  const second = await tree.boxwright('grade', 'class', '--lessons', '01', '--resume');
  t.regex(second.stderr, /alice .*\(from before\)/);
  t.is(markOf(tree, 'alice').markedAt, before);
  t.is(markOf(tree, 'bob').outcome, 'marked');
});

test('--resume marks anew what has changed; --again everything; neither is an error that says so', async t => {
  const tree = made(t);
  for (const id of ['alice', 'bob']) handIn(tree, id, [solved]);
  await tree.boxwright('grade', 'class');
  const first = markOf(tree, 'bob').markedAt;
  const refused = await tree.boxwright('grade', 'class');
  t.is(refused.status, 2);
  t.regex(refused.stderr, /something in \.\/grades already\nnext: --resume/);
  handIn(tree, 'alice', [starter]);
  await tree.boxwright('grade', 'class', '--resume');
  t.is(markOf(tree, 'alice').lessons[0]?.points, 0);
  t.is(markOf(tree, 'bob').markedAt, first);
  await tree.boxwright('grade', 'class', '--again');
  t.not(markOf(tree, 'bob').markedAt, first);
  t.is((await tree.boxwright('grade', 'class', '--again', '--resume')).status, 2);
});

test('somebody who hands in later joins those who are marked; marks for other lessons are left out, and named', async t => {
  const tree = made(t);
  for (const id of ['alice', 'bob']) handIn(tree, id, [solved]);
  await tree.boxwright('grade', 'class/alice', '--lessons', '01');
  const second = await tree.boxwright('grade', 'class/bob', '--lessons', '01', '--resume');
  t.regex(second.stdout, /alice .*\nbob .*\n2 submissions marked/);
  const third = await tree.boxwright('grade', 'class/bob', '--lessons', '01,02', '--resume');
  t.regex(third.stderr, /left out, .*: alice\n/);
  t.regex(third.stdout, /\nbob .*\n1 submission marked/);
});

test('wrong usage is a line and the next action, and nothing is made', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved]);
  tree.write('class.yaml', 'lessons: [01]\ndue: tomorrow\n');
  tree.write('one.yaml', 'lessons: [01]\n');
  for (const [args, message] of [
    [[], /nothing to mark/],
    [['gone'], /gone: there is no such file/],
    [['class', '--lessons', '99'], /there is no lesson "99"/],
    [['class', '--rules', 'class.yaml'], /class\.yaml:2:6: a date/],
    [['class', '--rules', 'gone.yaml'], /gone\.yaml cannot be read: ENOENT/],
    [['class', '--rules', 'one.yaml', '--lessons', '02'], /one\.yaml does not count lesson 02-second/],
    [['class', '--jobs', '0'], /whole number above 0/],
  ] as [string[], RegExp][]) {
    const { status, stderr } = await tree.boxwright('grade', ...args);
    t.is(status, 2, args.join(' '));
    t.regex(stderr, message);
    t.notRegex(stderr, /\n {4}at /);
  }
  t.false(existsSync(`${tree.path}/grades`));
  t.regex((await tree.boxwright('grade', '--help')).stdout, /HEAD counts[\s\S]*Ends with 0/);
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 120_000; !condition() && Date.now() < end; ) await sleep(10);
  if (!condition()) throw new Error('it did not come to that');
}

const soFar = (tree: Tree) => (existsSync(`${tree.path}/grades/marks`) ? marksIn(tree).length : 0);

test('killed in the middle, five times at any moment: every submission ends up marked, and what was marked is not marked twice', async t => {
  const tree = made(t);
  const ids = Array.from({ length: 60 }, (_, i) => `s${String(i).padStart(2, '0')}`);
  // The last fifteen wait until the kills are over: however slow this test is, the grader has not finished by then.
  ids.forEach((id, i) => {
    handIn(tree, id, [`${solved}// wait ${i < 45 ? 20 + Math.floor(Math.random() * 30) : 'for kills'}\n`]);
  });
  tree.write('marked', '');
  for (let kill = 1; kill <= 5; kill++) {
    const child = tree.start('grade', 'class', '--lessons', '01', '--jobs', '3', ...(kill > 1 ? ['--resume'] : []));
    const ended = once(child, 'exit');
    await until(() => soFar(tree) >= kill * 8);
    await sleep(Math.random() * 40);
    process.kill(child.pid as number, 'SIGKILL');
    t.deepEqual(await ended, [null, 'SIGKILL']);
    // A mark that is there is whole.
    for (const name of marksIn(tree)) t.is(JSON.parse(tree.read(`grades/marks/${name}`)).lessons.length, 1);
  }
  const before = new Map(marksIn(tree).map(name => [name, tree.read(`grades/marks/${name}`)]));
  t.true(before.size >= 40 && before.size <= 45, `${before.size}`);
  tree.write('kills', '');
  const { status, stdout } = await tree.boxwright('grade', 'class', '--lessons', '01', '--jobs', '3', '--resume');
  t.is(status, 0);
  t.regex(stdout, /60 submissions marked, mean grade 100\.00/);
  t.deepEqual(
    marksIn(tree),
    ids.map(id => `${id}.json`),
  );
  for (const [name, text] of before) t.is(tree.read(`grades/marks/${name}`), text, 'what was marked is not touched');
  t.deepEqual(readdirSync(`${tree.path}/grades/marks`).length, 60);
  // Only those can have been marked twice whose mark was reached and not yet written when the grader was killed.
  const times = tree.read('marked').trim().split('\n');
  t.is(new Set(times).size, 60);
  t.true(times.length <= 60 + 5 * 3, `${times.length}`);
});

test('Ctrl-C ends it with 130, keeps what is finished, says how to go on; a second grader is kept out meanwhile', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved]);
  for (const id of ['bob', 'carol']) handIn(tree, id, [`${solved}// wait for ever\n`]);
  const child = tree.start('grade', 'class', '--jobs', '2');
  let said = '';
  child.stderr?.on('data', data => {
    said += data;
  });
  // With all that it said.
  const ended = once(child, 'close');
  await until(() => soFar(tree) === 1);
  const other = await tree.boxwright('grade', 'class', '--resume');
  t.is(other.status, 1);
  t.regex(other.stderr, /another grader is at work/);
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
  t.regex(said, /with --resume goes on/);
  t.deepEqual(marksIn(tree), ['alice.json']);
});

test('on a terminal: who is under way, and at the end the terminal as it was', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [solved]);
  handIn(tree, 'bob', [`${solved}// wait for looks\n`, solved]);
  const { text, end } = onTerminal(tree, 'grade class --jobs 2');
  t.teardown(end);
  await text(/bob +[━╌]+ 0\/3 lessons/);
  await text(/alice {2}6 of 18 points, 1 of 3 lessons passed/);
  tree.write('looks', '');
  t.regex(await text(/alice +33\.33[\s\S]*status 0/), /\nbob +66\.67[\s\S]*mean grade 50\.00\n/);
  t.regex(await text(new RegExp(cooked)), /echo/);
});

test('a repository’s branch counts with --ref', async t => {
  const tree = made(t);
  handIn(tree, 'alice', [starter]);
  const folder = `${tree.path}/class/alice`;
  const git = 'git -c user.name=a -c user.email=a@b';
  const script = `git init -q -b main; git add -A; ${git} commit -qm 1; git checkout -qb done; echo '${solved}' > ${files[0]}; ${git} commit -qam 2; git checkout -q main`;
  execFileSync('sh', ['-ec', script], { cwd: folder });
  appendFileSync(`${folder}/${files[0]}`, solved);
  const graded = async (...args: string[]) =>
    JSON.parse((await tree.boxwright('grade', folder, '--lessons', '1', '--json', ...args)).stdout).grades[0];
  const head = await graded();
  t.is(head.grade, 0);
  t.regex(head.mark.submission.refused[0], /differs from what is committed/);
  t.is((await graded('--ref', 'done', '--again')).grade, 100);
});
