// The board on terminals of several sizes, and what is made of names and addresses.
import { stripVTControlCharacters as plain } from 'node:util';
import test from 'ava';
import { placeFrom } from '../serve/listen.ts';
import { clientOf, limitRate } from '../serve/rate.ts';
import { cells } from '../terminal/text.ts';
import { makeLesson } from '../testing/lesson.ts';
import { makeBoard } from './board.ts';
import type { ExportedLesson } from './export.ts';
import { freeName, nameFrom } from './name.ts';
import { showBoard } from './show.ts';

const now = new Date('2026-01-01T10:00:00.000Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();

function entry(name: string, change: Partial<ExportedLesson>, ahead = 0) {
  const times = { begunAt: ago(60), movedAt: null, triedAt: ago(1), stuck: 0 };
  const lesson: ExportedLesson = {
    status: 'open',
    points: 0,
    tasks: [],
    ...times,
    attempts: 1,
    hints: 0,
    diagnoses: {},
    ...change,
  };
  return {
    name,
    progress: { boxwright: 'progress', version: 1, name, at: ago(0), lessons: { '06-uts': lesson } } as const,
    ahead,
  };
}

test('who is at it and stuck longest comes first; then who is away, who is done, who has not begun', t => {
  const { lesson } = makeLesson(t);
  const entries = [
    { name: 'new', progress: null, ahead: 0 },
    entry('done', { status: 'passed', points: 2 }),
    entry('away', { triedAt: ago(40), stuck: 9000 }),
    entry('quick', { stuck: 60 }),
    entry('stuck', { stuck: 1200 }),
    entry('rich', { points: 999_999, stuck: 1 }),
  ];
  const { rows } = makeBoard(entries, [lesson], now);
  t.deepEqual(
    rows.map(({ name, state, stuck, points }) => [name, state, stuck, points]),
    [
      ['stuck', 'active', 1260, 0],
      ['quick', 'active', 120, 0],
      ['rich', 'active', 61, 2],
      ['away', 'away', 9000, 0],
      ['done', 'done', 0, 2],
      ['new', 'new', 0, 0],
    ],
  );
});

test('a clock that goes wrong is no matter: times are taken from when a progress came in', t => {
  const { lesson } = makeLesson(t);
  const hour = 3_600_000;
  const slow = entry('slow', { triedAt: ago(61) }, hour);
  const fast = entry('fast', { triedAt: ago(-59) }, -hour);
  const { rows } = makeBoard([slow, fast], [lesson], now);
  t.deepEqual(
    rows.map(({ seen }) => seen),
    [60, 60],
  );
});

for (const [width, height, people] of [
  [80, 50, 40],
  [80, 24, 40],
  [80, 24, 90],
  [80, 24, 3],
  [140, 30, 40],
  [60, 12, 500],
] as const) {
  test(`${people} people on a terminal of ${width} by ${height}`, t => {
    const { lesson } = makeLesson(t);
    const names = Array.from({ length: people }, (_, i) => (i % 3 ? `Learner ${i}` : `学习者 ${i} ${'ö'.repeat(34)}`));
    const entries = names.map((name, i) =>
      entry(name, { stuck: 5000 - i, diagnoses: { 'a-mistake-of-a-very-long-name': 2 } }),
    );
    const lines = plain(showBoard(makeBoard(entries, [lesson], now), width, height)).split('\n');
    t.true(lines.length <= height, `${lines.length} lines`);
    t.true(
      lines.every(line => cells(line) <= width),
      lines.find(line => cells(line) > width),
    );
    const seen = lines.join('\n').match(/●/g)?.length ?? 0;
    t.true(
      people > 2 * height ? /… and \d+ more/.test(lines.join('\n')) && seen > 8 : seen === people,
      lines.join('\n'),
    );
  });
}

test('names are those of people, in any script, and nothing that plays with a terminal', t => {
  for (const name of ['Ana', 'Đorđe', '田中 太郎', 'Ἀλέξανδρος', "O'Neill-Ω 3", 'ཀརྨ']) t.is(nameFrom(name), name);
  t.is(nameFrom('  Ana   Lucía\u00a0'), 'Ana Lucía');
  for (const none of [
    '',
    '  ',
    '\u001b[2J',
    'A\nna',
    'A\u202ena',
    'A\u200bna',
    'A\u2028',
    '…',
    'a\u0301\u0301\u0301\u0301\u0301',
    'x'.repeat(41),
    7,
    null,
  ]) {
    t.is(nameFrom(none), null, JSON.stringify(none));
  }
  t.is(freeName('Ana', ['ana', 'ANA (2)']), 'Ana (3)');
});

test('an address to listen on', t => {
  t.deepEqual(placeFrom(undefined, 1), { host: '127.0.0.1', port: 1 });
  t.deepEqual(placeFrom('0.0.0.0', 1), { host: '0.0.0.0', port: 1 });
  t.deepEqual(placeFrom(':8080', 1), { host: '127.0.0.1', port: 8080 });
  t.deepEqual(placeFrom('8080', 1), { host: '127.0.0.1', port: 8080 });
  t.deepEqual(placeFrom('localhost:0', 1), { host: '127.0.0.1', port: 0 });
  t.deepEqual(placeFrom('[::]:80', 1), { host: '::', port: 80 });
  for (const wrong of ['', ':', '70000', 'example.com:80', '1.2.3:80', '::1:80', '[1.2.3.4]x']) {
    t.throws(() => placeFrom(wrong, 1), { message: /no address/ }, wrong);
  }
});

test('a rate lets a burst through, then so many a minute; each has their own', t => {
  let clock = 0;
  const rate = limitRate(3, 6, 2, () => clock);
  const taken = () => [1, 2, 3, 4].map(() => rate.take('a'));
  t.deepEqual(taken(), [true, true, true, false]);
  t.true(rate.take('b'));
  clock += 20_000;
  t.deepEqual(taken(), [true, true, false, false]);
  t.is(clientOf('::ffff:10.0.0.7'), '10.0.0.7');
  t.is(clientOf('2001:db8:1:2::7'), clientOf('2001:db8:1:2:9:9:9:9'));
  t.not(clientOf('2001:db8:1:2::7'), clientOf('2001:db8:1:3::7'));
});
