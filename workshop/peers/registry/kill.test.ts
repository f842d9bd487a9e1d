// kill -9, at a hundred moments of a pull: the next pull succeeds, and what is in the store under a name is what the name says.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { box, copyIn, makeFolder, proveWithSkopeo, startBox, withRegistry } from './kit.ts';
import { makeImage } from './layout.ts';
import { startRegistry } from './server.ts';

const rounds = 100;

withRegistry(
  'Killed at a hundred moments, the store is never wrong, and the pull after it has less to do.',
  async t => {
    const folder = makeFolder(t);
    const registry = await startRegistry(folder);
    t.teardown(() => registry.close());
    const names: string[] = [];
    for (const i of [0, 1]) {
      makeImage(`${folder}/made`, `app${i}`, { layers: 4, bytes: 2_000_000 });
      names.push(`${registry.host}/team/app${i}:latest`);
      await copyIn(`${folder}/made`, `app${i}`, names[i] ?? '');
    }
    // When a pull begins and when it ends: the moments are spread over what is between.
    const begin = await time(() => box('images', '--store', `${folder}/warm`));
    const whole = await time(() => box('pull', '--store', `${folder}/warm`, ...names));

    let midway = 0;
    const lane = async (number: number) => {
      for (let round = 0; round < rounds / 2; round++) {
        const store = `${folder}/store-${number}-${Math.floor(round / 10)}`;
        const child = startBox('pull', '--store', store, ...names);
        const ended = once(child, 'exit');
        child.stderr?.resume();
        await sleep(begin + (whole - begin) * Math.random());
        child.kill('SIGKILL');
        await ended;
        if (existsSync(`${store}/ingest`) && readdirSync(`${store}/ingest`).length > 0) midway++;
        prove(t, store);
        if (round % 10 !== 9) continue;
        const last = await box('pull', '--store', store, ...names);
        t.is(last.status, 0, last.stderr);
        prove(t, store);
        for (const name of names) await proveWithSkopeo(t, store, name);
        t.deepEqual(readdirSync(`${store}/ingest`), []);
      }
    };
    await Promise.all([lane(1), lane(2)]);
    t.log(`${midway} of ${rounds} kills left a blob half way`);
  },
);

async function time(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Every blob is what its name says, and every named manifest has all that it lists. */
function prove(t: Parameters<Parameters<typeof withRegistry>[1]>[0], store: string): void {
  const blobs = `${store}/blobs/sha256`;
  if (!existsSync(blobs)) return;
  for (const hex of readdirSync(blobs))
    if (
      createHash('sha256')
        .update(readFileSync(`${blobs}/${hex}`))
        .digest('hex') !== hex
    )
      t.fail(`${hex} is something else`);
  if (!existsSync(`${store}/index.json`)) return;
  for (const { digest } of JSON.parse(readFileSync(`${store}/index.json`, 'utf8')).manifests) {
    const { config, layers } = JSON.parse(readFileSync(`${blobs}/${digest.slice(7)}`, 'utf8'));
    for (const each of [config, ...layers])
      if (!existsSync(`${blobs}/${each.digest.slice(7)}`)) t.fail(`${each.digest} is missing`);
  }
  t.pass();
}
