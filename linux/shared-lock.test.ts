// The shared lock: held beside others of its kind, never beside the one that is alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { withLock, withSharedLock } from './index.ts';
import { eventually, here } from './kit.ts';

const folder = mkdtempSync(`${tmpdir()}/boxwright-lock-`);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

here('Many at once, and who wants to be alone waits for all of them.', async t => {
  let inside = 0;
  const leave = Promise.withResolvers<void>();
  const work = async () => {
    inside++;
    await leave.promise;
    inside--;
  };
  const shared = [1, 2, 3].map(() => withSharedLock(`${folder}/lock`, work));
  // None of them leaves before all are in.
  t.true(await eventually(() => inside === 3));
  const alone = withLock(`${folder}/lock`, async () => inside);
  // Long enough for one who does not wait.
  await sleep(50);
  leave.resolve();
  t.is(await alone, 0);
  await Promise.all(shared);
});
