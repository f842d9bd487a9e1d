// `watch` as a process, without a terminal and on one.
import { once } from 'node:events';
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { cooked, onTerminal, reader } from '../testing/terminal.ts';
import { lessonFile, makeTree, solved, type Tree } from '../testing/tree.ts';

interface Line {
  status: string;
  points: number;
  changed: string[];
  sinceSave: number;
}

function watching(t: ExecutionContext, ...args: string[]) {
  const tree = makeTree();
  const child = tree.start('watch', ...args);
  t.teardown(() => {
    child.kill('SIGKILL');
    tree.remove();
  });
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => JSON.parse((await lines.next()).value ?? '');
  return { tree, child, next };
}

/** In place, and at no moment half of it: not as editors do, who empty the file first, but however long a pause this process makes. */
function overwrite({ path }: Tree, text: string): void {
  const file = `${path}/${lessonFile}`;
  writeFileSync(file, text.padEnd(statSync(file).size, '\n'), { flag: 'r+' });
}

/** As many editors do: a new file in the place of the old one. */
function replace({ path, write }: Tree, text: string): void {
  write('lessons/01-first/.first.ts.swp', text);
  renameSync(`${path}/lessons/01-first/.first.ts.swp`, `${path}/${lessonFile}`);
}

test('every save brings one line of JSON with what changed, until a signal ends it', async t => {
  const { tree, child, next } = watching(t, '--json');
  t.like(await next(), { status: 'fail', points: 0, changed: [] });
  overwrite(tree, '// true: own-name\n');
  t.like(await next(), { status: 'fail', points: 2, changed: ['own-name'] });
  const before = performance.now();
  overwrite(tree, solved);
  const last = await next();
  t.like(last, { status: 'pass', points: 6, changed: ['host-kept', 'long-name'] });
  t.true(last.sinceSave > 0 && last.sinceSave < performance.now() - before);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  t.deepEqual(await ended, [143, null]);
  t.like(JSON.parse(tree.read('.progress/progress.json')).lessons['01-first'], { status: 'passed', attempts: 3 });
});

test('a file that an editor replaces by rename is seen, the same text again is not', async t => {
  const { tree, next } = watching(t, '1', '--json');
  await next();
  replace(tree, '// true: own-name\n');
  t.is((await next()).points, 2);
  replace(tree, '// true: own-name\n');
  await setTimeout(500);
  replace(tree, solved);
  t.is((await next()).points, 6);
});

test('a save in the middle of a check ends that check', async t => {
  const { tree, next } = watching(t, '1', '--json');
  await next();
  replace(tree, '// wait\n');
  await setTimeout(300);
  replace(tree, solved);
  t.is((await next()).points, 6);
});

test('without a terminal and without --json a report follows each save', async t => {
  const { tree, child } = watching(t, '1');
  const text = reader(child);
  await text(/0 of 6 points[\s\S]*\d s\n/);
  replace(tree, solved);
  await text(/\+6 {2}6 of 6 points[\s\S]*▲ ✔ the host keeps its own/);
  t.pass();
});

test('Ctrl-C in the middle of a check ends the watch with 130', async t => {
  const { tree, child, next } = watching(t, '1', '--json');
  await next();
  replace(tree, '// wait\n');
  await setTimeout(300);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
});

/** The same on a terminal; what is written to stdin are keys. */
function onScreen(t: ExecutionContext) {
  const tree = makeTree();
  const terminal = onTerminal(tree, 'watch');
  t.teardown(() => {
    terminal.end();
    tree.remove();
  });
  return { tree, ...terminal };
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('on a terminal single keys give a hint, a trace, the next lesson, and the way out', async t => {
  const { tree, press, text } = onScreen(t);
  await text(/0 of 6 points[\s\S]*q quit +\d/);
  press('h');
  await text(/hint 1 of 4/);
  press('n');
  await text(/skip 01/);
  press('t');
  await text(/sethostname[\s\S]*any key leads back/);
  press(' ');
  await text(/q quit/);
  replace(tree, solved);
  await text(/\+6 {2}6 of 6 points[\s\S]*n goes on to 02/);
  press('n');
  await text(/02 · The second of its name[\s\S]*0 of 6 points[\s\S]*q quit/);
  press('q');
  await text(new RegExp(`status 0${cooked}`));
  t.pass();
});

onLinux('Ctrl-C leaves the terminal as it was', async t => {
  const { press, text } = onScreen(t);
  await text(/q quit +\d/);
  press('\u0003');
  await text(new RegExp(`status 130${cooked}`));
  t.pass();
});

onLinux(
  'a shell in the container gets the keys, and the terminal is ours again even if it never gave it back',
  async t => {
    const { press, text } = onScreen(t);
    await text(/q quit +\d/);
    press('r');
    await text(/exit leads back/);
    press('echo "six times seven: $((6*7))"; kill -9 $$\n');
    await text(/six times seven: 42[\s\S]*it ended with 137/);
    press('x');
    await text(/0 of 6 points[\s\S]*q quit/);
    press('\n');
    await text(/q quit +\d/);
    press('q');
    await text(/status 0/);
    t.pass();
  },
);
