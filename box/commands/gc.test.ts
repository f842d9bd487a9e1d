// `box gc` beside containers that run: what they need stays, and what nobody needs goes, layers and leavings too.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { baseRootfs } from '../../workshop/paths.ts';

const folder = mkdtempSync(`${tmpdir()}/box-gc-`);
const store = `${folder}/store`;
const command = ['--no-warnings', '--conditions=solution', fileURLToPath(new URL('../box.mjs', import.meta.url))];
const env = { ...process.env, BOX_STORE: store };

function box(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** A container that runs until it is killed, or what it reads from ends. */
async function startBox(t: ExecutionContext, name: string): Promise<ChildProcess> {
  const script = 'echo started; read line';
  const child = spawn(process.execPath, [...command, 'run', name, 'sh', '-c', script], { env, stdio: 'pipe' });
  // The command outlives `box`, when that is killed.
  t.teardown(() => child.stdin.end());
  await once(child.stdout, 'data');
  return child;
}

const layers = () => readdirSync(`${store}/layers`).filter(name => !name.startsWith('.'));

test.before(() => {
  mkdirSync(`${folder}/context/bin`, { recursive: true });
  cpSync(`${baseRootfs}/bin/busybox`, `${folder}/context/bin/busybox`);
  for (const name of ['sh', 'sleep', 'echo']) symlinkSync('busybox', `${folder}/context/bin/${name}`);
  spawnSync('chmod', ['755', folder]);
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test.serial('layers stay while a container runs, and go with the last name that leads to them', async t => {
  for (const name of ['first', 'second']) {
    writeFileSync(
      `${folder}/context/Containerfile`,
      `FROM scratch\nCOPY bin /bin\nLABEL which=${name}\nCOPY bin /${name}\n`,
    );
    t.is(box('build', '-t', name, `${folder}/context`).status, 0);
    t.is(box('run', name, 'sh', '-c', ':').status, 0);
  }
  t.is(layers().length, 3);

  t.is(box('rm', 'second').status, 0);
  const running = await startBox(t, 'first');
  const beside = box('gc');
  t.regex(beside.stderr, /a container runs from this store: what is unpacked stays/);
  t.is(layers().length, 3);

  // Nobody can clean up behind who is killed.
  const ended = once(running, 'exit');
  running.kill('SIGKILL');
  await ended;
  t.is(readdirSync(`${store}/containers`).length, 1);
  let after = box('gc');
  for (let i = 0; i < 300 && after.stderr !== ''; i++) after = box('gc');
  t.is(after.stderr, '');
  t.regex(after.stdout, /; 1 unpacked layer$/m);
  t.is(layers().length, 2);
  t.deepEqual(readdirSync(`${store}/containers`), []);
  t.is(box('run', 'first', 'sh', '-c', 'exit 7').status, 7);

  t.is(box('rm', 'first').status, 0);
  t.regex(box('gc').stdout, /; 2 unpacked layers$/m);
  t.deepEqual(layers(), []);
  t.false(readdirSync(`${store}/steps`).some(hasLayer));
});

const hasLayer = (step: string) => 'layer' in JSON.parse(readFileSync(`${store}/steps/${step}`, 'utf8'));

test.serial('--all forgets what can be made again, and the image still runs', t => {
  t.is(box('build', '-t', 'first', `${folder}/context`).status, 0);
  t.is(box('run', 'first', 'sh', '-c', ':').status, 0);
  t.is(box('gc', '--all').status, 0);
  t.deepEqual([layers(), readdirSync(`${store}/steps`)], [[], []]);
  t.is(box('run', 'first', 'sh', '-c', 'exit 3').status, 3);
});
