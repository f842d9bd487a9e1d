// A lesson checked in a guest: the same verdict as here, from a machine with cgroup version 2.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { conditionsFor } from '../check/earlier.ts';
import { machineFacts } from '../doctor/facts.ts';
import { guestAvailable } from '../guest/index.ts';
import { findLesson } from '../lessons.ts';
import { openCheckerInGuest } from './checker.ts';
import { openWorker } from './client.ts';
import { placeOf } from './place.ts';

const guest = guestAvailable();
const facts = await machineFacts();
const reason = facts.guest ? 'this is a guest already' : !guest.available && guest.reason;
const there = reason ? (title: string, _: unknown) => test.skip(`${title} (${reason})`, () => {}) : test.serial;
const kernel = guest.available ? guest.kernel : 'uml';
const lesson = findLesson('01');

const read = (file: string) => readFileSync(file, 'utf8');

const checkerOf = (source: string, signal?: AbortSignal) =>
  openCheckerInGuest(
    lesson,
    { kernel, text: '' },
    {
      ...{ source, conditions: conditionsFor(lesson, 'reference') },
      ...{ slowness: 12, signal },
    },
  );

there('the solution passes every task there, and leaves nothing', async t => {
  const checker = await checkerOf(read(lesson.files.solution));
  for (const task of lesson.tasks) {
    const { status, feedback } = await checker.runTask(task);
    t.is(status, 'pass', `${task.id}: ${JSON.stringify(feedback)}`);
  }
  t.deepEqual(await checker.leaks(), []);
  await checker.close();
});

there('the starter fails there, and is told why', async t => {
  const checker = await checkerOf(read(lesson.files.lesson));
  const [task] = lesson.tasks;
  const report = task && (await checker.runTask(task));
  t.is(report?.status, 'fail');
  t.regex(report?.feedback?.look ?? '', /TODO 1 is still open/);
  await checker.close();
});

there('a task is ended from outside, and the worker goes on', async t => {
  const controller = new AbortController();
  const endless = read(lesson.files.solution).replace(
    /(function contain\(.*\{\n)/,
    '$1  await new Promise(() => {});\n',
  );
  const checker = await checkerOf(endless, controller.signal);
  const [task] = lesson.tasks;
  const under = task && checker.runTask(task);
  await sleep(500);
  controller.abort();
  await t.throwsAsync(async () => under, { name: 'AbortError' });
  await checker.close();
  t.is((await openWorker(kernel).ask('facts', {})).cgroup, 'v2');
});

there('what needs nothing that is missing here stays here', async t => {
  t.is(await placeOf(lesson), null);
  t.is(await placeOf({ ...lesson, needs: { ...lesson.needs, features: ['no-such-thing'] } }).catch(() => null), null);
});

there('what needs cgroup version 2 goes there where this machine has none', async t => {
  const place = await placeOf({ ...lesson, needs: { ...lesson.needs, features: ['cgroup-v2'] } });
  t.is(place === null, facts.features['cgroup-v2'] === true);
  if (place) t.regex(place.text, /in a throw-away guest \(.*\), since .*cgroup/);
});
