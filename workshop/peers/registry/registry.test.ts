// Pull and push against Debian's docker-registry, with skopeo and podman on the other side.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { collectGarbage, listTags, pull, push } from '#16-registry';
import { readRegistries, Store } from '#images';
import { findProgram } from '../../doctor/facts.ts';
import { makeAuthority, makeKeys } from './authority.ts';
import { startFaults } from './faults.ts';
import { box, copyIn, makeFolder, proveWithSkopeo, run, skopeo, withRegistry } from './kit.ts';
import { makeImage, makeIndex } from './layout.ts';
import { basic, type Registry, type Serving, startRegistry } from './server.ts';
import { startTokens } from './tokens.ts';

type Context = Parameters<Parameters<typeof withRegistry>[1]>[0];

async function start(t: Context, serving?: Serving): Promise<Registry & { folder: string }> {
  const folder = makeFolder(t);
  const registry = await startRegistry(folder, serving);
  t.teardown(() => registry.close());
  return { ...registry, folder };
}

const blobs = (store: string) => readdirSync(`${store}/blobs/sha256`);
const yaml = (folder: string, value: object) => {
  writeFileSync(`${folder}/registries.yaml`, JSON.stringify(value));
  return `${folder}/registries.yaml`;
};

withRegistry('What skopeo pushed is pulled, and skopeo reads the store.', async t => {
  const { folder, host } = await start(t);
  const digest = makeImage(`${folder}/made`, 'app', { layers: 5 });
  await copyIn(`${folder}/made`, 'app', `${host}/team/app:1`);
  const first = await box('pull', '--store', `${folder}/store`, `${host}/team/app:1`);
  t.is(first.stdout, `${digest}\n`, first.stderr);
  t.is(first.stderr.trim().split('\n').length, 6);
  t.is(blobs(`${folder}/store`).length, 7);
  await proveWithSkopeo(t, `${folder}/store`, `${host}/team/app:1`);
  const again = await box('pull', '--store', `${folder}/store`, `${host}/team/app@${digest}`);
  t.is(again.stderr.match(/is here already/g)?.length, 6);
  const list = await box('images', '--json', '--store', `${folder}/store`);
  t.deepEqual(
    JSON.parse(list.stdout).map((each: { name: string }) => each.name),
    [`${host}/team/app:1`, `${host}/team/app@${digest}`],
  );
});

