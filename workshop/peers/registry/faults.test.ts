// What a network and a disk do to a pull and a push: nothing is lost, nothing wrong gets into the store, and it is said in one line.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pull, push } from '#16-registry';
import { readRegistries, Store } from '#images';
import { eventually } from '../../../linux/kit.ts';
import { home } from '../../paths.ts';
import { type Faults, startFaults } from './faults.ts';
import { box, copyIn, makeFolder, proveWithSkopeo, run, skopeo, startBox, withRegistry } from './kit.ts';
import { makeImage } from './layout.ts';
import { startRemembering } from './remembering.ts';
import { startRegistry } from './server.ts';

type Context = Parameters<Parameters<typeof withRegistry>[1]>[0];
const isBlob = (path: string) => /\/blobs\/sha256:/.test(path);

/** A registry with an image, and what spoils its answers; waiting is short. */
async function start(t: Context, making = { layers: 2, bytes: 400_000 }) {
  const folder = makeFolder(t);
  const registry = await startRegistry(folder);
  t.teardown(() => registry.close());
  const digest = makeImage(`${folder}/made`, 'app', making);
  await copyIn(`${folder}/made`, 'app', `${registry.host}/team/app`);
  const faults = await startFaults(registry.host);
  t.teardown(faults.close);
  const { endpoints, policy } = await readRegistries('/dev/null', { attempts: 4, first: 10, longest: 3000 });
  const store = await Store.open(`${folder}/store`);
  const name = `${faults.host}/team/app:latest`;
  return { folder, registry, digest, faults, store, name, options: { registries: { endpoints, policy } } };
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const ranges = (faults: Faults) =>
  faults.seen.filter(each => each.headers.range !== undefined).map(each => each.headers.range);

withRegistry('A connection that is cut is taken up where it was, with as many cuts as there may be.', async t => {
  const { faults, store, name, digest, options } = await start(t, { layers: 1, bytes: 400_000 });
  faults.spoil = path => (isBlob(path) ? { cut: 50_000 } : {});
  t.is((await pull(name, store, options)).descriptor.digest, digest);
  // Never from the beginning again, nor from before where it was; and each answer had 50,000 bytes at most.
  const starts = ranges(faults).map(range => Number(/^bytes=(\d+)-/.exec(String(range))?.[1]));
  t.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  );
  t.true(new Set(starts).size >= 8 && starts.every(start => start > 0), `${starts}`);
  await proveWithSkopeo(t, store.folder, name);
});

withRegistry('A server without ranges is listened to again from the beginning.', async t => {
  const { faults, store, name, digest, options } = await start(t, { layers: 1, bytes: 400_000 });
  let times = 0;
  faults.spoil = (path, headers) => ({
    noRanges: true,
    ...(isBlob(path) && headers.range === undefined && times++ < 2 && { cut: 100_000 }),
  });
  t.is((await pull(name, store, options)).descriptor.digest, digest);
  t.true(ranges(faults).length > 0);
});

withRegistry('A server that is busy is asked again, when it wants to be; and not without end.', async t => {
  const { faults, store, name, digest, options } = await start(t);
  let refusals = 3;
  let asked = 0;
  faults.fault = (_, response) => {
    if (asked && performance.now() - asked < 950) t.fail('it was asked again too early');
    asked = 0;
    if (refusals-- <= 0) return false;
    if (refusals === 0) asked = performance.now();
    response.writeHead(refusals === 0 ? 429 : 503, refusals === 0 ? { 'retry-after': '1' } : {}).end();
    return true;
  };
  t.is((await pull(name, store, options)).descriptor.digest, digest);
  refusals = Number.POSITIVE_INFINITY;
  const error = await t.throwsAsync(pull(name, store, options), { name: 'HttpError' });
  t.regex(error?.message ?? '', /503 Service Unavailable$/);
  faults.fault = (_, response) => !!response.writeHead(429, { 'retry-after': '3600' }).end();
  const long = await t.throwsAsync(pull(name, store, options), { name: 'HttpError' });
  t.regex(long?.message ?? '', /429 Too Many Requests, and asks to be left alone for 3600 s$/);
});

