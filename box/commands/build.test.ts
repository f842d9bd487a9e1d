// `box build` as one types it: what it prints where, its status, and what is left when it is interrupted.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { baseRootfs } from '../../workshop/paths.ts';

const folder = mkdtempSync(`${tmpdir()}/box-build-`);
const context = `${folder}/context`;
const command = [
  '--no-warnings',
  '--conditions=solution',
  fileURLToPath(new URL('../box.mjs', import.meta.url)),
  'build',
];
const env = { ...process.env, BOX_STORE: `${folder}/store`, SOURCE_DATE_EPOCH: '1700000000' };

function box(containerfile: string, ...args: string[]) {
  writeFileSync(`${context}/Containerfile`, containerfile);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args, context], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, lines: stderr.trimEnd().split('\n') };
}

test.before(() => {
  mkdirSync(`${context}/bin`, { recursive: true });
  // Busybox is a single file: an image needs no more, and a place for what every container has.
  spawnSync('cp', [`${baseRootfs}/bin/busybox`, `${context}/bin/busybox`]);
  for (const name of ['sh', 'sleep', 'echo']) symlinkSync('busybox', `${context}/bin/${name}`);
  for (const name of ['proc', 'sys', 'dev']) mkdirSync(`${context}/root/${name}`, { recursive: true });
  spawnSync('chmod', ['755', folder]);
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const start = 'FROM scratch\nCOPY bin /bin\nCOPY root /\nENV PATH=/bin\nARG WORD=usual\n';

test.serial('the digest on stdout, the steps on stderr', t => {
  const first = box(`${start}RUN echo $WORD > /word\n`, '-t', 'word', '--build-arg', 'WORD=given');
  t.is(first.status, 0, first.lines.join('\n'));
  t.regex(first.stdout, /^sha256:[0-9a-f]{64}\n$/);
  t.deepEqual(first.lines, [
    ...['STEP 1/6: FROM scratch', 'STEP 2/6: COPY bin /bin', 'STEP 3/6: COPY root /', 'STEP 4/6: ENV PATH=/bin'],
    ...['STEP 5/6: ARG WORD=usual', 'STEP 6/6: RUN echo $WORD > /word'],
  ]);
  const again = box(`${start}RUN echo $WORD > /word\n`, '--build-arg', 'WORD=given', '--build-arg', 'WROD=x');
  t.is(again.stdout, first.stdout);
  t.is(again.lines.filter(line => line === '--> using cache').length, 4);
  t.is(again.lines.at(-1), 'warning: nothing declares the argument WROD (ARG WROD)');
  const anew = box(`${start}RUN echo $WORD > /word\n`, '--no-cache', '--build-arg', 'WORD=given');
  t.is(anew.stdout, first.stdout);
  t.false(anew.lines.includes('--> using cache'));
});

test.serial('what is wrong in one line, and what to do in the next', t => {
  t.deepEqual(box('FROM scratch\nCOPPY a b\n').lines, [
    'box: Containerfile:2:1: no such instruction: COPPY',
    'next: did you mean COPY?',
  ]);
  const failed = box(`${start}RUN exit 3\n`);
  t.is(failed.status, 1);
  t.is(failed.stdout, '');
  t.is(failed.lines.at(-2), 'box: Containerfile:6:1: the command ended with status 3');
  t.deepEqual(box(start, '--target', 'x').lines, [
    'box: Containerfile:1:1: no stage is named x',
    'next: no stage has a name: FROM … AS name',
  ]);
  t.regex(box(start, '--file', `${folder}/nowhere`).lines[0] ?? '', /^box: .*nowhere: there is no such file$/);
  t.regex(box(start, '--compression', 'lzma').lines[0] ?? '', /Allowed choices are gzip, zstd, none/);
});

const notHere =
  (process.getuid?.() !== 0 && 'it compares root’s with an ordinary user’s') ||
  (spawnSync('setpriv', ['--version']).error && 'setpriv is not installed');
(notHere ? test.skip : test.serial)(
  `anybody can build, and comes to the same digest${notHere ? ` (skipped: ${notHere})` : ''}`,
  t => {
    const text = `${start}RUN echo $WORD > /word && echo rm > /bin/new\nWORKDIR /a/b\nCOPY bin/echo .\nRUN echo x > y\n`;
    const theirs = `${folder}/user`;
    mkdirSync(theirs);
    chownSync(theirs, 4321, 4321);
    const mine = box(text);
    t.is(mine.status, 0, mine.lines.join('\n'));
    const who = ['--reuid=4321', '--regid=4321', '--clear-groups', process.execPath, ...command, context];
    const { stdout, stderr } = spawnSync('setpriv', who, {
      encoding: 'utf8',
      env: { ...env, BOX_STORE: `${theirs}/store` },
    });
    t.is(stdout, mine.stdout, stderr);
  },
);

for (const [how, signal, status] of [
  ['a terminal’s Ctrl-C', 'SIGINT', 130],
  ['a signal to it alone', 'SIGTERM', 143],
] as const)
  test.serial(`interrupted by ${how}, it leaves nothing half done`, async t => {
    writeFileSync(`${context}/Containerfile`, `${start}RUN echo begun; sleep 3600\n`);
    // In a group of its own, as a shell starts it.
    const child = spawn(process.execPath, [...command, '--no-cache', context], { env, detached: true });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    await new Promise<void>(resolve => {
      child.stdout.on('data', text => String(text).includes('begun') && resolve());
      child.once('close', () => resolve());
    });
    process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    t.is(await new Promise(resolve => child.once('close', resolve)), status);
    t.regex(said, /box: interrupted; the steps that were done are known\nnext: the same again goes on from there\n$/);
    t.deepEqual(readdirSync(`${folder}/store/build`), []);
  });
