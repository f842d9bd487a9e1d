// What is written is what GNU's tar reads, and what we read ourselves.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { bytesOf } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import { type Entry, plainEntry } from './entry.ts';
import { readTar } from './read.ts';
import { headerOf, type Item, writeTar } from './write.ts';

const folder = mkdtempSync(`${tmpdir()}/write-tar-`);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

async function written(items: Item[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(items)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* chunks(...all: (string | Uint8Array)[]) {
  for (const each of all) yield Buffer.from(each);
}

/** `tar`'s long listing, without the times' zone to care for. */
async function listed(items: Item[]): Promise<string[]> {
  const path = `${folder}/${Math.random()}.tar`;
  writeFileSync(path, await written(items));
  const text = execFileSync(
    'tar',
    ['--utc', '--full-time', '--numeric-owner', '--quoting-style=literal', '-tvf', path],
    {
      ...{ encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } },
    },
  );
  return text
    .trimEnd()
    .split('\n')
    .map(line => line.replace(/ +/g, ' '));
}

const blank = (type: Entry['type'], path: string, more: Partial<Entry> = {}): Entry => ({
  ...plainEntry(type, path),
  ...more,
});

test('every kind of entry', async t => {
  const file = blank('file', 'f', { size: 5, mode: 0o4755, uid: 1, gid: 2, mtime: 86_400_000_000_000n });
  const lines = await listed([
    { entry: blank('directory', 'd', { mode: 0o1777 }) },
    { entry: file, content: chunks('hel', 'lo') },
    { entry: blank('link', 'h', { linkname: 'f' }) },
    { entry: blank('symlink', 's', { linkname: '../x y', mode: 0o777 }) },
    { entry: blank('character', 'c', { major: 4, minor: 70_000 }) },
    { entry: blank('block', 'b', { major: 4095, minor: 1 }) },
    { entry: blank('fifo', 'p') },
  ]);
  t.deepEqual(lines, [
    'drwxrwxrwt 0/0 0 1970-01-01 00:00:00 d/',
    '-rwsr-xr-x 1/2 5 1970-01-02 00:00:00 f',
    'hrw-r--r-- 0/0 0 1970-01-01 00:00:00 h link to f',
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 s -> ../x y',
    'crw-r--r-- 0/0 4,70000 1970-01-01 00:00:00 c',
    'brw-r--r-- 0/0 4095,1 1970-01-01 00:00:00 b',
    'prw-r--r-- 0/0 0 1970-01-01 00:00:00 p',
  ]);
});

test('names of every length, with and without a slash to cut them at', async t => {
  const names = [99, 100, 101, 155, 156, 255, 256, 257, 600].flatMap(length => [
    'n'.repeat(length),
    `${'d'.repeat(90)}/`
      .repeat(10)
      .slice(0, length - 1)
      .concat('e'),
  ]);
  const items = [
    ...names.map(name => ({ entry: blank('file', name) })),
    ...names.map(name => ({ entry: blank('directory', `${name}D`) })),
  ];
  const lines = await listed(items);
  t.deepEqual(
    lines.map(line => line.split(' ').at(-1)),
    [...names, ...names.map(name => `${name}D/`)],
  );
});

test('a header of its own only where the old one has no room', t => {
  const hasPax = (entry: Entry) => headerOf(entry).length > 512;
  t.false(hasPax(blank('file', `${'d'.repeat(100)}/${'n'.repeat(100)}`)));
  t.true(hasPax(blank('file', `${'d'.repeat(156)}/${'n'.repeat(100)}`)));
  t.true(hasPax(blank('file', 'ü')));
  t.true(hasPax(blank('symlink', 's', { linkname: 'x'.repeat(101) })));
  t.false(hasPax(blank('file', 'f', { uid: 0o7777777, size: 0o77777777777 })));
  t.true(hasPax(blank('file', 'f', { uid: 0o10000000 })));
  t.true(hasPax(blank('file', 'f', { size: 0o100000000000 })));
  t.true(hasPax(blank('file', 'f', { mtime: 1n })));
  t.true(hasPax(blank('file', 'f', { mtime: -1_000_000_000n })));
});

test('what has no room is read back: by GNU’s tar, and by ours', async t => {
  const entries = [
    blank('file', 'ü/日本', { uid: 4_294_967_294, gid: 2_097_152 }),
    blank('file', 'before', { mtime: -2_000_000_000n }),
    blank('file', 'nano', { mtime: 1_700_000_000_123_456_789n }),
    blank('symlink', 'l', { linkname: `${'ö'.repeat(80)}/x` }),
    blank('file', 'late', { mtime: 20_000_000_000n * 1_000_000_000n }),
  ];
  const lines = await listed(entries.map(entry => ({ entry })));
  t.deepEqual(lines, [
    '-rw-r--r-- 4294967294/2097152 0 1970-01-01 00:00:00 ü/日本',
    '-rw-r--r-- 0/0 0 1969-12-31 23:59:58 before',
    '-rw-r--r-- 0/0 0 2023-11-14 22:13:20.123456789 nano',
    `lrw-r--r-- 0/0 0 1970-01-01 00:00:00 l -> ${'ö'.repeat(80)}/x`,
    '-rw-r--r-- 0/0 0 2603-10-11 11:33:20 late',
  ]);
  const again: Entry[] = [];
  for await (const { content: _, sparse: __, ...entry } of readTar(
    chunks(await written(entries.map(entry => ({ entry })))),
  ))
    again.push(entry);
  t.deepEqual(again, entries);
});

test('times before 1970 with parts of a second', async t => {
  // Extracted: GNU’s tar 1.34 lists such a time a second late.
  const times = [-1n, -1_500_000_000n, -999_999_999n, 999_999_999n];
  const items = times.map((mtime, i) => ({ entry: blank('file', `time${i}`, { mtime }) }));
  writeFileSync(`${folder}/times.tar`, await written(items));
  execFileSync('tar', ['-C', folder, '--warning=no-timestamp', '-xf', `${folder}/times.tar`]);
  const found = times.map((_, i) => lstatSync(`${folder}/time${i}`, { bigint: true }).mtimeNs);
  t.deepEqual(found, times);
});

test('bytes that are no characters, in names and in attributes', async t => {
  const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const xattrs = new Map([
    ['security.capability', value],
    ['user.empty', Buffer.alloc(0)],
  ]);
  const entry = blank('file', 'a\udcff\udc80b', { xattrs });
  const bytes = await written([{ entry }]);
  t.true(bytes.includes(Buffer.concat([Buffer.from('path='), bytesOf(entry.path), Buffer.from('\n')])));
  for await (const { path, xattrs: found } of readTar(chunks(bytes))) {
    t.is(path, entry.path);
    t.deepEqual(
      [...found].map(([name, each]) => [name, Buffer.from(each)]),
      [...xattrs],
    );
  }
});

test('a record’s length counts its own digits', t => {
  // 95 to 110 bytes, over the change from two digits to three.
  for (let length = 80; length < 120; length++) {
    const text = headerOf(blank('file', 'ü'.repeat(length)))
      .subarray(512)
      .toString();
    const size = Number.parseInt(text, 10);
    t.is(Buffer.from(text).indexOf('\n') + 1, size);
  }
});

test('content longer or shorter than the entry says is refused, and nothing too much is passed on', async t => {
  for (const content of ['four', 'sixsix', '']) {
    const items = [{ entry: blank('file', 'f', { size: 5 }), content: chunks(content) }];
    await t.throwsAsync(written(items), { instanceOf: ImageError, message: /^f: changed while it was read$/ });
  }
});

test('an archive ends at a whole block, and is the same every time', async t => {
  const items = () => [{ entry: blank('file', 'ü', { size: 513, mtime: 5n }), content: chunks('x'.repeat(513)) }];
  const [one, two] = [await written(items()), await written(items())];
  t.is(one.length % 512, 0);
  t.deepEqual(one, two);
  writeFileSync(`${folder}/same.tar`, one);
  execFileSync('tar', ['-C', folder, '-xf', `${folder}/same.tar`]);
  t.is(readFileSync(`${folder}/ü`, 'utf8'), 'x'.repeat(513));
});
