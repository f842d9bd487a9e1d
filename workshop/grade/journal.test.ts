import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { failedMark } from './failed.ts';
import { withJournal } from './journal.ts';
import type { Mark } from './types.ts';

function makeFolder(t: { teardown(undo: () => void): void }): string {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-journal-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return `${folder}/grades`;
}

const makeMark = (id: string, key = 'k', outcome: Mark['outcome'] = 'marked'): Mark => ({
  ...failedMark({ id, from: id, at: null, refused: [], files: {} }, key, ''),
  outcome,
});

test('what was kept is there for the next grader, by its key; what went wrong is not', async t => {
  const folder = makeFolder(t);
  await withJournal(folder, 'new', async journal => {
    t.deepEqual(journal.all(), []);
    for (const mark of [makeMark('bob'), makeMark('alice'), makeMark('carol', 'k', 'error')]) journal.keep(mark);
  });
  await withJournal(folder, 'resume', async journal => {
    t.like(journal.kept('alice', 'k'), { submission: { id: 'alice' } });
    t.is(journal.kept('alice', 'other'), null);
    t.is(journal.kept('carol', 'k'), null);
    t.is(journal.kept('dave', 'k'), null);
    t.deepEqual(
      journal.all().map(({ submission }) => submission.id),
      ['alice', 'bob', 'carol'],
    );
  });
  await withJournal(folder, 'again', async journal => t.deepEqual(journal.all(), []));
});

test('a folder that has something is not begun in by oversight', async t => {
  const folder = makeFolder(t);
  const away = () => Promise.reject(new Error('no queue answers'));
  await t.throwsAsync(withJournal(folder, 'new', away), { message: 'no queue answers' });
  await withJournal(folder, 'new', async journal => journal.keep(makeMark('alice')));
  const error = await t.throwsAsync(
    withJournal(folder, 'new', async () => t.fail()),
    { name: 'UserError' },
  );
  t.like(error, { status: 2, next: '--resume goes on with it, --again marks all anew' });
  const other = makeFolder(t);
  mkdirSync(other);
  writeFileSync(`${other}/thesis.txt`, '');
  t.like(await t.throwsAsync(withJournal(other, 'new', async () => t.fail())), {
    next: 'name another folder with --results',
  });
  await withJournal(other, 'again', async () => {});
  t.true(readdirSync(other).includes('thesis.txt'));
});

test('two graders in one folder: the second is told, and the first goes on', async t => {
  const folder = makeFolder(t);
  await withJournal(folder, 'new', async journal => {
    await t.throwsAsync(
      withJournal(folder, 'resume', async () => t.fail()),
      { message: /another grader is at work/ },
    );
    journal.keep(makeMark('alice'));
    t.is(journal.all().length, 1);
  });
  await withJournal(folder, 'resume', async journal => t.is(journal.all().length, 1));
});

test('halves, and files that are no marks, are as if they were not there', async t => {
  const folder = makeFolder(t);
  await withJournal(folder, 'new', async journal => journal.keep(makeMark('alice')));
  for (const [name, text] of Object.entries({
    'alice.json.123.new': '{"version": 1,',
    'bob.json': '{"version": 1,',
    'carol.json': JSON.stringify(makeMark('alice')),
    'dave.json': 'null',
    'eve.json': '{}',
    'frank.json': '"text"',
  })) {
    writeFileSync(`${folder}/marks/${name}`, text);
  }
  await withJournal(folder, 'resume', async journal => {
    t.deepEqual(
      journal.all().map(({ submission }) => submission.id),
      ['alice'],
    );
    for (const id of ['bob', 'carol', 'dave', 'eve', 'frank']) t.is(journal.kept(id, 'k'), null, id);
  });
  t.false(readdirSync(`${folder}/marks`).some(name => name.endsWith('.new')));
});
