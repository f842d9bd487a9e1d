// The lock: one at a time, in one process and between several, and nobody's when its holder was killed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { nthAddress, readStartTime, withLock } from './index.ts';
import { eventually, here } from './kit.ts';

const folder = mkdtempSync(`${tmpdir()}/boxwright-lock-`);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

here('One at a time, in the order in which they asked, whatever became of the one before.', async t => {
  const events: string[] = [];
  const work = (name: string) =>
    withLock(`${folder}/order`, async () => {
      events.push(`${name} begins`);
      await sleep(5);
      events.push(`${name} ends`);
      if (name === 'b') throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('a'), work('b'), work('c')]);
  t.deepEqual(
    results.map(each => (each.status === 'fulfilled' ? each.value : each.reason.message)),
    ['a', 'b', 'c'],
  );
  t.deepEqual(
    events,
    ['a', 'b', 'c'].flatMap(name => [`${name} begins`, `${name} ends`]),
  );
});

here('Another process has to wait, and no longer when the holder is killed.', async t => {
  const [path, mark] = [`${folder}/killed`, `${folder}/mark`];
  const program = `
    const { withLock } = await import(${JSON.stringify(`${import.meta.dirname}/index.ts`)});
    const { writeFileSync } = await import('node:fs');
    await withLock(${JSON.stringify(path)}, async () => {
      writeFileSync(${JSON.stringify(mark)}, '');
      await new Promise(never => setInterval(() => {}, 1000));
    });`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.true(await eventually(() => existsSync(mark)));
  let mine = false;
  const waiting = withLock(path, async () => {
    mine = true;
  });
  await sleep(100);
  t.false(mine);
  other.kill('SIGKILL');
  await waiting;
  t.true(mine);
});

here('A start time names a process together with its number, and is gone when that is.', async t => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const started = readStartTime(child.pid ?? 0);
  t.true(started !== null && started >= (readStartTime('self') ?? Number.POSITIVE_INFINITY));
  child.kill('SIGKILL');
  t.true(await eventually(() => readStartTime(child.pid ?? 0) === null));
});

test('Addresses by number, in both versions.', t => {
  t.is(nthAddress('10.13.0.0/24', 7), '10.13.0.7/24');
  t.is(nthAddress('10.13.0.0/16', 258), '10.13.1.2/16');
  t.is(nthAddress('255.255.255.0/24', 255), '255.255.255.255/24');
  t.is(nthAddress('fd13::/64', 26), 'fd13::1a/64');
});
