// What has been built is an image to others; and what goes wrong is said in one line that has the place in it.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { contain, unpack } from '#15-oci-image';
import { ContainerfileError, compressions, type Image } from '#images';
import { Process } from '#linux';
import { findProgram } from '../../doctor/facts.ts';
import { list } from '../images/listing.ts';
import { podmanRun } from './buildah.ts';
import { type Bench, makeFolder, openBench, writeBase, writeContext } from './context.ts';

const folder = makeFolder();
let bench: Bench;
let number = 0;
const without = (program: string) => !findProgram(program) && `${program} is not installed`;
const here = (reason: string | false) => (title: string, body: (t: ExecutionContext) => Promise<void>) =>
  reason ? test.skip(`${title} (skipped: ${reason})`, () => {}) : test.serial(title, body);

test.before(async () => {
  bench = await openBench(`${folder}/store`);
  writeBase(`${folder}/base`);
  await bench.build(`${folder}/base`, { tag: 'base' });
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string | null>;
function build(containerfile: string, files: Files = {}, options: Parameters<Bench['build']>[1] = {}) {
  const context = `${folder}/context${number++}`;
  writeContext(context, { files, containerfile });
  return bench.build(context, options);
}

/** A file of the image. */
async function fileOf(image: Image, path: string): Promise<string> {
  const tree = `${folder}/tree${number++}`;
  await unpack(image, tree);
  return readFileSync(`${tree}/${path}`, 'utf8');
}

for (const compression of compressions)
  here(without('podman') || (process.getuid?.() !== 0 && 'Podman wants root here'))(
    `Podman runs it: ${compression}`,
    async t => {
      const text = `
      FROM base
      RUN echo 'app:x:7:8::/:' >> /etc/passwd && mkdir /w && chown 7:8 /w && echo secret > /w/own && chown 7:8 /w/own && chmod 400 /w/own
      RUN rm /etc/hostname && rm -r /home && mkdir /home && touch /home/new
      USER app
      WORKDIR /w
      ENV A="b c"
      ENTRYPOINT ["/bin/sh", "-c", "echo $0 $A $(pwd) $(id -u):$(id -g) $(cat own) $(ls /home)"]
      CMD ["argument"]`;
      const { image } = await build(text, {}, { compression, tag: compression });
      const run = podmanRun(`${folder}/podman`, `${bench.store.folder}:${compression}`);
      t.deepEqual(run, { status: 0, output: 'argument b c /w 7:8 secret new\n' });
      // Our own container runs it as well. What it says goes where the test's output goes: it answers by its status.
      const question = '[ "$A $(pwd) $(id -u):$(id -g) $(cat own) $(ls /home)" = "b c /w 7:8 secret new" ]';
      const spec = { image, store: `${bench.store.folder}/layers`, containers: folder };
      const box = await contain({ ...spec, entrypoint: ['/bin/sh', '-c', question] });
      t.deepEqual(await box.exited, { code: 0, signal: null });
    },
  );

here(without('skopeo'))('skopeo copies it, and finds it valid', async t => {
  const { image } = await build('FROM base\nLABEL a=b\nRUN touch /x\n', {}, { tag: 'for-skopeo' });
  const place = `oci:${bench.store.folder}:for-skopeo`;
  const found = JSON.parse(execFileSync('skopeo', ['inspect', place], { encoding: 'utf8' }));
  t.is(found.Digest, image.descriptor.digest);
  t.deepEqual(found.Labels, { a: 'b', base: 'yes' });
  t.is(found.Layers.length, 2);
  execFileSync('skopeo', ['copy', '-q', '--insecure-policy', place, `dir:${folder}/copied`]);
  t.true(readdirSync(`${folder}/copied`).includes('manifest.json'));
});

test.serial('the history has each step, and says which of them have a layer', async t => {
  const { image } = await build('FROM base\nARG X\nENV A=1\nRUN touch /x\nRUN true\nWORKDIR /tmp\nWORKDIR /new\n');
  const { history = [], rootfs } = image.config;
  const ours = history.slice(-5).map(each => [each.created_by, each.empty_layer ?? false]);
  t.deepEqual(ours, [
    ['ENV A=1', true],
    ['RUN touch /x', false],
    ['RUN true', true],
    ['WORKDIR /tmp', true],
    ['WORKDIR /new', false],
  ]);
  t.is(history.filter(each => !each.empty_layer).length, rootfs.diff_ids.length);
});

test.serial('what Buildah does not know: SHELL, here-documents, an owner for an archive’s files', async t => {
  const { image } = await build(
    `
      FROM base
      ARG WHO=you
      SHELL ["/bin/sh", "-ec"]
      RUN echo $- > /shell
      RUN <<EOF
      echo one > /lines
      echo two >> /lines
      EOF
      COPY --chmod=600 <<first.txt <<"second.txt" /to/
      for $WHO
      first.txt
      for $WHO
      second.txt`.replace(/^ {6}/gm, ''),
  );
  t.regex(await fileOf(image, 'shell'), /e/);
  t.is(await fileOf(image, 'lines'), 'one\ntwo\n');
  t.is(await fileOf(image, 'to/first.txt'), 'for you\n');
  t.is(await fileOf(image, 'to/second.txt'), 'for $WHO\n');
});

test.serial('stages that the target does not need are left out', async t => {
  const text =
    'FROM base AS a\nRUN touch /a\nFROM base AS b\nRUN false\nFROM base AS c\nCOPY --from=a /a /\nFROM b AS d\nRUN false\n';
  const { said } = await build(text, {}, { target: 'c' });
  t.deepEqual(
    said.map(line => line.replace(/^STEP /, '')).filter(line => !line.startsWith('-->')),
    [...['1/4: FROM base AS a', '2/4: RUN touch /a', '3/4: FROM base AS c', '4/4: COPY --from=a /a /']],
  );
});

test.serial('an argument that nobody declares is told of, and so is what is ignored', async t => {
  const { said } = await build(
    'FROM base\nARG KNOWN\nHEALTHCHECK CMD true\n',
    {},
    { args: { KNOWN: '1', KNWON: '2', HTTP_PROXY: 'x' } },
  );
  t.deepEqual(
    said.filter(line => line.includes('warning')),
    [
      'Containerfile:3: warning: HEALTHCHECK is ignored: an OCI image has no place for it',
      'warning: nothing declares the argument KNWON (ARG KNWON)',
    ],
  );
});

const failures: [what: string, containerfile: string, message: RegExp, files?: Files][] = [
  ['a command', 'FROM base\nRUN true\nRUN exit 7', /^Containerfile:3:1: the command ended with status 7$/],
  [
    'a program that is not there',
    'FROM base\nRUN ["/nowhere"]',
    /^Containerfile:2:1: the command cannot be started: No such file or directory$/,
  ],
  ['a source that is missing', 'FROM base\nCOPY nothing /x', /^Containerfile:2:1: there is no nothing in the context$/],
  [
    'a source that is ignored',
    'FROM base\nCOPY f /x',
    /^Containerfile:2:1: there is no f in the context, or \.dockerignore leaves it out$/,
    { f: '', '.dockerignore': 'f' },
  ],
  [
    'a pattern that matches nothing',
    'FROM base\nCOPY *.none /x/',
    /^Containerfile:2:1: there is no \*\.none in the context$/,
  ],
  [
    'several sources and no folder',
    'FROM base\nCOPY f g /x',
    /^Containerfile:2:1: several sources want a folder, and \/x does not end with a slash$/,
    { f: '', g: '' },
  ],
  [
    'a folder over a file',
    'FROM base\nCOPY d /etc/hosts',
    /^Containerfile:2:1: \/etc\/hosts: something is there that is no folder$/,
    { 'd/f': '' },
  ],
  [
    'a file over a folder',
    'FROM base\nCOPY d /',
    /^Containerfile:2:1: \/etc: a folder is in the way$/,
    { 'd/etc': 'x' },
  ],
  [
    'a user whom nobody knows',
    'FROM base\nCOPY --chown=somebody f /',
    /^Containerfile:2:1: the image has no user "somebody" in its \/etc\/passwd$/,
    { f: '' },
  ],
  [
    'a stage that is not there',
    'FROM base\nCOPY --from=Base2 /etc /x',
    /^Containerfile:2:1: no image in .* is named Base2/,
  ],
  ['a mode that is none', 'FROM base\nCOPY --chmod=u+x f /', /^Containerfile:2:1: --chmod=u\+x is no mode$/, { f: '' }],
  [
    'an address',
    'FROM base\nADD https://example.com/x /',
    /^Containerfile:2:1: https:\/\/example\.com\/x: addresses are not supported$/,
  ],
  [
    'a link that leads to nowhere',
    'FROM base\nCOPY l /',
    /^Containerfile:2:1: there is no l in the context$/,
    { l: '-> ../../../../../../etc/passwd' },
  ],
];

for (const [what, containerfile, message, files] of failures)
  test.serial(`refused, with its place and in one line: ${what}`, async t => {
    const error = await t.throwsAsync(build(containerfile, files), { instanceOf: ContainerfileError, message });
    t.false(error?.message.includes('\n'));
    t.deepEqual(readdirSync(`${bench.store.folder}/build`), []);
    t.deepEqual(readdirSync(`${bench.store.folder}/ingest`), []);
  });

test.serial('attributes and capabilities come along, as those of the container', async t => {
  const context = `${folder}/attributes`;
  writeContext(context, {
    files: { f: 'f', g: 'g' },
    containerfile: 'FROM base\nCOPY f g /d/\nRUN mv /d/f /moved && chown 9 /d/g\n',
  });
  // struct vfs_cap_data, version 2: CAP_NET_BIND_SERVICE, permitted, and effective from the start. capabilities(7)
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const box = await Process.start();
  t.teardown(() => box.end());
  for (const name of ['f', 'g'])
    await box.syscall('setxattr', `${context}/${name}`, 'security.capability', capability, capability.length, 0);
  await box.syscall('setxattr', `${context}/f`, 'user.mine', Buffer.from([0, 255, 10]), 3, 0);
  const { image } = await bench.build(context);
  await unpack(image, `${folder}/attributes.tree`);
  const found = await list(`${folder}/attributes.tree`);
  t.is(found.get('moved')?.xattrs, `security.capability=${capability.toString('hex')} user.mine=00ff0a`);
  // Whoever gives a file away takes its capabilities from it.
  t.is(found.get('d/g')?.xattrs, undefined);
  t.is(found.get('d/g')?.owner, '9:0');
});

test.serial('two builds at once in one store', async t => {
  const text = 'FROM base\nRUN echo same > /same\nRUN date +%N%N > /other\n';
  const both = await Promise.all([1, 2, 3].map(() => build(text, {}, { noCache: true })));
  for (const { image } of both) t.is(await fileOf(image, 'same'), 'same\n');
});

test.serial('a build that is stopped ends at once and leaves nothing', async t => {
  const stop = new AbortController();
  const report = (line: string) => line.startsWith('STEP 2') && setTimeout(() => stop.abort(new Error('stopped')), 300);
  const started = Date.now();
  await t.throwsAsync(build('FROM base\nRUN sleep 3600\n', {}, { signal: stop.signal, report }), {
    message: 'stopped',
  });
  t.true(Date.now() - started < 600_000, 'and not when the command has ended');
  t.deepEqual(readdirSync(`${bench.store.folder}/build`), []);
});

test.serial('nothing outside of the context is read, and nothing outside of the image is written', async t => {
  const { image } = await build('FROM base\nRUN ln -s /../../../.. /up\nCOPY d /up/written\nCOPY d/abs /copied\n', {
    ...{ 'd/out': '-> ../../../../../etc/passwd', 'd/abs': '-> /inside', inside: 'of the context\n' },
  });
  const tree = `${folder}/out`;
  await unpack(image, tree);
  t.is(readFileSync(`${tree}/copied`, 'utf8'), 'of the context\n');
  t.deepEqual(readdirSync(`${tree}/written`).sort(), ['abs', 'out']);
  t.false(existsSync('/written'));

  // There is no /proc where files are put, so no way through one either.
  const through = `FROM base\nRUN ln -s /proc/1/root /magic\nCOPY d /magic${folder}/through\n`;
  await t.throwsAsync(build(through, { 'd/f': '' }), { message: /\/magic: something is there that is no folder$/ });
  t.false(existsSync(`${folder}/through`));
});
