// A small class through the real command and real machines. The class of a hundred: `node workshop/grade/crowd/run.ts 100`.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { guestAvailable } from '../../guest/index.ts';
import { findLesson } from '../../lessons.ts';
import type { Grade } from '../types.ts';
import { chanceFrom } from './chance.ts';
import { cheatsForCrowd } from './cheats.ts';
import { runCrowd } from './crowd.ts';
import { wrongIn } from './expect.ts';
import { handIn } from './hand-in.ts';
import { planClass } from './plan.ts';

const lessons = ['01', '02'].map(findLesson);
const plan = (seed: number, count = 40) => planClass(count, lessons, cheatsForCrowd(), chanceFrom(seed));

test('the same seed is the same class, another is another; every kind and every form is in it', t => {
  t.deepEqual(plan(1), plan(1));
  t.notDeepEqual(plan(1), plan(2));
  const people = plan(1);
  t.is(new Set(people.map(({ form }) => form)).size, 7);
  t.is(new Set(people.map(({ id }) => id.split('-')[0])).size, 4);
  const musts = people.flatMap(({ parts }) => parts.map(({ must }) => must.be));
  t.deepEqual([...new Set(musts)].sort(), ['all', 'cheat', 'missing', 'mistaken', 'untouched']);
});

test('it lies on the disk in the form that was planned, with traps beside what counts', t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-crowd-test-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const people = plan(3, 8);
  handIn(people, folder, `${folder}/ran`);
  for (const { id, form } of people) {
    const expected = /folder|tree/.test(form) ? 'work' : form.startsWith('tar') ? `work.${form}` : 'bare.git';
    t.true(readdirSync(`${folder}/${id}`).includes(expected), form);
  }
  t.false(existsSync(`${folder}/ran`));
});

test('a wrong grade is noticed, whichever way it is wrong', async t => {
  const person = {
    id: 'x',
    form: 'folder' as const,
    late: 0,
    parts: plan(1).find(({ id }) => id.startsWith('sol'))?.parts ?? [],
  };
  const marked = person.parts.map(({ lesson: { name, number, title, tasks } }) => {
    const outOf = tasks.reduce((sum, { points }) => sum + points, 0);
    const status = 'pass' as 'pass' | 'fail';
    return { name, number, title, status, points: outOf, outOf, tasks: [], leaks: [], milliseconds: 1 };
  });
  const grade = (change: (grade: Grade) => void): Grade => {
    const mark = {
      submission: { id: 'x', from: 'x', at: null, refused: [] as string[] },
      key: '',
      lessons: structuredClone(marked),
    };
    const whole: Grade = {
      mark: { version: 1, outcome: 'marked', markedAt: '', milliseconds: 1, ...mark },
      ...{ grade: 100, onTime: 100, late: 0, lessons: [] },
    };
    change(whole);
    return whole;
  };
  t.deepEqual(
    await wrongIn(
      person,
      grade(() => {}),
    ),
    [],
  );
  const changes: [(grade: Grade) => void, RegExp][] = [
    [each => void Object.assign(each, { grade: 99.98 }), /should be 100\.00/],
    [each => void Object.assign(each.mark, { outcome: 'error' }), /could not be marked/],
    [each => void each.mark.lessons.pop(), /is not there/],
    [each => void each.mark.submission.refused.push('y'), /was refused: y/],
    [each => void Object.assign(each.mark.lessons[0] ?? {}, { status: 'fail', points: 0 }), /the solution: fail, 0 of/],
  ];
  for (const [change, message] of changes) t.regex((await wrongIn(person, grade(change))).join('\n'), message);
  t.regex((await wrongIn(person, undefined)).join(), /has no grade/);
});

const guest = guestAvailable();
const title =
  'eight submissions, of every kind, graded by the real command: every grade is right, nothing is left behind';
if (!guest.available) test.skip(`${title} (${guest.reason})`, () => {});
else
  test.serial(title, async t => {
    const options = { count: 8, seed: 7, lessons: ['01', '02'], jobs: 2, stderr: 'ignore' as const };
    const outcome = await runCrowd({ ...options, cheats: cheatsForCrowd() });
    t.log(`${outcome.seconds.toFixed(1)} s, ${((60 * 8) / outcome.seconds).toFixed(1)} submissions a minute`);
    t.deepEqual(outcome.wrong, []);
    t.deepEqual(outcome.left, []);
    t.is(outcome.status, 0);
  });
