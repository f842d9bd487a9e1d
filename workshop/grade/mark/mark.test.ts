// Marks by the real grader: what a solution, a starter and a mistake get; that a machine which dies costs nobody anything; that nothing is
// left behind.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { alive, here } from '../../guest/kit.ts';
import { findLesson } from '../../lessons.ts';
import type { Bounds, Submission } from '../types.ts';
import { keyOf, markSubmission } from './index.ts';

const bounds: Bounds = { seconds: 120, memory: 1024, output: 1 << 22 };
const [first, second] = [findLesson('01'), findLesson('02')];
const read = (path: string) => readFileSync(path, 'utf8');
const submit = (files: Record<string, string>): Submission => ({ id: 'x', from: 'x', at: null, files, refused: [] });
const mine = () => readdirSync(tmpdir()).filter(name => name.startsWith(`boxwright-guest-${process.pid}-`));
const outOf = ({ tasks }: { tasks: { points: number }[] }) => tasks.reduce((sum, task) => sum + task.points, 0);

here('A solution gets all points, and a lesson that was not handed in none.', async t => {
  const seen: string[] = [];
  const submission = submit({ [second.name]: read(second.files.solution) });
  const mark = await markSubmission(submission, [first, second], bounds, { onLesson: each => seen.push(each.name) });
  t.deepEqual([mark.outcome, mark.reason], ['marked', undefined]);
  t.deepEqual(
    mark.lessons.map(({ status, points }) => [status, points]),
    [
      ['missing', 0],
      ['pass', outOf(second)],
    ],
  );
  t.deepEqual(seen, [first.name, second.name]);
  t.is(mark.key, keyOf(submission, [first, second], bounds));
});

here('A starter gets no point, and is told why; a mistake loses its task and keeps the others.', async t => {
  const starter = await markSubmission(submit({ [second.name]: read(second.files.lesson) }), [second], bounds);
  t.is(starter.lessons[0]?.points, 0);
  t.regex(starter.lessons[0]?.tasks[0]?.feedback?.look ?? '', /TODO 1 is still open/);

  const wrong = read(`${second.files.mistakes}/${readdirSync(second.files.mistakes).sort()[0]}`);
  const rejecting = /^\/\/ rejected by: (.*)$/m.exec(wrong)?.[1];
  const marked = await markSubmission(submit({ [second.name]: wrong }), [second], bounds);
  t.is(marked.lessons[0]?.tasks.find(({ id }) => id === rejecting)?.status, 'fail');
  t.true((marked.lessons[0]?.points ?? 99) < outOf(second));
});

/** The machine that this process has running. */
function kill(): number {
  const pid = Number(read(`${tmpdir()}/${mine()[0]}/machine`).split(' ')[0]);
  if (!(pid > 1)) throw new Error('no machine is noted');
  process.kill(pid, 'SIGKILL');
  return pid;
}

const both = submit({ [first.name]: read(first.files.solution), [second.name]: read(second.files.solution) });

here('A machine that is killed in the middle costs nothing: each lesson is marked, once.', async t => {
  const seen: string[] = [];
  const begun: string[] = [];
  const killed: number[] = [];
  const mark = await markSubmission(both, [first, second], bounds, {
    onLesson: lesson => seen.push(lesson.name),
    onBegin({ name }) {
      if (begun.push(name) === 2) killed.push(kill());
    },
  });
  t.deepEqual(
    mark.lessons.map(({ status }) => status),
    ['pass', 'pass'],
    JSON.stringify(mark.lessons.flatMap(({ tasks }) => tasks.filter(({ status }) => status !== 'pass'))),
  );
  t.deepEqual(seen, [first.name, second.name]);
  t.deepEqual(begun, [first.name, second.name, second.name]);
  t.deepEqual(killed.flatMap(alive), []);
});

here('A lesson that ends its machine twice is lost, and the next one loses nothing.', async t => {
  const mark = await markSubmission(both, [first, second], bounds, {
    onBegin: lesson => lesson === first && void kill(),
  });
  t.is(mark.outcome, 'marked');
  t.deepEqual(
    mark.lessons.map(({ status, points }) => [status, points]),
    [
      ['ended', 0],
      ['pass', outOf(second)],
    ],
  );
  t.is(mark.lessons[0]?.outOf, outOf(first));
});

here('Whoever stops waiting is obeyed at once, and nothing is left of any of these.', async t => {
  const abort = new AbortController();
  const marking = markSubmission(submit({ [first.name]: read(first.files.solution) }), [first], bounds, {
    signal: abort.signal,
  });
  // As soon as there is a machine, which has all of its boot before it.
  const looking = setInterval(() => {
    if (mine().some(name => existsSync(`${tmpdir()}/${name}/machine`))) abort.abort(new Error('enough'));
  }, 20);
  await t.throwsAsync(marking, { message: 'enough' });
  clearInterval(looking);
  t.deepEqual(mine(), []);
});