withRegistry('What was pushed is what was there, for skopeo and for podman; neighbours lend blobs.', async t => {
  const { folder, host } = await start(t);
  const digest = makeImage(`${folder}/made`, 'app', { layers: 3, bytes: 300_000 });
  await copyIn(`${folder}/made`, 'app', `${host}/team/app:1`);
  const faults = await startFaults(host);
  t.teardown(faults.close);
  const store = ['--store', `${folder}/store`];
  await box('pull', ...store, `${faults.host}/team/app:1`);
  // The same blobs, from the repository next door: nothing is sent.
  const mounted = await box('push', ...store, `${faults.host}/team/app:1`, `${faults.host}/other/app:2`);
  t.is(mounted.stdout, `${digest}\n`, mounted.stderr);
  t.is(mounted.stderr.match(/is there already, in team\/app/g)?.length, 4);
  t.false(faults.seen.some(each => each.method === 'PATCH'));
  t.is(JSON.parse(await skopeo('inspect', '--tls-verify=false', `docker://${host}/other/app:2`)).Digest, digest);

  // To a registry that has nothing.
  const empty = await start(t);
  const sent = await box('push', ...store, `${faults.host}/team/app:1`, `${empty.host}/team/app:1`);
  t.is(sent.status, 0, sent.stderr);
  await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${empty.host}/team/app:1`, `dir:${folder}/read`);
  const again = await box('push', ...store, `${faults.host}/team/app:1`, `${empty.host}/team/app:1`);
  t.is(again.stderr.match(/is there already$/gm)?.length, 4);
  if (findProgram('podman') && process.getuid?.() === 0) {
    const where = ['--root', `${folder}/podman`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs'];
    const tmp = ['--tmpdir', `${folder}/tmp`, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'];
    const pulled = await run(
      'podman',
      [...where, ...tmp, 'pull', '-q', '--tls-verify=false', `${empty.host}/team/app:1`],
      {
        HOME: process.env.HOME,
      },
    );
    t.is(pulled.status, 0, pulled.stderr);
    t.regex(pulled.stdout, /^[0-9a-f]{64}$/m);
  }
});

withRegistry(
  'Of an index this machine’s image is pulled, or the one that is asked for; and a platform that is not there is named.',
  async t => {
    const { folder, host } = await start(t);
    const architectures = ['amd64', 'arm64', 's390x'];
    const images = Object.fromEntries(
      architectures.map(architecture => [architecture, makeImage(`${folder}/made`, architecture, { architecture })]),
    );
    makeIndex(`${folder}/made`, 'all', images);
    await copyIn(`${folder}/made`, 'all', `${host}/team/all`, '--all');
    const store = ['--store', `${folder}/store`];
    const mine = process.arch === 'arm64' ? 'arm64' : 'amd64';
    t.is((await box('pull', ...store, `${host}/team/all`)).stdout, `${images[mine]}\n`);
    t.is((await box('pull', ...store, '--platform', 'linux/s390x', `${host}/team/all`)).stdout, `${images.s390x}\n`);
    const none = await box('pull', ...store, '--platform', 'linux/riscv64', `${host}/team/all`);
    t.is(none.status, 1);
    t.regex(none.stderr, /^box: .*linux\/riscv64.*linux\/amd64.*\nnext: .*\n$/);
  },
);

withRegistry('Tags are listed page after page; what is not there is said in one line.', async t => {
  const { folder, host } = await start(t);
  const digest = makeImage(`${folder}/made`, 'app');
  await copyIn(`${folder}/made`, 'app', `${host}/team/app:t0`);
  const faults = await startFaults(host);
  t.teardown(faults.close);
  const repository = `${folder}/data/docker/registry/v2/repositories/team/app/_manifests/tags`;
  const names = Array.from({ length: 7 }, (_, i) => `t${i}`);
  for (const name of names.slice(1)) cpSync(`${repository}/t0`, `${repository}/${name}`, { recursive: true });
  t.deepEqual(JSON.parse((await box('tags', '--json', `${host}/team/app`)).stdout), names);
  // Pages of three, which this registry does not make.
  faults.fault = (incoming, response) => {
    const { searchParams, pathname } = new URL(incoming.url ?? '', 'http://x');
    if (!pathname.endsWith('/tags/list')) return false;
    const first = names.indexOf(searchParams.get('last') ?? '') + 1;
    const tags = names.slice(first, first + 3);
    if (first + 3 < names.length) response.setHeader('link', `<${pathname}?n=3&last=${tags.at(-1)}>; rel="next"`);
    return !!response.end(JSON.stringify({ name: 'team/app', tags }));
  };
  t.deepEqual(JSON.parse((await box('tags', '--json', `${faults.host}/team/app`)).stdout), names);
  t.is(faults.seen.filter(each => each.path.includes('/tags/list')).length, 3);

  const store = ['--store', `${folder}/store`];
  for (const [name, said] of [
    [`${host}/team/app:nosuch`, /there is no team\/app:nosuch/],
    [`${host}/nobody/nothing`, /there is no nobody\/nothing:latest/],
    ['127.0.0.1:1/a', /127\.0\.0\.1:1: nothing listens there/],
    [`${host}/team/app@${digest.replace(/.$/, last => (last === '0' ? '1' : '0'))}`, /there is no team\/app@sha256/],
    ['UPPER', /no name of an image/],
  ] as const) {
    const { status, stderr, stdout } = await box('pull', ...store, name);
    t.is(status, 1, stderr);
    t.is(stdout, '');
    t.regex(stderr, new RegExp(`^box: .*${said.source}.*\\nnext: .*\\n$`));
  }
});

withRegistry('TLS by an authority of one’s own; without it, nothing is said to the server.', async t => {
  const folder = makeFolder(t);
  const authority = makeAuthority(folder);
  const { host } = await start(t, { tls: authority });
  const digest = makeImage(`${folder}/made`, 'app');
  await copyIn(`${folder}/made`, 'app', `${host}/team/app`);
  const store = ['--store', `${folder}/store`];
  const untrusting = await box('pull', ...store, `${host}/team/app`);
  t.regex(untrusting.stderr, /certificate is not to be trusted/);
  // From the file's own folder.
  const file = yaml(folder, { registries: { [host]: { ca: 'ca.crt' } } });
  t.is((await box('pull', ...store, '--registries', file, `${host}/team/app`)).stdout, `${digest}\n`);
});

withRegistry(
  'A name and a password in the clear of RFC 7617; from the configuration, or from where podman leaves them.',
  async t => {
    const { folder, host } = await start(t, { basic: true });
    const digest = makeImage(`${folder}/made`, 'app');
    const login = `${basic.username}:${basic.password}`;
    await copyIn(`${folder}/made`, 'app', `${host}/team/app`, '--dest-creds', login);
    const store = ['--store', `${folder}/store`];
    const nobody = await box('pull', ...store, `${host}/team/app`);
    t.regex(nobody.stderr, /it wants a name and a password\nnext: log in/);
    const wrong = yaml(folder, { registries: { [host]: { username: 'tester', password: 'sesame' } } });
    t.regex((await box('pull', ...store, '--registries', wrong, `${host}/team/app`)).stderr, /denied/);
    const right = yaml(folder, { registries: { [host]: basic } });
    t.is((await box('pull', ...store, '--registries', right, `${host}/team/app`)).stdout, `${digest}\n`);
    t.is((await box('push', ...store, '--registries', right, `${host}/team/app`, `${host}/team/app:2`)).status, 0);

    mkdirSync(`${folder}/home/.docker`, { recursive: true });
    const auths = { [host]: { auth: Buffer.from(login).toString('base64') } };
    writeFileSync(`${folder}/home/.docker/config.json`, JSON.stringify({ auths }));
    const { endpoints } = await readRegistries();
    const before = process.env.DOCKER_CONFIG ?? '';
    process.env.DOCKER_CONFIG = `${folder}/home/.docker`;
    const [found] = endpoints(host, 'team/app');
    process.env.DOCKER_CONFIG = before;
    t.deepEqual(found?.credentials, basic);
  },
);

withRegistry(
  'Tokens: one for each thing that we want to do, kept as long as they are good, and asked for anew.',
  async t => {
    const folder = makeFolder(t);
    const authority = makeAuthority(folder);
    const tokens = await startTokens(authority, { [basic.username]: basic.password });
    t.teardown(tokens.close);
    const { host } = await start(t, { realm: { url: tokens.realm, authority } });
    const digest = makeImage(`${folder}/made`, 'app', { layers: 6 });
    const login = `${basic.username}:${basic.password}`;
    await copyIn(`${folder}/made`, 'app', `${host}/open/app`, '--dest-creds', login);
    tokens.asked.length = 0;

    const store = await Store.open(`${folder}/store`);
    const nobody = await readRegistries(yaml(folder, {}));
    t.is((await pull(`${host}/open/app`, store, { registries: nobody })).descriptor.digest, digest);
    t.deepEqual(tokens.asked, [{ scopes: ['repository:open/app:pull'], user: undefined }]);
    // A token that is not good for anything more than what was asked for.
    const error = await t.throwsAsync(push(`${host}/open/app`, `${host}/open/app:2`, store, { registries: nobody }));
    t.regex(error?.message ?? '', /denied/);

    const registries = await readRegistries(yaml(folder, { registries: { [host]: basic } }));
    await push(`${host}/open/app`, `${host}/closed/app:2`, store, { registries });
    t.deepEqual(tokens.asked.at(-1)?.user, basic.username);
    // Of that neighbour a token was asked for too.
    t.true(tokens.asked.some(each => each.scopes.includes('repository:open/app:pull') && each.scopes.length === 2));
    t.deepEqual(await listTags(`${host}/closed/app`, { registries }), ['2']);
    // One that is over at once is got anew each time.
    tokens.lifetime = 1;
    t.is(
      (await pull(`${host}/closed/app:2`, await Store.open(`${folder}/second`), { registries })).descriptor.digest,
      digest,
    );
  },
);

withRegistry('Mirrors are asked first, and the registry when they have failed.', async t => {
  const { folder, host } = await start(t);
  const other = await start(t);
  const digest = makeImage(`${folder}/made`, 'app');
  await copyIn(`${folder}/made`, 'app', `${host}/team/app`);
  await copyIn(`${folder}/made`, 'app', `${other.host}/team/app`);
  const faults = await startFaults(other.host);
  t.teardown(faults.close);
  faults.spoil = path => (path.includes('/blobs/') ? { change: true } : {});
  const store = ['--store', `${folder}/store`];
  const mirrors = ['127.0.0.1:1', faults.host];
  const file = yaml(folder, { registries: { 'registry.invalid': { mirrors: [other.host] }, [host]: { mirrors } } });
  const past = await box('pull', ...store, '--registries', file, `${host}/team/app`);
  t.is(past.stdout, `${digest}\n`);
  t.regex(
    past.stderr,
    /nothing listens there; trying the next place\n(.*\n)*.*has another digest.*; trying the next place/,
  );
  // The registry itself need not be there.
  const mirrored = await box('pull', ...store, '--registries', file, 'registry.invalid/team/app');
  t.is(mirrored.stdout, `${digest}\n`, mirrored.stderr);
});

withRegistry('Signatures: as configured, an image comes in, or it does not; openssl believes ours.', async t => {
  const { folder, host } = await start(t);
  const [ours, theirs] = [makeKeys(folder, 'ours'), makeKeys(folder, 'theirs')];
  const digest = makeImage(`${folder}/made`, 'app');
  const other = makeImage(`${folder}/made`, 'other');
  await copyIn(`${folder}/made`, 'app', `${host}/team/unsigned`);
  await copyIn(`${folder}/made`, 'other', `${host}/team/app:other`);
  const all = ['--store', `${folder}/first`];
  await box('pull', ...all, `${host}/team/unsigned`);
  const pushed = await box('push', ...all, '--sign', ours.secret, `${host}/team/unsigned`, `${host}/team/app`);
  t.is(pushed.stdout, `${digest}\n`, pushed.stderr);

  const take = (name: string, signatures: object) =>
    box('pull', '--store', `${folder}/store`, '--registries', yaml(folder, { signatures }), `${host}/${name}`);
  const team = `${host}/team`;
  t.is((await take('team/app', { [team]: { key: ours.open } })).stdout, `${digest}\n`);
  t.regex((await take('team/app', { [team]: { key: theirs.open } })).stderr, /not signed with the key/);
  t.regex((await take('team/unsigned', { [team]: { key: ours.open } })).stderr, /is not signed/);
  t.regex((await take('team/app', { '*': 'reject' })).stderr, /policy rejects/);
  t.is((await take('team/app', { '*': 'reject', [`${team}/app`]: 'accept' })).status, 0);
  t.regex((await take('team/app', { '*': 'rejekt' })).stderr, /is to be accept, reject or/);
  // The signature of one image, put beside another; and that of one repository, in another.
  const from = `${folder}/data/docker/registry/v2/repositories/team/app/_manifests/tags`;
  cpSync(`${from}/${digest.replace(':', '-')}.sig`, `${from}/${other.replace(':', '-')}.sig`, { recursive: true });
  t.regex((await take('team/app:other', { [team]: { key: ours.open } })).stderr, /not signed with the key/);
  const signature = `${digest.replace(':', '-')}.sig`;
  await skopeo(
    ...['copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false'],
    ...[`docker://${host}/team/app:${signature}`, `docker://${host}/team/unsigned:${signature}`],
  );
  t.regex((await take('team/unsigned', { [team]: { key: ours.open } })).stderr, /not signed with the key/);

  // openssl(1) is of the same opinion. (Debian's skopeo has such signatures disabled.)
  await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${host}/team/app:${signature}`, `dir:${folder}/read`);
  const [layer] = JSON.parse(readFileSync(`${folder}/read/manifest.json`, 'utf8')).layers;
  const bytes = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature'], 'base64');
  writeFileSync(`${folder}/signature`, bytes);
  const believes = (key: string) =>
    run('openssl', [
      'dgst',
      '-sha256',
      '-verify',
      key,
      '-signature',
      `${folder}/signature`,
      `${folder}/read/${layer.digest.slice(7)}`,
    ]);
  t.is((await believes(ours.open)).stdout, 'Verified OK\n');
  t.not((await believes(theirs.open)).status, 0);
});

withRegistry('Garbage goes, and nothing that a name leads to; also with pulls at the same time.', async t => {
  const { folder, host } = await start(t);
  const names = Array.from({ length: 4 }, (_, i) => `app${i}`);
  for (const name of names) {
    makeImage(`${folder}/made`, name, { layers: 4 });
    await copyIn(`${folder}/made`, name, `${host}/team/${name}`);
  }
  const store = await Store.open(`${folder}/store`);
  const full = names.map(name => `${host}/team/${name}:latest`);
  for (const name of full) await pull(name, store);
  t.is(blobs(store.folder).length, 4 * 6);
  await store.untag(full[0] as string);
  const { removed } = await collectGarbage(store);
  t.is(removed, 6);
  t.is(blobs(store.folder).length, 3 * 6);

  // Four programs that pull while a fifth collects, over and over.
  const other = `${folder}/other`;
  let pulling = true;
  const collecting = (async () => {
    while (pulling) t.is((await box('gc', '--all', '--store', other)).status, 0);
  })();
  const outcomes = await Promise.all(full.map(name => box('pull', '--store', other, name)));
  pulling = false;
  await collecting;
  for (const { status, stderr } of outcomes) t.is(status, 0, stderr);
  t.is(blobs(other).length, 4 * 6);
  for (const name of full) await proveWithSkopeo(t, other, name);
});

test('The tests’ images are what their descriptors say.', t => {
  const folder = makeFolder(t);
  const digest = makeImage(folder, 'app');
  t.true(existsSync(`${folder}/blobs/sha256/${digest.slice(7)}`));
  t.is(JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')).manifests[0].digest, digest);
});
