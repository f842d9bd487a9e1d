// Lessons 16 and 17 on a stage: a container whose root came out of a store, and the images in there, which share a layer.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { readStatus } from '#linux';
import { stateFolder } from '../sandbox/state.ts';
import { onStage } from '../testing/stage.ts';

/** A blob of the store, as a process has it that is on the sandbox's host: of those that led to the container the last. */
function blob(pid: number, digest: string): Buffer {
  const store = `/proc/${pid}/root${stateFolder}/store`;
  return existsSync(store)
    ? readFileSync(`${store}/blobs/${digest.replace(':', '/')}`)
    : blob(readStatus(pid).parent, digest);
}

test.serial('lesson 16: an image that was pulled, and its layers’ bytes', async t => {
  const { next, pid } = onStage(t, '16');
  const told = next('images');
  const shell = await pid();
  const { images, layers } = await told;
  t.is(images.length, 1);
  t.regex(images[0]?.name ?? '', /base:1\.0$/);
  for (const digest of images[0]?.layers ?? []) {
    t.is(`sha256:${createHash('sha256').update(blob(shell, digest)).digest('hex')}`, digest);
    t.deepEqual(layers[digest], { bytes: blob(shell, digest).length, usedBy: 1 });
  }
});

test.serial('lesson 17: what was built stands on the layers of its base, and the container runs from it', async t => {
  const { next, pid, type, until } = onStage(t, '17');
  const told = next('images');
  await pid();
  const { images, layers } = await told;
  const [base, mine] = [/base:1\.0$/, /mine:latest$/].map(name => images.find(each => name.test(each.name)));
  t.truthy(base && mine, JSON.stringify(images));
  t.deepEqual(mine?.layers.slice(0, base?.layers.length), base?.layers);
  t.is(mine?.layers.length, (base?.layers.length ?? 0) + 1);
  for (const digest of base?.layers ?? []) t.is(layers[digest]?.usedBy, 2);
  t.is(layers[mine?.layers.at(-1) ?? '']?.usedBy, 1);
  await until(/# /);
  type('cat /built');
  await until(/built on \S+/);
});
