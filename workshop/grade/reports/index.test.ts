// The files: which there are, that they are whole, and that the same grades make the same bytes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { folderOf, writeReports } from './index.ts';
import { all, graded, hostile, marked, mixed, rulesFor, withText } from './made-up.ts';

const rules = rulesFor(['01-process', '03-mount-namespace', '04-overlay']);

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(`${tmpdir()}/boxwright-reports-`);
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      `${parentPath}/${name}`.slice(path.length + 1),
      readFileSync(`${parentPath}/${name}`, 'utf8'),
    ]),
  );
}

const named = (id: string, like = mixed) => ({
  ...like,
  mark: { ...like.mark, submission: { ...like.mark.submission, id } },
});

test('five files a submission, three for the class, and nothing else', async t => {
  const path = folder(t);
  await writeReports(path, [named('ada'), named('bob')], rules);
  const own = ['classroom.json', 'feedback.html', 'feedback.md', 'results.json', 'results.xml'];
  t.deepEqual(Object.keys(contents(path)).sort(), [
    ...own.map(name => `ada/${name}`),
    ...own.map(name => `bob/${name}`),
    'grades.csv',
    'grades.json',
    'junit.xml',
  ]);
});

test('written again, and by two at once, the bytes are the same', async t => {
  const [once, twice] = [folder(t), folder(t)];
  const grades = all.slice(0, 6).map((grade, i) => named(`s${i}`, grade));
  await writeReports(once, grades, rules);
  await Promise.all([writeReports(twice, grades, rules), writeReports(twice, grades, rules)]);
  await writeReports(twice, grades, rules);
  t.deepEqual(contents(twice), contents(once));
});

test('what is written depends on the grades and not on the machine’s time zone', async t => {
  const path = folder(t);
  await writeReports(path, [mixed], rules);
  t.regex(contents(path)['ada/feedback.md'] ?? '', /marked on 21 November 2026, 14:53 \(UTC\)/);
  t.regex(contents(path)['junit.xml'] ?? '', /timestamp="2026-11-21T14:53:00"/);
});

test('grades.json has every grade by which rules, and no text that is too long', async t => {
  const path = folder(t);
  await writeReports(path, [mixed, ...hostile.slice(-5).map(withText)], rules);
  const whole = JSON.parse(contents(path)['grades.json'] ?? '');
  t.like(whole, { version: 1, title: rules.title, due: rules.due, late: rules.late, lessons: rules.lessons });
  t.is(whole.grades[0].grade, mixed.grade);
  t.deepEqual(
    whole.grades[0].mark.lessons.map(({ name }: { name: string }) => name),
    mixed.lessons.map(({ name }) => name),
  );
  t.true((contents(path)['grades.json'] ?? '').length < 400_000);
});

test('an id is a folder in the class’s, and takes no other file’s place', async t => {
  const path = folder(t);
  mkdirSync(`${path}/class`);
  const ids = ['..', '.', 'marks', '.lock', 'grades.csv', 'grades.json', 'junit.xml', '-x', '...'];
  await writeReports(
    `${path}/class`,
    ids.map(id => named(id)),
    rules,
  );
  t.deepEqual(readdirSync(path), ['class']);
  t.deepEqual(
    readdirSync(`${path}/class`).sort(),
    [
      '-x',
      '...',
      '.lock~',
      'marks~',
      '.~',
      '..~',
      'grades.csv',
      'grades.csv~',
      'grades.json',
      'grades.json~',
      'junit.xml',
      'junit.xml~',
    ].sort(),
  );
  for (const id of ['', 'a/b', '../x', 'a b', 'a\n']) t.throws(() => folderOf(id), { message: /cannot be the id/ });
});

test('a lesson that this repository does not have is reported without its text', async t => {
  const path = folder(t);
  const foreign = { ...marked('01', { argv: 'fail' }), name: '90-foreign', number: '90', title: 'Foreign' };
  await writeReports(path, [graded([foreign])], rulesFor(['90-foreign']));
  t.regex(contents(path)['ada/feedback.md'] ?? '', /## 90 · Foreign: 13 of 15 points[\s\S]*### Does not hold/);
});
