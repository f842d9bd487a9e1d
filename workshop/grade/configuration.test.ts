import test from 'ava';
import { allLessons, pointsOf } from '../lessons.ts';
import { isMoment, parseDuration, parsePercent } from './amounts.ts';
import { parseRules } from './configuration.ts';
import { defaultBounds } from './rules.ts';

const lessons = allLessons().slice(0, 3);
const parse = (text: string) => parseRules(text, 'class.yaml', lessons);
const byPoints = lessons.map(lesson => ({ name: lesson.name, weight: pointsOf(lesson) }));

test('an empty file is every lesson by its points, on time, within the usual bounds', t => {
  const plain = { lessons: byPoints, due: null, grace: 0, late: null, people: {}, bounds: defaultBounds };
  for (const text of ['', '# nothing yet\n', '{}']) t.like(parse(text), plain);
});

test('everything that a file can say', t => {
  const text = `
title: "Containers, autumn 2026"
lessons:
  03: 1.5
  1: 2          # the first
due: 2026-11-30T23:59:00+01:00
grace: 10 min
late: { percent: 10 %, every: 1 day, most: 50, until: 1 week }
people:
  alice: { due: 2026-12-07T23:59:00+01:00 }
  bob.b: { at: 2026-11-30T20:00Z }
  constructor: {}
  __proto__: { at: 2026-11-30T20:00Z }
bounds: { seconds: 60, memory: 512, output: 1000 }
`;
  const rules = parse(text);
  t.deepEqual(rules, {
    title: 'Containers, autumn 2026',
    lessons: [
      { name: lessons[0]?.name as string, weight: 2 },
      { name: lessons[2]?.name as string, weight: 1.5 },
    ],
    due: '2026-11-30T23:59:00+01:00',
    grace: 600,
    late: { percent: 10, every: 86_400, most: 50, until: 604_800 },
    people: rules.people,
    bounds: { seconds: 60, memory: 512, output: 1000 },
  });
  t.deepEqual(Object.entries(rules.people), [
    ['alice', { due: '2026-12-07T23:59:00+01:00' }],
    ['bob.b', { at: '2026-11-30T20:00Z' }],
    ['constructor', {}],
    ['__proto__', { at: '2026-11-30T20:00Z' }],
  ]);
  t.deepEqual(parse('lessons: [mount-namespace, 01]').lessons, [byPoints[0], byPoints[2]] as typeof byPoints);
  t.deepEqual(parse('late: { percent: 5 }').late, { percent: 5, every: 86_400, most: 100, until: null });
});

test('each mistake is named with its line and column, and with what was expected', t => {
  const table: [text: string, message: RegExp, next: RegExp][] = [
    ['titel: x', /^class\.yaml:1:1: .*has no "titel"/, /title, lessons, due/],
    ['due: tomorrow', /^class\.yaml:1:6: a date .* expected here, and there is "tomorrow"/, /2026-11-30T/],
    ['due: 2026-11-30', /a date with its time and offset/, /\+01:00/],
    ['due: 2026-11-30T23:59:00', /offset/, /\+01:00/],
    ['due: 2026-02-30T10:00:00Z', /a date/, /./],
    ['\n\ngrace: 10', /^class\.yaml:3:8: a stretch of time/, /1 day/],
    ['grace: -1 day', /a stretch of time/, /1 day/],
    ['grace:\n  a: 1', /^class\.yaml:2:3: a stretch .* there is keys/, /./],
    ['late:\n  percent: 110', /^class\.yaml:2:12: a percentage/, /10/],
    ['late:\n  every: 1 day', /^class\.yaml:2:3: .* lacks percent/, /percent: 10/],
    ['late: { percent: 1, every: 0 }', /above 0/, /1 day/],
    ['late: 10', /a rule for what is late/, /percent/],
    ['lessons: 01', /a list of lessons/, /01: 2/],
    ['lessons: []', /at least one lesson/, /./],
    ['lessons: [1, 01]', /^class\.yaml:1:14: lesson 01 is there twice/, /./],
    ['lessons:\n  - 99', /^class\.yaml:2:5: there is no lesson "99"/, /choose one of/],
    ['lessons:\n  - 04', /^class\.yaml:2:5: lesson 04 is not one of these/, /leave it out/],
    ['lessons: { 01: 0 }', /a number above 0/, /./],
    ['lessons: { 01: heavy }', /a number above 0 .* "heavy"/, /./],
    ['people:\n  alice: 2026-11-30T20:00Z', /^class\.yaml:2:10: a person’s own dates/, /due:/],
    ['people: { alice: { until: 1 } }', /has no "until"/, /at, due/],
    ['bounds: { memory: 1.5 }', /a whole number/, /512/],
    ['bounds: { seconds: 0 }', /a number above 0/, /./],
    ['title: a\ntitle: b', /^class\.yaml:2:1: no YAML: .*unique/, /./],
    ['title: [', /^class\.yaml:1:9: no YAML/, /./],
    ['title: *a', /^class\.yaml:1:8: /, /./],
    ['- title', /^class\.yaml:1:1: a class’s rules is expected/, /./],
    ['title: a\n--- \ntitle: b', /^class\.yaml:\d:\d: no YAML/, /./],
  ];
  for (const [text, message, next] of table) {
    const error = t.throws(() => parse(text), { name: 'UserError', message }, text);
    t.like(error, { status: 2 });
    t.regex((error as unknown as { next: string })?.next ?? '', next, text);
    t.false(error?.message.includes('\n'));
  }
});

test('stretches of time, dates and percentages', t => {
  const durations = {
    '10 min': 600,
    '1 day': 86_400,
    '1 day 12 h': 129_600,
    '90s': 90,
    '1.5 h': 5400,
    '0': 0,
    '2weeks': 1_209_600,
  };
  for (const [text, seconds] of Object.entries(durations)) t.is(parseDuration(text), seconds, text);
  for (const text of ['', '10', '1 month', 'day', '-1 day', '1 day ago!', '1 constructor'])
    t.is(parseDuration(text), null, text);
  for (const text of ['2024-02-29T00:00Z', '2026-11-30T23:59:59.5-05:30']) t.true(isMoment(text), text);
  for (const text of ['2026-02-29T00:00Z', '2026-13-01T00:00Z', '2026-01-01T25:00Z', '2026-01-01 00:00Z'])
    t.false(isMoment(text), text);
  t.deepEqual(['0', '100%', '12.5 %', '101', '-1', 'ten'].map(parsePercent), [0, 100, 12.5, null, null, null]);
});
