// Learner's code that is as wrong as it can be, on a stage: it is told of in a line, the next save is served at once, and nothing is left.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { readArguments, readChildren, readStatus } from '#linux';
import { home } from '../paths.ts';
import { openSandbox } from '../sandbox/sandbox.ts';
import { eventually, onStage, solutionOf } from '../testing/stage.ts';
import { hallOf } from './hall.ts';

/** Lesson 05's solution, in which contain() begins with this. */
const begins = (code: string) => solutionOf('05').replace(/(export async function contain\(.*\{\n)/, `$1  ${code}\n`);

test.serial('an error of the kernel’s is told with its line, and with the calls so far', async t => {
  const { stage, next, until } = onStage(t, '05', {
    source: begins("await build(async box => { await box.mount('none', '/', 'nothing'); });"),
  });
  const { message, calls } = await next('failed');
  const line =
    begins('')
      .split('\n')
      .findIndex(each => each.includes('function contain(')) + 2;
  t.regex(message, /^mount\(.* = -1 ENODEV \(No such device\)/);
  t.true(message.endsWith(`(lessons/05-pivot-root/pivot-root.ts:${line})`), message);
  t.deepEqual(
    calls.map(({ name, code }) => [name, code]),
    [['mount', 'ENODEV']],
  );
  await until(/ENODEV/);
  t.is(stage.state().is, 'failed');
  const started = next('started');
  stage.restart(solutionOf('05'));
  t.true(existsSync(`/proc/${(await started).pid}`));
});

test.serial('a loop without end is left at the next save, and told of without one', async t => {
  const endless = onStage(t, '05', { source: begins('for (;;);'), patience: 1500 });
  t.regex((await endless.next('failed')).message, /has not answered for 1.5 s/);

  const { stage, next, pid } = onStage(t, '05', { source: begins('for (;;);'), patience: 600_000 });
  const started = next('started');
  t.true(await eventually(() => stage.state().is === 'starting' && stage.scrollback().length === 0));
  stage.restart(solutionOf('05'));
  t.is((await started).pid, await pid());
});

test.serial('process.exit in contain(), and a text that is no TypeScript', async t => {
  const left = onStage(t, '05', { source: begins('process.exit(3);') });
  t.regex((await left.next('failed')).message, /ended with status 3, before it answered/);
  const wrong = onStage(t, '05', { source: 'export function contain( {' });
  t.truthy((await wrong.next('failed')).message);
});

test.serial('it closes its terminal: the learner’s process, or the container', async t => {
  const closes = begins('for (const fd of [0, 1, 2]) closeSync(fd);');
  const early = onStage(t, '05', { source: `import { closeSync } from 'node:fs';\n${closes}` });
  await early.next('failed');

  const { next, pid, type, until, stage } = onStage(t, '05');
  const shell = await pid();
  await until(/# /);
  type('exec sh -c "sleep 1000" <&- >&- 2>&-');
  t.true(await eventually(() => readArguments(shell).join(' ') === 'sleep 1000'));
  t.is(stage.state().is, 'running', 'that nobody has the terminal open is not its end');
  const started = next('started');
  stage.restart();
  t.not((await started).pid, shell);
  t.true(await eventually(() => !existsSync(`/proc/${shell}`)));
});

test.serial('it kills the process that runs it', async t => {
  const { next, pid, type, until } = onStage(t, '01');
  const runner = readStatus(await pid()).parent;
  await until(/# /);
  const failed = next('failed');
  type(`kill -9 ${readStatus(runner).nsPids.at(-1)}`);
  t.regex((await failed).message, /ended with status 137/);
});

test.serial(
  'it writes without end: memory stays, who keeps up is served, who does not waits, and ^C arrives',
  async t => {
    const { stage, type, until, pid } = onStage(t, '05');
    const shell = await pid();
    await until(/# /);
    let [fast, slow] = [0, 0];
    const nobody = { replay() {}, size() {}, waiting: () => 0 };
    const swift = hallOf(stage).enter({
      ...nobody,
      send(data) {
        fast += data.length;
        setImmediate(() => swift.taken(data.length));
      },
    });
    const asleep = hallOf(stage).enter({
      ...nobody,
      send(data) {
        slow += data.length;
      },
    });
    const before = process.memoryUsage().rss;
    type('yes');
    await new Promise(next => setTimeout(next, 3000));
    t.true(await eventually(() => fast > 1 << 21), `${fast} bytes to who keeps up`);
    t.true(slow < 1 << 20, `${slow} bytes to who does not`);
    t.true(process.memoryUsage().rss - before < 100 << 20, `${(process.memoryUsage().rss - before) >> 20} MB more`);
    t.true(stage.scrollback().length <= 256 * 1024);

    // With only him left, the container waits for him.
    swift.leave();
    const [yes = 0] = readChildren(shell);
    let [then, now] = [-1, writtenBy(yes)];
    for (const end = Date.now() + 60_000; now !== then && Date.now() < end; ) {
      await new Promise(next => setTimeout(next, 500));
      [then, now] = [now, writtenBy(yes)];
    }
    t.is(now, then);
    stage.write(Buffer.from('\x03'));
    asleep.leave();
    t.true(await eventually(() => readChildren(shell).length === 0));
  },
);

test.serial('when the server is killed, no process is left, no mount, no cgroup', async t => {
  const script = `import { onStage } from '${home}/workshop/testing/stage.ts';
    const { pid } = onStage({ teardown() {} }, '13');
    console.log(await pid());`;
  const owner = spawn(
    process.execPath,
    ['--conditions=solution', '--no-warnings', '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const shell = await new Promise<number>(told => owner.stdout.once('data', data => told(Number(data))));
  let [all, before] = [[] as number[], [] as number[]];
  const isReady = () => {
    [before, all] = [all, descendants(owner.pid ?? 0)];
    return all.length > 5 && all.length === before.length;
  };
  for (const end = Date.now() + 120_000; !isReady() && Date.now() < end; )
    await new Promise(next => setTimeout(next, 1500));
  t.true(all.includes(shell));
  t.true(all.length > 5, 'the next sandbox is ready, too');
  owner.kill('SIGKILL');
  t.true(await eventually(() => all.every(isGone)));
  // Its cgroups had nobody left to remove them: the next sandbox does.
  for (let tries = 0; tries < 20 && (tries === 0 || ownCgroups(owner.pid ?? 0).length > 0); tries++)
    await (await openSandbox({ stdio: ['ignore', 'ignore', 'inherit'] })).end();
  t.deepEqual(ownCgroups(owner.pid ?? 0), []);
});

/** Bytes. proc_pid_io(5) */
const writtenBy = (pid: number) => Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

/** But for what ends while we look. */
function descendants(pid: number): number[] {
  try {
    return readChildren(pid).flatMap(child => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

/** Or about to be: whoever was its parent may take a moment. */
function isGone(pid: number): boolean {
  try {
    return readStatus(pid).state === 'Z';
  } catch {
    return true;
  }
}

function ownCgroups(pid: number): string[] {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'].flatMap(folder =>
    existsSync(folder) ? readdirSync(folder).filter(name => name.startsWith(`boxwright-${pid}-`)) : [],
  );
}
