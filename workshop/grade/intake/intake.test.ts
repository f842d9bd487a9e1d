// What is taken of a submission, form by form; and what a hostile one must not get: a file of the grader's, a program run, endless work.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { allLessons } from '../../lessons.ts';
import { readBelow } from './below.ts';
import { fileLimit, placeOf } from './collect.ts';
import { type Handed, take } from './index.ts';

const lessons = allLessons().slice(0, 3);
const [first, second, third] = lessons.map(lesson => ({ ...lesson, place: placeOf(lesson) })) as [Named, Named, Named];
type Named = (typeof lessons)[number] & { place: string };

function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-intake-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function write(folder: string, files: Record<string, string | Buffer>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    writeFileSync(`${folder}/${name}`, content);
  }
  return folder;
}

const handed = (kind: 'folder' | 'tar' | 'repository', path: string): Handed => ({
  id: 'x',
  from: 'x',
  form: { kind, path },
});
const honest = { [first.place]: 'one\n', [second.place]: 'zwei ✔\n' };
const taken = { [first.name]: 'one\n', [second.name]: 'zwei ✔\n' };
const sh = (cwd: string, script: string) =>
  execFileSync('sh', ['-euc', script], {
    cwd,
    env: { ...process.env, ...who },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
const who = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' },
  GIT_COMMITTER_DATE: '2026-11-03T10:00:00+0100',
};
const commit = 'git init -q -b main; git add -f -A; git commit -qm one';

test('of a folder only the lessons’ own files are taken, and only those of the lessons that count', async t => {
  const folder = write(makeFolder(t), {
    ...honest,
    'package.json': '{}',
    'lessons/01-process/extra.ts': '',
    [third.place]: 'drei',
  });
  t.deepEqual(await take(handed('folder', folder), [first, second]), {
    id: 'x',
    from: 'x',
    at: null,
    files: taken,
    refused: [],
  });
});

test('a link, a pipe, a device, bytes, and too much of it are refused, each with its reason; nothing hangs', async t => {
  const folder = makeFolder(t);
  const secret = write(makeFolder(t), { 'secret.ts': 'the grader’s' });
  const reason = async (make: (path: string) => void) => {
    rmSync(`${folder}/lessons`, { recursive: true, force: true });
    mkdirSync(`${folder}/lessons/${first.name}`, { recursive: true });
    make(`${folder}/${first.place}`);
    const { files, refused } = await take(handed('folder', folder), [first]);
    t.deepEqual(files, {});
    t.true(refused.length === 1 && refused[0]?.startsWith(`${first.place}: `), refused.join());
    return refused[0]?.slice(first.place.length + 2);
  };
  t.is(await reason(path => symlinkSync(`${secret}/secret.ts`, path)), 'a symbolic link');
  t.is(await reason(path => symlinkSync('nowhere', path)), 'a symbolic link');
  t.is(await reason(path => execFileSync('mkfifo', [path])), 'not a regular file');
  t.is(await reason(path => mkdirSync(path)), 'not a regular file');
  t.is(await reason(path => writeFileSync(path, Buffer.from([0xc3, 0x28]))), 'not text in UTF-8');
  t.regex((await reason(path => writeFileSync(path, 'a\0b'))) ?? '', /NUL/);
  t.regex((await reason(path => writeFileSync(path, Buffer.alloc(fileLimit + 1, 'a')))) ?? '', /262145 bytes/);
  t.regex((await reason(path => execFileSync('truncate', ['-s', '1T', path]))) ?? '', /at most 262144/);
  const below = await reason(path => {
    rmSync(dirname(path), { recursive: true });
    write(secret, { [path.split('/').pop() as string]: 'another’s work' });
    symlinkSync(secret, dirname(path));
  });
  t.regex(below ?? '', /below a symbolic link/);
  const whole = makeFolder(t);
  symlinkSync(`${write(secret, honest)}/lessons`, `${whole}/lessons`);
  t.deepEqual((await take(handed('folder', whole), [first])).files, {});
});

test('a file of exactly the limit is taken, and an empty one', async t => {
  const folder = write(makeFolder(t), { [first.place]: 'a'.repeat(fileLimit), [second.place]: '' });
  const { files } = await take(handed('folder', folder), lessons);
  t.deepEqual([files[first.name]?.length, files[second.name]], [fileLimit, '']);
});

test('a folder that is swapped for a link while it is read leads nowhere else', async t => {
  const folder = write(makeFolder(t), { 'a/b': 'inside' });
  const outside = write(makeFolder(t), { b: 'outside' });
  const swap = `while :; do mv -T a c; ln -s ${outside} a; rm a; mv -T c a; done`;
  // A group of its own, so that the program that it runs ends with it.
  const swapping = spawn('sh', ['-c', swap], { cwd: folder, detached: true, stdio: 'ignore' });
  const gone = once(swapping, 'exit');
  const seen = new Set<string>();
  try {
    for (let i = 0; i < 20_000; i++) {
      const found = readBelow(folder, 'a/b', 100);
      seen.add(found && 'bytes' in found ? found.bytes.toString() : found ? 'refused' : 'none');
    }
  } finally {
    process.kill(-(swapping.pid as number), 'SIGKILL');
    await gone;
  }
  t.false(seen.has('outside'));
  t.true(seen.has('inside'));
});

const pack = (folder: string, args: string) => `tar -C ${folder} -cf - ${args}`;
const archive = (t: ExecutionContext, bytes: Uint8Array) =>
  handed('tar', `${write(makeFolder(t), { x: Buffer.from(bytes) })}/x`);

test('a tar file, plain, gzip or zstd, with or without a folder around', async t => {
  const folder = write(makeFolder(t), { ...honest, 'x/y': '' });
  execFileSync('sh', ['-c', `mkdir ${folder}/alice && cp -r ${folder}/lessons ${folder}/alice`]);
  for (const what of ['.', 'lessons', 'alice', './alice x']) {
    const bytes = execFileSync('sh', ['-c', pack(folder, what)]);
    for (const each of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
      t.deepEqual((await take(archive(t, each), lessons)).files, taken, what);
    }
  }
});

test('in a tar file links, escapes and doubles get nobody further', async t => {
  const folder = write(makeFolder(t), honest);
  symlinkSync('/etc/passwd', `${folder}/link`);
  linkSync(`${folder}/${first.place}`, `${folder}/other`);
  const bytes = (args: string) => execFileSync('sh', ['-c', pack(folder, args)]);
  const to = (name: string) => `--transform='s,^${name}$,${first.place},'`;
  t.deepEqual((await take(archive(t, bytes(`${to('link')} link lessons/02-chroot`)), [first])).refused, [
    `${first.place}: a symbolic link`,
  ]);
  t.deepEqual((await take(archive(t, bytes(`--hard-dereference ${to('other')} other`)), [first])).files, {
    [first.name]: 'one\n',
  });
  t.deepEqual((await take(archive(t, bytes(`${to('other')} ${first.place} other`)), [first])).refused, [
    `${first.place}: a hard link`,
  ]);
  // It climbs to another student's folder: here it is a name like any other, and far from the top.
  const climbing = bytes(`-P --transform='s,^lessons,../../bob/lessons,' lessons`);
  t.deepEqual(Object.keys((await take(archive(t, climbing), [first])).files), [first.name]);
  const two = bytes(`--transform='s,^lessons/01,a/lessons/01,;s,^lessons/02,b/lessons/02,' lessons`);
  await t.throwsAsync(take(archive(t, two), lessons), { name: 'UserError', message: /two places: "a\/", "b\/"/ });
});

test('a damaged archive, one that holds nothing of ours, and one that never ends', async t => {
  const folder = write(makeFolder(t), { ...honest, 'other/x': '' });
  const bytes = execFileSync('sh', ['-c', pack(folder, 'lessons')]);
  const cut = bytes.subarray(0, 700);
  await t.throwsAsync(take(archive(t, cut), lessons), { name: 'UserError', message: /archive/ });
  await t.throwsAsync(take(archive(t, gzipSync(bytes).subarray(0, 90)), lessons), {
    name: 'UserError',
    message: /archive is damaged/,
  });
  const other = execFileSync('sh', ['-c', pack(folder, 'other')]);
  await t.throwsAsync(take(archive(t, other), lessons), { name: 'UserError', message: /has no lessons/ });
  const bomb = makeFolder(t);
  sh(bomb, 'truncate -s 3G zeros; tar -cf - zeros | head -c 512 | gzip > x.tar.gz; rm zeros');
  const zeros = gzipSync(Buffer.alloc(64 << 20));
  for (let i = 0; i < 48; i++) appendFileSync(`${bomb}/x.tar.gz`, zeros);
  await t.throwsAsync(take(handed('tar', `${bomb}/x.tar.gz`), lessons), {
    name: 'UserError',
    message: /more than 2147483648 bytes/,
  });
});

test('of a repository the commit counts, with its date; what lies there beside it is said', async t => {
  const folder = write(makeFolder(t), honest);
  sh(folder, commit);
  write(folder, { [second.place]: 'not yet\n', [third.place]: 'nor this\n' });
  const submission = await take(handed('repository', folder), lessons);
  t.deepEqual(submission.files, taken);
  t.is(submission.at, '2026-11-03T09:00:00.000Z');
  t.deepEqual(
    submission.refused.map(line => line.split(':')[0]),
    [second.place, third.place],
  );
  t.deepEqual(readdirSync(folder).sort(), ['.git', 'lessons']);
});

test('bare, packed, shallow, with SHA-256; another branch, a tag of a tag, a commit by its hash', async t => {
  const folder = write(makeFolder(t), honest);
  sh(
    folder,
    `${commit}; git tag -am v v; git tag -am w w v; git branch kept; git rm -q ${second.place}; git commit -qm two`,
  );
  const place = makeFolder(t);
  sh(
    place,
    `git clone -q --bare --no-local ${folder} bare; git clone -q --depth 1 file://${folder} shallow; git -C bare gc -q`,
  );
  const files = async (path: string, ref?: string) => (await take(handed('repository', path), lessons, ref)).files;
  const hash = sh(folder, 'git rev-parse kept').trim();
  for (const path of [folder, `${place}/bare`]) {
    t.deepEqual(await files(path), { [first.name]: 'one\n' });
    for (const ref of ['kept', 'v', 'w', 'refs/heads/kept', hash]) t.deepEqual(await files(path, ref), taken, ref);
    for (const ref of ['gone', '../../HEAD', 'HEAD', '--all', '']) {
      await t.throwsAsync(files(path, ref), { name: 'UserError', message: /no branch or tag/ }, ref);
    }
    await t.throwsAsync(files(path, '0'.repeat(40)), { message: /commit is not there/ });
  }
  t.deepEqual(await files(`${place}/shallow`), { [first.name]: 'one\n' });
  const other = write(makeFolder(t), honest);
  sh(other, commit.replace('git init', 'git init --object-format=sha256'));
  t.deepEqual(await files(other), taken);
});

test('a repository whose configuration, hooks, attributes and remotes run programs runs none', async t => {
  const folder = write(makeFolder(t), { ...honest, '.gitattributes': '* filter=evil diff=evil text\n' });
  sh(folder, commit);
  const canary = `${makeFolder(t)}/canary`;
  const evil = `${folder}/evil.sh`;
  writeFileSync(evil, `#!/bin/sh\necho ran >> ${canary}\n`);
  chmodSync(evil, 0o755);
  appendFileSync(
    `${folder}/.git/config`,
    `[core]\n fsmonitor = ${evil}\n hooksPath = ${folder}/hooks\n sshCommand = ${evil}\n pager = ${evil}\n gitProxy = ${evil}\n editor = ${evil}\n
[filter "evil"]\n smudge = ${evil}\n clean = ${evil}\n process = ${evil}\n[diff "evil"]\n textconv = ${evil}\n command = ${evil}\n
[include]\n path = ${folder}/more\n[extensions]\n partialClone = origin\n[remote "origin"]\n url = ext::${evil}\n promisor = true\n
[protocol]\n allow = always\n[credential]\n helper = !${evil}\n[alias]\n cat-file = !${evil}\n ls-tree = !${evil}\n[uploadpack]\n packObjectsHook = ${evil}\n`,
  );
  write(folder, { more: `[core]\n fsmonitor = ${evil}\n`, 'hooks/post-index-change': '' });
  execFileSync('sh', [
    '-c',
    `cp ${evil} ${folder}/hooks/post-index-change; cp ${evil} ${folder}/.git/hooks/post-checkout`,
  ]);
  // That the trap is one: an ordinary git falls into it.
  sh(folder, 'git status >/dev/null 2>&1 || true');
  t.true(existsSync(canary));
  rmSync(canary);
  // A blob that is not there is what a promisor would be asked for.
  const blob = sh(folder, `git -c core.fsmonitor= rev-parse HEAD:${second.place}`).trim();
  rmSync(canary, { force: true });
  rmSync(`${folder}/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
  const { files, refused } = await take(handed('repository', folder), lessons);
  t.deepEqual(files, { [first.name]: 'one\n' });
  t.regex(refused[0] ?? '', /partial clone/);
  t.false(existsSync(canary));
});

test('a repository that leads elsewhere is refused: alternates, links among its objects, a worktree, refs as links', async t => {
  const real = write(makeFolder(t), honest);
  sh(real, commit);
  const place = makeFolder(t);
  sh(place, `git clone -q --shared ${real} shared; git -C ${real} worktree add -q ${place}/tree -b w`);
  for (const each of ['linked', 'ref']) sh(place, `cp -r ${real} ${each}`);
  sh(place, `rm -r linked/.git/objects; ln -s ${real}/.git/objects linked/.git/objects`);
  sh(
    place,
    `cp -r ${real} inner; rm -r inner/.git/objects/pack; ln -s ${real}/.git/objects/pack inner/.git/objects/pack`,
  );
  sh(place, `rm ref/.git/refs/heads/main; ln -s ${real}/.git/refs/heads/main ref/.git/refs/heads/main`);
  const expected = {
    shared: /alternates/,
    tree: /leads to another place/,
    linked: /no git repository/,
    inner: /another place/,
    ref: /refs\/heads\/main, which is not there/,
  };
  for (const [name, message] of Object.entries(expected)) {
    await t.throwsAsync(take(handed('repository', `${place}/${name}`), lessons), { name: 'UserError', message }, name);
  }
});

test('links, folders and large files in a commit; no commit at all; objects that are damaged', async t => {
  const folder = write(makeFolder(t), { [second.place]: 'a'.repeat(fileLimit + 1), [`${third.place}/x`]: '' });
  mkdirSync(`${folder}/lessons/${first.name}`, { recursive: true });
  symlinkSync('/etc/passwd', `${folder}/${first.place}`);
  sh(folder, commit);
  const { files, refused } = await take(handed('repository', folder), lessons);
  t.deepEqual(files, {});
  t.deepEqual(
    refused.map(line => line.split(': ')[1]?.split(',')[0]),
    ['a symbolic link', `${fileLimit + 1} bytes`, 'not a regular file'],
  );

  const empty = makeFolder(t);
  sh(empty, 'git init -q -b main');
  await t.throwsAsync(take(handed('repository', empty), lessons), {
    name: 'UserError',
    message: /refs\/heads\/main, which is not there/,
  });

  const damaged = write(makeFolder(t), honest);
  sh(damaged, `${commit}; find .git/objects -type f -exec chmod u+w {} + -exec truncate -s 20 {} +`);
  await t.throwsAsync(take(handed('repository', damaged), lessons), { name: 'UserError' });

  const none = write(makeFolder(t), { a: '' });
  sh(none, commit);
  await t.throwsAsync(take(handed('repository', none), lessons), {
    name: 'UserError',
    message: /commit has no lessons/,
  });
});

// Alone: the others make such folders meanwhile.
test.serial('nothing is left in the temporary folder', async t => {
  const folder = write(makeFolder(t), honest);
  sh(folder, commit);
  await take(handed('repository', folder), lessons);
  t.deepEqual(
    readdirSync(tmpdir()).filter(name => name.startsWith(`boxwright-git-${process.pid}-`)),
    [],
  );
});
