// The shared lock: held beside others of its kind, never beside the one that is alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { withLock, withSharedLock } from './index.ts';
import { here } from './kit.ts';

const folder = mkdtempSync(`${tmpdir()}/boxwright-lock-`);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

here('Many at once, and who wants to be alone waits for all of them.', async t => {
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(50);
    inside--;
  };
  const shared = [1, 2, 3].map(() => withSharedLock(`${folder}/lock`, work));
  await sleep(20);
  const alone = withLock(`${folder}/lock`, async () => inside);
  t.is(await alone, 0);
  await Promise.all(shared);
  t.is(most, 3);
});
