// Numbers and dates in words, and what lateness takes off, step by step.
import test from 'ava';
import type { Rules } from '../types.ts';
import { duration, figure, moment } from './figures.ts';
import { lateness } from './lateness.ts';
import { graded, marked, rulesFor } from './made-up.ts';

test('a stretch of time has its two largest units', t => {
  t.is(duration(2 * 86_400 + 3 * 3600 + 59), '2 days 3 hours');
  t.is(duration(86_400), '1 day');
  t.is(duration(86_400 + 59), '1 day');
  t.is(duration(61), '1 minute 1 second');
  t.is(duration(0), '0 seconds');
});

test('a moment is by the clock of the class, wherever it is read', t => {
  t.is(moment('2026-11-20T23:30:00Z', '2026-11-20T23:59:00+05:30'), '21 November 2026, 05:00 (UTC+05:30)');
  t.is(moment('2026-01-01T01:00:00Z', '2026-11-20T23:59:00-03:00'), '31 December 2025, 22:00 (UTC-03:00)');
  t.is(moment('2026-11-21T14:53:00.000Z'), '21 November 2026, 14:53 (UTC)');
  t.is(moment('yesterday'), 'yesterday');
});

test('a figure has no more decimals than it needs', t => {
  t.deepEqual([80, 72.5, 33.333, 0.1 + 0.2].map(figure), ['80', '72.5', '33.33', '0.3']);
});

function told(at: string | null, late: number | null, onTime: number, grade: number, rules: Partial<Rules> = {}) {
  const submission = { id: 'ada', from: '', at, refused: [] };
  return lateness(
    graded([marked('01')], { late, onTime, grade }, { submission }),
    rulesFor(['01-process'], rules),
  ).join(' ');
}

test('what is late is told when, by how much, by which rule, and what remains', t => {
  t.is(
    told('2026-11-23T00:30:00Z', 2 * 86_400 + 5460, 80, 56),
    'It was due on 20 November 2026, 23:59 (UTC+01:00), and came on 23 November 2026, 01:30 (UTC+01:00), 2 days 1 hour later. ' +
      'The rule: what comes late loses 10 % of its grade for each day begun, 50 % at the most; after 7 days it gives no points. ' +
      '3 times 10 % is 30 %: of 80 there remain 56.',
  );
  t.regex(
    told('2026-11-27T22:00:00Z', 6 * 86_400 + 1, 80, 40),
    /7 times 10 % is 70 %, of which 50 % count: of 80 there remain 40\.$/,
  );
  t.regex(told('2026-12-27T22:00:00Z', 8 * 86_400, 80, 0), /That is past the last day: of 80 there remain 0\.$/);
  t.regex(told('2026-11-23T00:30:00Z', 7260, 80, 80, { late: null }), /In this class that costs nothing\.$/);
});

test('a sum that does not lead to the grade is not shown', t => {
  t.regex(told('2026-11-23T00:30:00Z', 100, 80, 12), /after 7 days it gives no points\. So of 80 there remain 12\.$/);
});

test('in time, within the grace, by a date of one’s own, and unknown', t => {
  t.regex(told('2026-11-20T10:00:00Z', 0, 80, 80), /: in time\.$/);
  t.regex(
    told('2026-11-20T23:02:00Z', 0, 80, 80),
    /, 3 minutes later\. 10 minutes are forgiven, so it counts as in time\.$/,
  );
  t.regex(
    told('2026-11-23T10:00:00Z', 0, 80, 80, { people: { ada: { due: '2026-11-30T00:00:00Z' } } }),
    /^It was due on 30 November 2026, 00:00 \(UTC\), a date of your own, .*: in time\.$/,
  );
  t.regex(
    told('2026-11-23T10:00:00Z', 0, 80, 80, { people: { ada: { at: '2026-11-19T00:00:00Z' } } }),
    /came on 19 November 2026, 01:00/,
  );
  t.regex(told(null, null, 80, 80), /Nobody knows when it was handed in, so nothing is taken off/);
  t.is(told('2026-11-20T10:00:00Z', 0, 80, 80, { due: null }), '');
});
