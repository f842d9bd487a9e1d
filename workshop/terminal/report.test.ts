import { stripVTControlCharacters as plain } from 'node:util';
import test from 'ava';
import { makeCall, makeReport, makeTask } from '../testing/lesson.ts';
import { type ReportOptions, showReport, showSummary, showTotal } from './report.ts';
import { cells } from './text.ts';

const show = (report: ReturnType<typeof makeReport>, options: ReportOptions = {}) =>
  plain(showReport(report, { width: 60, ...options }));

test('a report tells what holds, then each failure in four parts, then what depends on it', t => {
  const tasks = [makeTask('hostname', 'blocked'), makeTask('host', 'fail'), makeTask('name', 'pass')];
  t.is(
    show(makeReport(tasks)),
    `
06 · Its own name                              2 of 6 points
  ✔ the name holds                                         2
  ✖ the host holds                                         2
      did      started it
      kernel   sethostname("x", 1) = 0
      means    the order is wrong
      look     TODO 1
  … 1 more depends on this`.trim(),
  );
});

test('no line is wider than the terminal, and facts keep their lines', t => {
  const long = 'the container’s working folder is still the one that it was started in, outside of its root. '.repeat(
    2,
  );
  const feedback = {
    did: long,
    kernel: `line one\n${'x'.repeat(90)}`,
    means: long,
    look: 'lessons/06-uts/uts.ts:17 · TODO 1 · uts_namespaces(7) · README',
  };
  const text = show(makeReport([makeTask('name', 'fail', { feedback, title: long })]));
  t.true(
    text.split('\n').every(line => cells(line) <= 60),
    text,
  );
  t.regex(text, /kernel {3}line one\n {15}x{45}\n/);
  t.regex(text, /look {5}lessons\/06-uts\/uts.ts:17\n {15}TODO 1\n/);
});

test('tasks that changed since the verdict before are marked, and so are the points', t => {
  const before = makeReport([
    makeTask('a', 'fail'),
    makeTask('b', 'pass'),
    makeTask('c', 'pass'),
    makeTask('d', 'fail'),
  ]);
  const now = makeReport([makeTask('a', 'pass'), makeTask('b', 'fail'), makeTask('c', 'pass'), makeTask('d', 'pass')]);
  const lines = show(now, { previous: before }).split('\n');
  t.regex(lines[0] ?? '', /\+2 {2}6 of 8 points$/);
  t.deepEqual(
    lines.filter(line => /holds/.test(line)).map(line => line.slice(0, 7)),
    ['▲ ✔ the', '  ✔ the', '▲ ✔ the', '▼ ✖ the'],
  );
});

test('where rows are few, later failures keep their line and lose their reasons', t => {
  const report = makeReport([makeTask('a', 'fail'), makeTask('b', 'fail'), makeTask('c', 'fail')]);
  const text = show(report, { rows: 12 });
  t.is(text.split('\n').length, 12);
  t.is(text.match(/did/g)?.length, 2);
  t.is(show(report, { rows: 3 }).match(/did/g)?.length, 1);
});

test('a skipped task tells the true reason', t => {
  const text = show(
    makeReport([makeTask('a', 'pass'), makeTask('b', 'skip', { reason: 'needs Linux 6.6' })], { status: 'pass' }),
  );
  t.regex(text, /↷ the b holds +–\n {6}needs Linux 6.6$/);
});

test('a file that could not be loaded is the one thing that is said', t => {
  const report = makeReport([makeTask('a', 'blocked'), makeTask('b', 'blocked')], { error: 'SyntaxError: no\n  at 3' });
  t.is(
    show(report),
    `
06 · Its own name                              0 of 4 points
  ✖ your file could not be loaded
      SyntaxError: no
        at 3
  … 2 more depend on this`.trim(),
  );
});

test('what was left behind is listed', t => {
  t.regex(
    show(makeReport([makeTask('a', 'pass')], { leaks: ['mount /tmp/x'] })),
    /! left behind in the sandbox\n {6}mount \/tmp\/x$/,
  );
});

test('with --trace the calls of a failure follow it, with their lines', t => {
  const task = makeTask('a', 'fail', { trace: [makeCall('sethostname("x", 1)', 'EPERM')] });
  t.regex(show(makeReport([task]), { trace: true }), / {12}17 {2}sethostname\("x", 1\) = -1/);
});

test('several lessons end in one line', t => {
  const reports = [
    makeReport([makeTask('a', 'pass')]),
    makeReport([makeTask('a', 'fail')]),
    makeReport([], { status: 'skip' }),
  ];
  t.is(plain(showTotal(reports, 60)), '1 of 3 lessons passed, 1 skipped · 2 of 4 points      0.63 s');
  t.is(
    plain(showSummary(makeReport([makeTask('a', 'pass')]), 60)),
    '✔ 06 · Its own name                    2 of 2 points  0.21 s',
  );
});