withRegistry('Wrong bytes are refused, whatever they are of, and nothing of them is left under its name.', async t => {
  const { faults, store, name, digest, options } = await start(t);
  faults.spoil = path => (isBlob(path) ? { change: true } : {});
  const error = await t.throwsAsync(pull(name, store, options), { name: 'ImageError' });
  t.regex(error?.message ?? '', /sha256:[0-9a-f]{64} has another digest/);
  t.deepEqual(readdirSync(`${store.folder}/blobs/sha256`), []);
  t.is(store.find(name), undefined);

  // A manifest that was asked for by its digest; whatever Docker-Content-Digest says.
  faults.spoil = path => (path.includes('/manifests/') ? { change: true } : {});
  const byDigest = `${faults.host}/team/app@${digest}`;
  t.regex((await t.throwsAsync(pull(byDigest, store, options)))?.message ?? '', /digest/);
  // One that is spoilt in the store's partial file, by a crash: it is got again.
  faults.spoil = () => ({});
  const layer = readdirSync(`${store.folder}/ingest`).sort()[0] as string;
  writeFileSync(`${store.folder}/ingest/${layer}`, 'rubbish');
  t.is((await pull(name, store, options)).descriptor.digest, digest);
  t.deepEqual(readdirSync(`${store.folder}/ingest`), []);
});

withRegistry('A redirect to another server takes no password there, and none leads round in circles.', async t => {
  const { folder, faults, store, name, digest, registry } = await start(t);
  const other = await startFaults(registry.host);
  t.teardown(other.close);
  faults.fault = (incoming, response) => {
    // Basic, which the registry behind does not ask for.
    if (incoming.headers.authorization === undefined)
      return !!response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    if (!isBlob(incoming.url ?? '')) return false;
    return !!response.writeHead(307, { location: `http://${other.host}${incoming.url}` }).end();
  };
  const file = `${folder}/registries.yaml`;
  const login = { http: true, username: 'tester', password: 'sesame' };
  writeFileSync(file, JSON.stringify({ registries: { [faults.host]: login } }));
  const options = { registries: await readRegistries(file) };
  t.is((await pull(name, store, options)).descriptor.digest, digest);
  t.is(other.seen.length, 3);
  t.true(other.seen.every(each => each.headers.authorization === undefined));
  faults.fault = (incoming, response) => !!response.writeHead(307, { location: incoming.url }).end();
  t.regex((await t.throwsAsync(pull(name, store, options)))?.message ?? '', /from one place to the next/);
});

