// What the page says: how the grade came to be, every failure in four parts, and a sentence with what to do for whatever else happened.
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Grade, MarkedLesson } from '../types.ts';
import { feedback, graded, lesson, lessons, marked, rulesFor } from './made-up.ts';
import { markdown } from './markdown.ts';
import { outcomesOf } from './outcome.ts';
import { page } from './page.ts';

function read(grade: Grade): string {
  return markdown(page(grade, outcomesOf(grade, lessons), rulesFor(grade.lessons.map(({ name }) => name))));
}

const section = (text: string, number: string) =>
  new RegExp(`\n## ${number} [\\s\\S]*?(?=\n## |$)`).exec(text)?.[0] ?? '';
const first = (text: string) => /## What to try first\n\n(.*)/.exec(text)?.[1] ?? '';

test('the parts of the table add up to the grade', t => {
  const text = read(
    graded([marked('01'), marked('03', { private: 'fail' }), marked('04', {}, { points: 0, status: 'missing' })]),
  );
  t.regex(text, /\| 01 · A container is a process \| 15 of 15 \| 33\.33 \| 33\.33 \|/);
  t.regex(text, /\| 03 · Its own mounts \| 15 of 18 \| 33\.33 \| 27\.78 \|/);
  t.regex(text, /\| \*\*Together\*\* \| {2}\| 100\.00 \| \*\*61\.11\*\* \|/);
  t.regex(text, /^# Feedback for ada\n\n\*\*61\.11 of 100\*\* · Containers, autumn 2026/);
});

test('a lesson that counts for nobody has no part in the sum', t => {
  const none = { status: 'ungraded', points: 0, outOf: 0, tasks: [], reason: 'no time namespaces' } as const;
  const text = read(graded([marked('01'), marked('11', {}, { ...none, tasks: [] })]));
  t.regex(text, /\| 01 · A container is a process \| 15 of 15 \| 100\.00 \| 100\.00 \|/);
  t.regex(text, /\| 11 · .* \| – \| does not count \| – \|/);
  t.regex(
    section(text, '11'),
    /not counted[\s\S]*counts for nobody[\s\S]*npx boxwright check 11[\s\S]*no time namespaces/,
  );
  t.regex(first(text), /^Nothing: all that could be tried holds/);
});

test('a failure has its four parts, what the text asks for, and the manual', t => {
  const text = section(read(graded([marked('03', { private: 'fail', proc: 'blocked', sys: 'skip' })])), '03');
  const part = text.slice(text.indexOf('### Does not hold'), text.indexOf('### Not tried yet'));
  t.true(part.includes(`- **What was done:** ${feedback.did}`));
  t.true(part.includes(`  ${feedback.kernel.replace('\n', '\n  ')}`));
  t.true(part.includes(`- **What that means:** ${feedback.means}`));
  t.regex(part, /mount-namespace\.ts:17\n {2}- TODO 2\n {2}- mount\(2\), MS_REC\n/);
  t.regex(part, /“What you write”, 2: there too: no mount in it has a peer outside\./);
  t.regex(text, /### Not tried yet[\s\S]*- \/proc shows the processes \(1 point\)/);
  t.regex(text, /### Not tried here[\s\S]*refuses to be written \(2 points\): the reason of sys/);
  t.regex(text, /The manual: unshare\(2\), CLONE\\_NEWNS|The manual: unshare\(2\), CLONE_NEWNS/);
});

test('no page has a line of the solution’s or of the last hint', t => {
  for (const each of lessons) {
    const failed = Object.fromEntries(each.tasks.map(({ id }) => [id, 'fail' as const]));
    const text = read(graded([marked(each.number, failed)]));
    t.false(text.includes((each.hints[3] ?? 'no hint').slice(0, 40)), each.name);
    t.notRegex(text, /\bsolutions?\b/i, each.name);
    const lines = (path: string) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .map(line => line.trim());
    const starter = new Set(lines(each.files.lesson));
    const theirs = lines(each.files.solution).filter(line => line.length > 20 && !starter.has(line));
    t.deepEqual(
      theirs.filter(line => text.includes(line)),
      [],
      each.name,
    );
  }
});

const endings: [name: string, lesson: Partial<MarkedLesson>, section: RegExp, first: RegExp][] = [
  [
    'is missing',
    { status: 'missing', tasks: [], points: 0 },
    /0 of 18 points\n\nNothing was handed in[^\n]*`lessons\/04-overlay\/overlay\.ts`: hand it in under that name\./,
    /^Hand in lesson 04/,
  ],
  [
    'ended before anything',
    { status: 'ended', tasks: [], points: 0, reason: 'it ran longer than 60 seconds' },
    /did not last to its end[\s\S]*The reason: it ran longer than 60 seconds[\s\S]*npx boxwright check 04[\s\S]*### Not reached[\s\S]*- /,
    /^Begin with lesson 04, .*: make it come to an end\./,
  ],
  [
    'is broken',
    {
      status: 'fail',
      points: 0,
      reason: 'SyntaxError: Unexpected token\n  at line 3',
      tasks: marked('04', { folders: 'fail' }).tasks.filter(task => task.status !== 'pass'),
    },
    /could not be loaded[\s\S]*```text\nSyntaxError: Unexpected token\n {2}at line 3\n```[\s\S]*check 04/,
    /its file cannot be loaded/,
  ],
  [
    'left something behind',
    { status: 'fail', leaks: ['a mount: proc on /x'] },
    /All \d+ tasks hold\.[\s\S]*### Left behind[\s\S]*No points are lost[\s\S]*- a mount: proc on \/x/,
    /something is left behind/,
  ],
];
for (const [name, lesson, there, begin] of endings) {
  test(`a lesson that ${name} says so, and what to do`, t => {
    const text = read(graded([marked('04', {}, lesson)]));
    t.regex(section(text, '04'), there);
    t.regex(first(text), begin);
  });
}

test('what was reached before its machine ended keeps its feedback', t => {
  const ended = marked('03', { 'own-namespace': 'fail' }, { status: 'ended', reason: 'it used more than 512 MiB' });
  // As marking leaves it: what was not reached is there, blocked, with that as its reason.
  for (const [i, task] of ended.tasks.entries()) {
    if (i >= 2) Object.assign(task, { status: 'blocked', reason: 'not reached: it used more than 512 MiB' });
  }
  const text = section(read(graded([ended])), '03');
  t.regex(text, /### Does not hold: the container has a mount namespace/);
  t.is(text.split('### Not reached')[1]?.match(/^- .*points?\)$/gm)?.length, lesson('03').tasks.length - 2);
});

test('files that were not taken are named, and where theirs belong', t => {
  const submission = { id: 'ada', from: '', at: null, refused: ['package.json: not a lesson’s file'] };
  const text = read(graded([marked('01')], {}, { submission }));
  t.regex(
    text,
    /## What was not taken\n\nOnly the lessons[\s\S]*`lessons\/01-process\/process\.ts`\.\n\n- package\.json: not a lesson’s file\n$/,
  );
});

test('the grader’s own failure is nobody’s zero', t => {
  const text = read(graded([], { grade: 0 }, { outcome: 'error', reason: 'the guest did not start' }));
  t.regex(text, /\*\*Not marked yet\*\*[\s\S]*the grader’s fault[\s\S]*the guest did not start/);
  t.notRegex(text, /of 100/);
});
