// Processes that are not as one would like them: that end, have ended, were never started by anybody, or bear names that no terminal
// should be given.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { CLONE, MS, O, Process, readChildren, readStatus } from '#linux';
import { machineFacts } from '../doctor/facts.ts';
import { UserError } from '../errors.ts';
import { home } from '../paths.ts';
import { readLive, readXray } from './index.ts';
import { flat, said, until } from './kit.ts';
import { showXray } from './terminal/show.ts';

const facts = await machineFacts();
const noRoot = !facts.root && 'what is mounted and named here takes root';
const asRoot = (title: string, body: (t: ExecutionContext) => Promise<void>, reason: string | false = noRoot) =>
  reason ? test.skip(`${title} (skipped: ${reason})`, () => {}) : test(title, body);

/** A process in namespaces of its own, which ends with the test. */
async function start(t: ExecutionContext, flags: number): Promise<Process> {
  const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], trace: false });
  t.teardown(() => box.end());
  await box.unshare(flags);
  if (flags & CLONE.NEWNS) await box.mount('none', '/', null, MS.REC | MS.PRIVATE);
  return box;
}

const isClean = (t: ExecutionContext, text: string) => t.notRegex(text, /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);

test('no such process, and one that ends while it is looked at', async t => {
  const error = await t.throwsAsync(readXray(2 ** 22 + 1), { instanceOf: UserError });
  t.is(error?.message, `there is no process ${2 ** 22 + 1}`);
  for (let round = 0; round < 10; round++) {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const gone = new Promise(resolve => child.once('exit', resolve));
    const looking = readXray(child.pid as number);
    child.kill('SIGKILL');
    const outcome = await looking.catch(error => error);
    await gone;
    // Reaped before the end of the look or after it; what is between, a zombie, is told as one.
    if (outcome instanceof Error) t.regex(outcome.message, /^process \d+ ended while it was looked at$/);
    else t.is(outcome.process.pid, child.pid);
    await t.throwsAsync(readLive(child.pid as number), { instanceOf: UserError });
  }
});

test('a look that nobody waits for any more is given up', async t => {
  const error = await t.throwsAsync(readXray(process.pid, { signal: AbortSignal.abort(new Error('enough')) }));
  t.is(error?.message, 'enough');
});

