import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { findHanded } from './find.ts';
import { parseList } from './list.ts';
import { idGiver, isId, plainName } from './name.ts';

function makeFolder(t: { teardown(undo: () => void): void }): string {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-find-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const makeOne = (folder: string) => mkdirSync(`${folder}/lessons/01-process`, { recursive: true });
const tar = () => Buffer.from(`${'x'.padEnd(257, '\0')}ustar\0`.padEnd(1024, '\0'));

test('a name becomes an id that can be a file’s name anywhere, and never the same twice', t => {
  const expected = {
    'José García.tar.gz': 'Jose-Garcia',
    'alice.git': 'alice',
    '../../etc/passwd': 'etc-passwd',
    '-rf': 'rf',
    '...': 'submission',
    李雷: 'submission',
    'a\u001b[31mb': 'a-31mb',
    [`${'n'.repeat(300)}.tar`]: 'n'.repeat(80),
  };
  for (const [name, id] of Object.entries(expected)) {
    t.is(plainName(name), id);
    t.true(isId(id));
  }
  const give = idGiver();
  t.deepEqual(['bob', 'Bob', 'bob', 'bob-2'].map(give), ['bob', 'Bob-2', 'bob-3', 'bob-2-2']);
  t.deepEqual(['Marks', 'grades.csv'].map(give), ['Marks-2', 'grades.csv-2']);
});

test('a list: paths relative to its folder, ids before a tab or an equals sign, comments', t => {
  const text = '# the class\n\nalice\nbob = work/b o b.tar\n c.d\t/elsewhere/c \r\nwork/x = y\n';
  t.deepEqual(parseList(text, '/class/list.txt'), [
    { path: '/class/alice' },
    { path: '/class/work/b o b.tar', id: 'bob' },
    { path: '/elsewhere/c', id: 'c.d' },
    { path: '/class/work/x = y' },
  ]);
  const wrong = {
    '-x = a': /list:1: "-x" is no id/,
    'b = c\nB = d': /list:2: the id B was given in list:1/,
    '# -': /lists nothing/,
  };
  for (const [bad, message] of Object.entries(wrong)) t.throws(() => parseList(bad, 'list'), { message });
});

test('a folder without lessons/ is a class: each child is one, with or without a folder around it', t => {
  const folder = makeFolder(t);
  makeOne(`${folder}/alice`);
  makeOne(`${folder}/bob/boxwright-main`);
  mkdirSync(`${folder}/bob/__MACOSX`);
  mkdirSync(`${folder}/carol`);
  mkdirSync(`${folder}/dave.git/objects`, { recursive: true });
  mkdirSync(`${folder}/dave.git/refs`);
  writeFileSync(`${folder}/dave.git/HEAD`, 'ref: refs/heads/main\n');
  writeFileSync(`${folder}/eve.zip`, 'PK\u0003\u0004');
  writeFileSync(`${folder}/frank.tar`, tar());
  writeFileSync(`${folder}/readme.txt`, 'hello');
  symlinkSync('/', `${folder}/root`);
  writeFileSync(`${folder}/.DS_Store`, '');
  const shown = findHanded([folder]).map(({ id, form }) => [
    id,
    'why' in form ? form.why : `${form.kind} ${form.path}`,
  ]);
  t.deepEqual(shown, [
    ['alice', `folder ${folder}/alice`],
    ['bob', `folder ${folder}/bob/boxwright-main`],
    ['carol', 'it has no lessons/'],
    ['dave', `repository ${folder}/dave.git`],
    ['eve', 'an archive of the kind zip'],
    ['frank', `tar ${folder}/frank.tar`],
    ['readme.txt', 'a text file'],
    ['root', 'a symbolic link, which is not followed'],
  ]);
});

test('a list brings its entries, good and bad, and its ids come first', t => {
  const folder = makeFolder(t);
  for (const name of ['alice', 'other/alice']) makeOne(`${folder}/${name}`);
  writeFileSync(`${folder}/list`, 'gone\nalice = other/alice\nlist\n');
  const handed = findHanded([`${folder}/alice`, `${folder}/list`]);
  t.deepEqual(
    handed.map(({ id, form }) => [id, 'why' in form ? form.why : form.path]),
    [
      ['alice-2', `${folder}/alice`],
      ['gone', 'there is no such file or folder'],
      ['alice', `${folder}/other/alice`],
      ['list', 'a list in a list'],
    ],
  );
});

test('what was named and can be no submission is the user’s mistake', t => {
  const folder = makeFolder(t);
  writeFileSync(`${folder}/empty`, '');
  writeFileSync(`${folder}/binary`, Buffer.from([0, 1, 2, 255]));
  mkdirSync(`${folder}/nothing`);
  for (const [path, message] of [
    [`${folder}/gone`, /no such file/],
    [`${folder}/empty`, /an empty file/],
    [`${folder}/binary`, /neither a tar file nor a text/],
    [`${folder}/nothing`, /no lessons\//],
    ['/dev/null', /neither a file nor a folder/],
  ] as const) {
    t.like(
      t.throws(() => findHanded([path]), { name: 'UserError', message }),
      { status: 2 },
    );
  }
});
