// The solutions' containers on a stage: what is typed reaches them, what they answer comes back, and the kernel says so too.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { readArguments, readChildren, readNamespaces, readStatus } from '#linux';
import { eventually, onStage, solutionOf } from '../testing/stage.ts';

const nonce = () => randomBytes(6).toString('hex');
/** Of its children, but for those that have ended since they were listed. */
const commands = (pid: number) =>
  readChildren(pid).map(child => {
    try {
      return readArguments(child).join(' ');
    } catch {
      return '';
    }
  });

for (const number of ['01', '05', '08', '13', '14', '15']) {
  test.serial(`lesson ${number}: keys, answers, the size, ^C, and the end with its status`, async t => {
    const { stage, type, until, next, pid: started } = onStage(t, number);
    const pid = await started();
    const [asked, answer] = [nonce(), nonce()];
    await until(/# /);

    // There, and not on the machine that we are on.
    type(`echo ${asked} > /tmp/${asked}`);
    const inside = `/proc/${pid}/root/tmp`;
    t.true(
      await eventually(
        () => existsSync(`${inside}/${asked}`) && readFileSync(`${inside}/${asked}`, 'utf8') === `${asked}\n`,
      ),
    );
    t.false(existsSync(`/tmp/${asked}`));
    // Whose file it is, a process outside cannot say; what is in it, it can.
    type(': > /tmp/answer');
    t.true(await eventually(() => existsSync(`${inside}/answer`)));
    writeFileSync(`${inside}/answer`, `${answer}\n`);
    type('cat /tmp/answer');
    await until(new RegExp(`^${answer}$`, 'm'));

    type('stty size');
    await until(/^27 91$/m);
    stage.resize(123, 34);
    // A process of its own does it, and keys do not wait for it.
    type('until stty size | grep 34; do sleep 0.1; done');
    await until(/^34 123$/m);

    type('sleep 1000');
    t.true(await eventually(() => commands(pid).includes('sleep 1000')));
    stage.write(Buffer.from('\x03'));
    t.true(await eventually(() => !commands(pid).includes('sleep 1000')));
    t.true(existsSync(`/proc/${pid}`), 'the shell itself goes on');

    const ended = next('ended');
    type('exit 7');
    t.deepEqual(await ended, { status: 7 });
    t.false(existsSync(`/proc/${pid}`));
    t.deepEqual(stage.state(), { is: 'ended', status: 7 });
    await until(/ended, status 7/);
  });
}

test.serial('lesson 08: its shell is process 1', async t => {
  const pid = await onStage(t, '08').pid();
  t.is(readStatus(pid).nsPids.at(-1), 1);
});

test.serial('two at once do not meet', async t => {
  const [one, two] = [onStage(t, '05'), onStage(t, '06')];
  const [first, second] = [await one.pid(), await two.pid()];
  t.not(readNamespaces(first).pid, readNamespaces(second).pid, 'each has a sandbox of its own');
  const word = nonce();
  one.type(`echo ${word} > /tmp/${word}`);
  t.true(await eventually(() => existsSync(`/proc/${first}/root/tmp/${word}`)));
  t.false(existsSync(`/proc/${second}/root/tmp/${word}`));
});

/** Lesson 06's solution, whose containers have this name. */
const named = (word: string) =>
  solutionOf('06').replace(/if \(hostname !== undefined\) await.*/, `await box.sethostname('${word}');`);
const nameOf = (pid: number) =>
  execFileSync('nsenter', ['-t', String(pid), '-U', '--preserve-credentials', '-u', 'hostname'], {
    encoding: 'utf8',
  }).trim();

test.serial('a save is a new container: the old one is gone, and a line says so', async t => {
  const { stage, until, next, pid } = onStage(t, '06');
  const [first, word] = [await pid(), nonce()];
  await until(/# /);
  const started = next('started');
  stage.restart(named(word));
  const { pid: second } = await started;
  await until(/a new container/);
  t.true(await eventually(() => !existsSync(`/proc/${first}`)));
  t.is(nameOf(second), word);
});

test.serial('after its end, Enter starts it anew, and no other key', async t => {
  const { stage, type, until, next, pid } = onStage(t, '03');
  const first = await pid();
  await until(/# /);
  const ended = next('ended');
  type('exit');
  await ended;
  stage.write(Buffer.from('x'));
  t.is(stage.state().is, 'ended');
  const started = next('started');
  stage.write(Buffer.from('\r'));
  t.not((await started).pid, first);
});

test.serial('of many wishes at once the last counts, and of the others nothing is left', async t => {
  const { stage, pid } = onStage(t, '06');
  const seen: number[] = [];
  stage.on('started', ({ pid }) => seen.push(pid));
  await pid();
  const words = Array.from({ length: 8 }, nonce);
  for (const word of words) stage.restart(named(word));
  const isLast = () => {
    try {
      return stage.state().is === 'running' && nameOf(seen.at(-1) ?? 0) === words.at(-1);
    } catch {
      // The one before is on its way out.
      return false;
    }
  };
  t.true(await eventually(isLast));
  t.true(await eventually(() => seen.slice(0, -1).every(pid => !existsSync(`/proc/${pid}`))));
  t.true(seen.length < words.length, 'not every one was begun');
  await stage.close();
  t.false(seen.some(pid => existsSync(`/proc/${pid}`)));
});
