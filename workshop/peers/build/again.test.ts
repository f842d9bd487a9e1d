// The same again: what is done once more and what is not, and that it comes to the same digest.
import { chmodSync, lutimesSync, renameSync, rmSync, utimesSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { compressions, type Image } from '#images';
import { type Bench, cachedSteps, makeFolder, openBench, writeBase, writeContext, writeFiles } from './context.ts';

const folder = makeFolder();
let bench: Bench;
let number = 0;

test.before(async () => {
  bench = await openBench(`${folder}/store`);
  writeBase(`${folder}/base`);
  await bench.build(`${folder}/base`, { tag: 'base' });
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const containerfile = `
  FROM base AS made
  RUN echo x > /made && date +%N > /by-chance
  FROM base
  ENV A=1
  RUN date +%N > /first
  COPY one /one
  ARG WORD=usual
  COPY dir /dir
  COPY --chown=1:2 two /two
  RUN echo $WORD > /word
  COPY --from=made /made /made
  RUN date +%N > /last`;
const files = {
  one: '1\n',
  two: '2\n',
  'dir/a': 'a\n',
  'dir/l': '-> a',
  'dir/not': 'n\n',
  '.dockerignore': 'dir/not\n',
};
/** The steps of the last stage that have a result. */
const steps = [
  'ENV A=1',
  'RUN date +%N > /first',
  'COPY one',
  'COPY dir',
  'COPY --chown',
  'RUN echo $WORD',
  'COPY --from',
  'RUN date +%N > /last',
];

function freshContext(): string {
  const context = `${folder}/context${number++}`;
  writeContext(context, { files, containerfile: containerfile.replace(/^ {2}/gm, '') });
  return context;
}

interface Change {
  about: string;
  /** The first step that is to be done again; none when absent. */
  from?: string;
  change(context: string): void;
  args?: Record<string, string>;
}

const edit = (context: string, from: string, to: string) =>
  writeContext(context, { files: {}, containerfile: containerfile.replace(/^ {2}/gm, '').replace(from, to) });

const changes: Change[] = [
  { about: 'nothing', change: () => {} },
  { about: 'a file’s content', from: 'COPY one', change: context => writeFiles(context, { one: 'other\n' }) },
  { about: 'a file’s mode', from: 'COPY one', change: context => chmodSync(`${context}/one`, 0o600) },
  { about: 'a file’s time', change: context => utimesSync(`${context}/one`, 1, 1) },
  { about: 'a link’s time', change: context => lutimesSync(`${context}/dir/l`, 1, 1) },
  { about: 'a link’s target', from: 'COPY dir', change: context => writeFiles(context, { 'dir/l': '-> b' }) },
  { about: 'one more file', from: 'COPY dir', change: context => writeFiles(context, { 'dir/b': '' }) },
  { about: 'one more folder', from: 'COPY dir', change: context => writeFiles(context, { 'dir/empty': null }) },
  { about: 'a name', from: 'COPY dir', change: context => renameSync(`${context}/dir/a`, `${context}/dir/z`) },
  { about: 'what is ignored', change: context => writeFiles(context, { 'dir/not': 'other\n', beside: 'b\n' }) },
  { about: 'an owner', from: 'COPY --chown', change: context => edit(context, '1:2', '1:3') },
  { about: 'a command', from: 'RUN date +%N > /last', change: context => edit(context, '> /last', '> /last; true') },
  { about: 'a variable’s value', from: 'ENV A=1', change: context => edit(context, 'A=1', 'A=2') },
  { about: 'an argument’s own value', from: 'RUN echo $WORD', change: context => edit(context, 'usual', 'unusual') },
  { about: 'an argument', from: 'RUN echo $WORD', args: { WORD: 'given' }, change: () => {} },
  { about: 'the other stage, but not what is copied', change: context => edit(context, 'echo x', 'echo  x') },
  {
    about: 'what is copied from the other stage',
    from: 'COPY --from',
    change: context => edit(context, 'echo x', 'echo y'),
  },
  {
    about: 'only how it is written',
    change: context => edit(context, 'COPY one /one', '# why not\nCOPY  one \\\n  /one'),
  },
];

for (const { about, from, change, args } of changes)
  test.serial(`done again: ${about}`, async t => {
    const context = freshContext();
    const before = await bench.build(context);
    change(context);
    const { image, said } = await bench.build(context, args && { args });
    const first = from === undefined ? steps.length : steps.indexOf(from);
    t.true(first >= 0);
    checkCached(t, said, first);
    t.is(image.descriptor.digest === before.image.descriptor.digest, from === undefined);
  });

/** Steps before number `first` of the last stage are found, the others are done. */
function checkCached(t: ExecutionContext, said: string[], first: number): void {
  const found = Object.entries(cachedSteps(said.slice(said.findLastIndex(line => / FROM /.test(line)) + 1)));
  const results = found.filter(([step]) => !step.startsWith('ARG'));
  t.is(results.length, steps.length);
  const expected = steps.map((step, i) => [step, i < first]);
  t.deepEqual(
    results.map(([_, cached], i) => [steps[i], cached]),
    expected,
  );
}

test.serial(
  'done again: everything, when that is asked for, or when layers are to be compressed in another way',
  async t => {
    const context = freshContext();
    await bench.build(context);
    for (const options of [{ noCache: true }, { compression: 'zstd' as const }, { epoch: 1_700_000_000 }]) {
      const { said } = await bench.build(context, options);
      checkCached(t, said, 0);
    }
  },
);

test.serial('done again: what the store no longer has', async t => {
  const context = freshContext();
  const { image } = await bench.build(context);
  const lost = image.manifest.layers.at(-2)?.digest ?? '';
  rmSync(bench.store.path(lost));
  const { image: again, said } = await bench.build(context);
  // Its layer is the same once more, and so is all that comes after it.
  t.deepEqual(Object.values(cachedSteps(said)).filter(cached => !cached).length, 4);
  t.is(again.manifest.layers.at(-2)?.digest, lost);
  t.true(bench.store.has(lost));
});

for (const compression of compressions)
  test.serial(`the same digest from two stores, with and without what is known: ${compression}`, async t => {
    const context = freshContext();
    writeFiles(context, { 'dir/sub/new': 'n\n', 'dir/sub/hard': '= dir/sub/new' });
    const text =
      'FROM scratch\nADD root.tar /\nFROM 0\nCOPY dir /d\nRUN mkdir /x && echo a > /x/b && rm -r /etc && mkdir /etc\nWORKDIR /w/v\n';
    writeContext(context, { files: {}, containerfile: text });
    const digests: string[] = [];
    let last: Image | undefined;
    for (const name of ['a', 'b']) {
      const other = await openBench(`${folder}/${compression}-${name}`);
      writeBase(context);
      // Files of today: their times are later than the build is to have been.
      utimesSync(`${context}/dir/a`, new Date(), new Date());
      for (const noCache of [false, true]) {
        const { image } = await other.build(context, { epoch: 1_700_000_000, compression, noCache });
        last = image;
        digests.push(image.descriptor.digest);
        t.is(image.config.created, '2023-11-14T22:13:20Z');
        t.true(image.config.history?.every(({ created }) => created === '2023-11-14T22:13:20Z'));
      }
    }
    t.is(new Set(digests).size, 1, digests.join(' '));
    const type = last?.manifest.layers.at(-1)?.mediaType ?? '';
    t.regex(type, { gzip: /\+gzip$/, zstd: /\+zstd$/, none: /\.tar$/ }[compression]);
  });
