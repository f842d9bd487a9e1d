import test from 'ava';
import { allLessons, pointsOf } from '../lessons.ts';
import { applyRules, plainRules } from './rules.ts';
import type { Mark, MarkedLesson, Rules } from './types.ts';

const lessons = allLessons().slice(0, 3);
const [a, b, c] = lessons.map(({ name }) => name) as [string, string, string];

const lesson = (
  name: string,
  points: number,
  outOf: number,
  status: MarkedLesson['status'] = 'fail',
): MarkedLesson => ({
  ...{ name, number: name.slice(0, 2), title: name, status, points, outOf },
  ...{ tasks: [], leaks: [], milliseconds: 1 },
});
const mark = (marked: MarkedLesson[], at: string | null = null, id = 'alice'): Mark => ({
  ...{ version: 1, submission: { id, from: id, at, refused: [] }, key: 'k', outcome: 'marked' },
  ...{ lessons: marked, markedAt: '2026-11-21T00:00:00Z', milliseconds: 1 },
});
const rules = (more: Partial<Rules> = {}): Rules => ({
  ...plainRules(lessons),
  lessons: [
    { name: a, weight: 1 },
    { name: b, weight: 2 },
    { name: c, weight: 1 },
  ],
  ...more,
});

test('weights: what cannot be tried here counts for nobody, what was not handed in counts as nothing', t => {
  const table: [marked: MarkedLesson[], onTime: number][] = [
    [[lesson(a, 4, 4, 'pass'), lesson(b, 6, 6, 'pass'), lesson(c, 3, 3, 'pass')], 100],
    [[lesson(a, 4, 4, 'pass'), lesson(b, 3, 6), lesson(c, 0, 3)], 50],
    [[lesson(a, 0, 4), lesson(b, 0, 6), lesson(c, 0, 3)], 0],
    // The machine could try less of the lesson: what it could try is the whole.
    [[lesson(a, 4, 4, 'pass'), lesson(b, 2, 2, 'pass'), lesson(c, 3, 3, 'pass')], 100],
    [[lesson(a, 4, 4, 'pass'), lesson(b, 0, 6, 'ungraded'), lesson(c, 0, 3)], 50],
    [[lesson(a, 4, 4, 'pass'), lesson(b, 0, 0, 'pass'), lesson(c, 0, 3)], 50],
    [[lesson(a, 4, 4, 'pass'), lesson(b, 0, 6, 'missing'), lesson(c, 3, 3, 'pass')], 50],
    [[lesson(a, 4, 4, 'pass'), lesson(c, 3, 3, 'pass')], 50],
    [[lesson(a, 4, 4, 'pass'), lesson(b, 4, 6, 'ended'), lesson(c, 1, 3)], 66.67],
    [[lesson(a, 0, 4, 'ungraded'), lesson(b, 0, 6, 'ungraded'), lesson(c, 0, 3, 'ungraded')], 0],
    [[], 0],
  ];
  for (const [marked, onTime] of table) {
    const grade = applyRules(mark(marked), rules());
    t.deepEqual([grade.onTime, grade.grade], [onTime, onTime], JSON.stringify(marked.map(({ points }) => points)));
  }
});

test('of each lesson its share is told; one that does not count has none to give', t => {
  const grade = applyRules(mark([lesson(a, 1, 4), lesson(b, 0, 6, 'ungraded')]), rules());
  t.deepEqual(grade.lessons, [
    { name: a, weight: 1, points: 1, outOf: 4, share: 0.25 },
    { name: b, weight: 2, points: 0, outOf: 0, share: 0 },
    { name: c, weight: 1, points: 0, outOf: pointsOf(lessons[2] as (typeof lessons)[0]), share: 0 },
  ]);
});

test('lateness: each begun stretch costs, up to the most; grace forgives, and the last day ends it', t => {
  const due = '2026-11-30T23:59:00+01:00';
  const late = { percent: 10, every: 86_400, most: 25, until: 4 * 86_400 };
  const all = [lesson(a, 4, 4, 'pass'), lesson(b, 3, 6), lesson(c, 3, 3, 'pass')];
  const table: [at: string | null, late: number | null, grade: number][] = [
    ['2026-11-30T22:58:59Z', 0, 75],
    ['2026-11-30T22:59:00Z', 0, 75],
    ['2026-11-30T23:09:00Z', 0, 75],
    ['2026-11-30T23:09:01Z', 601, 67.5],
    ['2026-12-01T22:59:00Z', 86_400, 67.5],
    ['2026-12-01T22:59:01Z', 86_401, 60],
    ['2026-12-03T22:59:00Z', 3 * 86_400, 56.25],
    ['2026-12-04T22:59:00Z', 4 * 86_400, 56.25],
    ['2026-12-04T22:59:01Z', 4 * 86_400 + 1, 0],
    [null, null, 75],
  ];
  for (const [at, seconds, grade] of table) {
    const got = applyRules(mark(all, at), rules({ due, grace: 600, late }));
    t.like(got, { late: seconds, grade, onTime: 75 }, String(at));
  }
});

test('people: a date of their own overrules the class’s, a time of handing in the commit’s', t => {
  const late = { percent: 10, every: 86_400, most: 100, until: null };
  const own: Rules['people'] = {
    alice: { due: '2026-12-07T00:00:00Z' },
    bob: { at: '2026-11-30T00:00:00Z' },
    carol: { at: '2026-12-03T00:00:00Z' },
  };
  const all = lessons.map(({ name }) => lesson(name, 1, 1, 'pass'));
  const given = rules({ due: '2026-12-01T00:00:00Z', late, people: own });
  const graded = (id: string) => applyRules(mark(all, '2026-12-02T00:00:00Z', id), given).grade;
  t.deepEqual(['alice', 'bob', 'carol', 'dave', 'constructor'].map(graded), [100, 100, 80, 90, 90]);
});

test('without a rule lateness costs nothing, and is told', t => {
  const all = lessons.map(({ name }) => lesson(name, 1, 1, 'pass'));
  const late = applyRules(mark(all, '2026-12-01T00:00:01Z'), rules({ due: '2026-12-01T00:00:00Z' }));
  t.like(late, { grade: 100, late: 1 });
  t.is(applyRules(mark(all, '2026-12-01T00:00:01Z'), rules()).late, 0);
});