withRegistry(
  'A push that is cut begins again where the registry has forgotten what came, as Docker’s does.',
  async t => {
    const { folder, store, name, digest, options } = await start(t, { layers: 1, bytes: 8_000_000 });
    await pull(name, store, options);
    const empty = await startRegistry(`${folder}/empty`);
    t.teardown(() => empty.close());
    const between = await startFaults(empty.host);
    t.teardown(between.close);
    let cuts = 0;
    between.fault = incoming => {
      if (incoming.method !== 'PATCH' || cuts++ >= 2) return false;
      // After two megabytes of it, and a moment for the registry to write them.
      let received = 0;
      incoming.on('data', chunk => {
        received += chunk.length;
        if (received < 2_000_000) return;
        incoming.unpipe().pause();
        setTimeout(() => incoming.socket.destroy(), 200);
      });
      return false;
    };
    t.is(await push(name, `${between.host}/team/app`, store, options), digest);
    t.true(between.seen.filter(each => each.method === 'PATCH').length >= 3);
    await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${empty.host}/team/app`, `dir:${folder}/read`);
  },
);

withRegistry('A push that is cut goes on where the registry says it was.', async t => {
  const { store, name, digest, options } = await start(t, { layers: 1, bytes: 8_000_000 });
  await pull(name, store, options);
  const remembering = await startRemembering();
  t.teardown(remembering.close);
  t.is(await push(name, `${remembering.host}/team/app`, store, options), digest);
  const large = remembering.uploads.find(each => each.content.length > 8_000_000);
  t.deepEqual(
    large?.ranges.map(each => Number(each.split('-')[0])),
    [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000],
  );
  t.true(remembering.uploads.every(each => each.digest === `sha256:${digestOf(each.content)}`));
});

withRegistry('A disk that is full: one line, what there was is there, and with room it goes on.', async t => {
  if (process.getuid?.() !== 0) return void t.log('not shown here: it takes root to mount');
  const { folder, name, faults, digest } = await start(t, { layers: 3, bytes: 900_000 });
  const first = makeImage(`${folder}/made`, 'small', { layers: 1, bytes: 1000 });
  await copyIn(`${folder}/made`, 'small', `${faults.host}/team/small`);
  mkdirSync(`${folder}/disk`);
  // In a mount namespace of its own: a disk of two megabytes, and then a larger one.
  const script = `
    mount -t tmpfs -o size=2m tmpfs ${folder}/disk
    box() { "$NODE" --conditions=solution --no-warnings ${home}/box/box.mjs "$@"; }
    export BOX_STORE=${folder}/disk/store
    box pull ${faults.host}/team/small || exit 1
    box pull ${name} && exit 2
    box images --json
    ls ${folder}/disk/store/ingest | wc -l >&2
    mount -o remount,size=8m ${folder}/disk
    box pull ${name} || exit 3
    skopeo --insecure-policy copy -q oci:$BOX_STORE:${name} dir:${folder}/read || exit 4`;
  const { status, stdout, stderr } = await run('unshare', ['--mount', '--propagation=private', 'sh', '-c', script], {
    NODE: process.execPath,
  });
  t.is(status, 0, stderr);
  t.regex(stderr, /^box: no space left on the disk of .*\nnext: make room.*$/m);
  t.true(stdout.startsWith(`${first}\n[`) && stdout.endsWith(`]\n${digest}\n`), stdout);
  t.regex(stderr, /of it from before/);
});

withRegistry('Two pulls at once fetch each blob once.', async t => {
  const { faults, folder, name, digest } = await start(t, { layers: 4, bytes: 2_000_000 });
  const outcomes = await Promise.all([1, 2, 3].map(() => box('pull', '--store', `${folder}/shared`, name)));
  for (const { stdout, stderr } of outcomes) t.is(stdout, `${digest}\n`, stderr);
  t.is(faults.seen.filter(each => isBlob(each.path)).length, 5);
  await proveWithSkopeo(t, `${folder}/shared`, name);
});

withRegistry('Ctrl-C: a line, the status of one who was interrupted, and what has come is gone on with.', async t => {
  const { faults, folder, name, digest } = await start(t, { layers: 1, bytes: 3_000_000 });
  faults.spoil = path => (isBlob(path) ? { cut: 1_500_000 } : {});
  // Everything after the first cut hangs.
  let blobs = 0;
  faults.fault = incoming => isBlob(incoming.url ?? '') && blobs++ > 1;
  const child = startBox('pull', '--store', `${folder}/store`, name);
  let said = '';
  child.stderr?.on('data', chunk => {
    said += chunk;
  });
  const ended = new Promise(resolve => child.once('exit', (code, signal) => resolve([code, signal])));
  const partial = () => {
    const path = `${folder}/store/ingest`;
    return existsSync(path) && readdirSync(path).some(each => statSync(`${path}/${each}`).size >= 1_000_000);
  };
  t.true(await eventually(partial));
  await sleep(50);
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
  t.regex(said, /box: interrupted; what has come is kept\nnext: .*\n$/);
  [faults.fault, faults.spoil] = [() => false, () => ({})];
  const again = await box('pull', '--store', `${folder}/store`, name);
  t.is(again.stdout, `${digest}\n`);
  t.regex(again.stderr, /1\.\d MB of it from before/);
});