test('a zombie: what the kernel still has of it, and why the rest is missing', async t => {
  const child = spawn('sh', ['-c', 'sleep 0.01 & exec sleep 60'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const zombie = () => readChildren(child.pid as number).find(pid => readStatus(pid).state === 'Z');
  await until('a child has ended', () => zombie() !== undefined);
  const xray = await readXray(zombie() as number);
  t.like(xray.process, { state: 'Z', command: [], parent: child.pid });
  t.is(xray.mounts, null);
  t.regex(xray.unread.map(({ why }) => why).join('\n'), /a zombie/);
  t.regex(showXray(xray, 80), /a zombie/);
});

const kthreadd = (() => {
  try {
    return readStatus(2).name === 'kthreadd';
  } catch {
    return false;
  }
})();
(kthreadd ? test : test.skip)('a thread of the kernel’s', async t => {
  const xray = await readXray(2);
  t.like(xray.process, { name: 'kthreadd', command: [] });
  t.regex(showXray(xray, 80), /\[kthreadd\]/);
});

asRoot(
  'names of mounts: newlines, escapes, what looks like an escape; a thousand; three hundred upon each other',
  async t => {
    const box = await start(t, CLONE.NEWNS);
    const folder = mkdtempSync(`${tmpdir()}/boxwright-names-`);
    t.teardown(() => rmSync(folder, { recursive: true }));
    await box.mount('tmpfs', folder, 'tmpfs');
    const names = [
      'new\nline',
      'tab\t',
      '\x1b]0;title\x07',
      'a - b',
      'back\\slash',
      '\\040',
      'ä€😀',
      '\u202eright',
      'x#y',
      '\x9b31m',
    ];
    for (const name of names) await box.mkdir(`${folder}/${name}`);
    for (const name of names) await box.mount(`of ${name}`, `${folder}/${name}`, 'tmpfs');
    await box.mkdir(`${folder}/many`);
    await box.mkdir(`${folder}/stack`);
    await box.together(() => {
      for (let i = 0; i < 1000; i++) box.mkdir(`${folder}/many/${i}`);
      for (let i = 0; i < 1000; i++) box.mount('tmpfs', `${folder}/many/${i}`, 'tmpfs');
    });
    for (let i = 0; i < 300; i++) await box.mount(`number ${i}`, `${folder}/stack`, 'tmpfs');

    const xray = await readXray(box.pid);
    const mounts = xray.mounts ? flat(xray.mounts) : [];
    for (const name of names) {
      const found = mounts.find(({ path }) => path === `${folder}/${name}`);
      t.is(found?.source, `of ${name}`, JSON.stringify(name));
    }
    t.is(
      mounts.length,
      said('findmnt', '--task', String(box.pid), '--list', '--noheadings', '--output', 'id').trim().split('\n').length,
    );
    t.is(mounts.filter(({ path }) => path.startsWith(`${folder}/many/`)).length, 1000);
    const stacked = mounts.filter(({ path }) => path === `${folder}/stack`);
    t.is(stacked.length, 300);
    t.true(stacked.some(({ source, children }) => source === 'number 7' && children[0]?.source === 'number 8'));
    t.regex(xray.unread.map(({ what }) => what).join(), /depth of the tree of mounts/);
    isClean(t, showXray(xray, 80));
    for (const line of showXray(xray, 40).split('\n')) t.true([...line].length <= 40 + 4, line);
  },
);

asRoot(
  'a file system behind which nobody answers: whoever looks into it waits for ever, and the x-ray does not',
  async t => {
    const box = await start(t, CLONE.NEWNS);
    const folder = mkdtempSync(`${tmpdir()}/boxwright-silent-`);
    t.teardown(() => rmSync(folder, { recursive: true }));
    await box.mount('tmpfs', folder, 'tmpfs');
    for (const path of ['a', 'a/b', 'a/c', 'a/d']) await box.mkdir(`${folder}/${path}`);
    // Something to look at, by its type: and the way to it leads through what is mounted last.
    await box.mount('tmpfs', `${folder}/a/b`, 'tmpfs', MS.RDONLY);
    await box.mount('devtmpfs', `${folder}/a/c`, 'devtmpfs');
    const fuse = await box.open('/dev/fuse', O.RDWR);
    await box.mount('silent', `${folder}/a`, 'fuse', 0, `fd=${fuse},rootmode=40000,user_id=0,group_id=0`);
    const xray = await readXray(box.pid);
    const found = xray.mounts ? flat(xray.mounts).filter(({ path }) => path.startsWith(`${folder}/a`)) : [];
    t.deepEqual(found.map(({ path, type }) => `${path.slice(folder.length)} ${type}`).sort(), [
      '/a fuse',
      '/a/b tmpfs',
      '/a/c devtmpfs',
    ]);
  },
);

asRoot('layers whose names have colons, commas and backslashes; an opaque folder; whiteouts below', async t => {
  const box = await start(t, CLONE.NEWNS);
  const folder = mkdtempSync(`${tmpdir()}/boxwright-layers-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  await box.mount('tmpfs', folder, 'tmpfs');
  const at = (path: string) => `/proc/${box.pid}/root${folder}/${path}`;
  const [low, middle, upper] = ['lo:wer', 'mid,dle \\', 'up:per'];
  for (const path of [low, `${low}/d`, middle, upper, 'work', 'merged']) mkdirSync(at(path));
  for (const file of [`${low}/a`, `${low}/b`, `${low}/d/x`, `${middle}/c`]) writeFileSync(at(file), '12345');
  await box.mknod(`${folder}/${middle}/b`, 0o20000, 0);
  const escaped = (path: string) => `${folder}/${path}`.replace(/[\\:,]/g, '\\$&');
  const data = `lowerdir=${escaped(middle)}:${escaped(low)},upperdir=${escaped(upper)},workdir=${folder}/work`;
  await box.mount('overlay', `${folder}/merged`, 'overlay', 0, data);
  const merged = at('merged');
  writeFileSync(`${merged}/b`, 'made anew');
  chmodSync(`${merged}/a`, 0o600);
  rmSync(`${merged}/d`, { recursive: true });
  mkdirSync(`${merged}/d`);
  writeFileSync(`${merged}/d/y`, '');
  rmSync(`${merged}/c`);

  const { overlays } = await readXray(box.pid);
  const overlay = overlays.find(({ path }) => path === `${folder}/merged`);
  t.deepEqual(
    overlay?.layers.map(({ path, kind, entries, bytes }) => [path, kind, entries, bytes]),
    [
      [`${folder}/${upper}`, 'upper', 4, 14],
      [`${folder}/${middle}`, 'lower', 1, 5],
      [`${folder}/${low}`, 'lower', 4, 15],
    ],
  );
  t.deepEqual(
    overlay?.files.map(({ path, kind, layer }) => [path, kind, layer]),
    [
      ['/a', 'changed', 0],
      // It is in the lowest layer, and the one between has removed it.
      ['/b', 'new', 0],
      ['/c', 'whiteout', 0],
      ['/d', 'opaque', 0],
      ['/d/y', 'new', 0],
    ],
  );
});

asRoot('command lines, names of processes and of interfaces with control characters', async t => {
  const evil = '\x1b[31mred\x1b]0;title\x07\nnext\x9b1m\u202e';
  const box = await start(t, CLONE.NEWNET);
  await box.prctl(15, 'n\x1b[1m) S 1');
  await box.unshare(CLONE.NEWUTS);
  said('nsenter', `--net=/proc/${box.pid}/ns/net`, 'ip', 'link', 'add', 'name', "e\x1b[31m'", 'type', 'bridge');
  const named = await readXray(box.pid);
  t.is(named.process.name, 'n\x1b[1m) S 1');
  t.true(named.network?.links.some(({ name, kind }) => name === "e\x1b[31m'" && kind === 'bridge'));
  isClean(t, showXray(named, 80));
  await box.execve('/bin/sleep', [evil, '3600']);
  const xray = await readXray(box.pid);
  t.deepEqual(xray.process.command, [evil, '3600']);
  t.is(xray.process.name, 'sleep');
  isClean(t, showXray(xray, 80));
  const json = said(
    process.execPath,
    '--no-warnings',
    `${home}/workshop/boxwright.mjs`,
    'xray',
    String(box.pid),
    '--json',
  );
  t.notRegex(json, /[^\P{Cc}\n]/u);
  t.deepEqual(JSON.parse(json).process.command, [evil, '3600']);
});

asRoot('after chroot the root is a folder of a mount that mountinfo does not show', async t => {
  const box = await start(t, CLONE.NEWUTS);
  await box.chroot('/usr');
  const { mounts } = await readXray(box.pid);
  const listed = said('findmnt', '--json', '--target', '/usr', '--output', 'fstype,fsroot,id');
  const [{ fstype, id, fsroot }] = JSON.parse(listed).filesystems;
  t.like(mounts, { path: '/', id, type: fstype, root: `${fsroot === '/' ? '' : fsroot}/usr`, role: 'root' });
});

asRoot('so it is in a mount namespace of its own, where nobody sees more', async t => {
  const box = await start(t, CLONE.NEWNS);
  await box.chroot('/usr');
  const { mounts, unread } = await readXray(box.pid);
  const listed = said('findmnt', '--json', '--target', '/usr', '--output', 'fstype,fsroot,source,id');
  const [{ fstype, id, fsroot, source }] = JSON.parse(listed).filesystems;
  t.like(mounts, { path: '/', type: fstype, root: `${fsroot === '/' ? '' : fsroot}/usr`, source, role: 'root' });
  t.not(mounts?.id, id);
  t.regex(unread.map(({ what }) => what).join(), /options of the mount that its root is on/);
});

asRoot('layers that somebody names, and that are not the overlay’s, are not believed', async t => {
  const box = await start(t, CLONE.NEWNS);
  const folder = mkdtempSync(`${tmpdir()}/boxwright-named-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const path of ['low', 'other', 'empty', 'merged']) mkdirSync(`${folder}/${path}`);
  for (const path of ['low', 'other']) writeFileSync(`${folder}/${path}/file`, path);
  await box.mount('overlay', `${folder}/merged`, 'overlay', 0, `lowerdir=${folder}/low:${folder}/empty`);
  await box.chroot(`${folder}/merged`);
  const look = async (...lowers: string[]) => {
    const { overlays } = await readXray(box.pid, { storage: { lowers: lowers.map(each => `${folder}/${each}`) } });
    return overlays[0]?.layers.map(({ entries }) => entries);
  };
  t.deepEqual(await look('low', 'empty'), [1, 0]);
  t.deepEqual(await look('other', 'empty'), [null, 0]);
  t.deepEqual(await look(), [1, 0]);
});
