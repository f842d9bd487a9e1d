// Submissions that cheat, each in the real grader and a machine of its own: the points that it must get, and not one more. Where a
// cheat's idea works, it earns points: it puts the solution in its place, or lets a starter pass.
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { guestAvailable } from '../../guest/index.ts';
import { findLesson } from '../../lessons.ts';
import { markSubmission } from '../mark/index.ts';
import { takeTurns } from '../mark/turns.ts';
import type { Submission } from '../types.ts';

const folder = new URL('./', import.meta.url);
const names = readdirSync(folder).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const guest = guestAvailable({ kernel: 'uml' });

/** `// points: 0` and its like, at the top of a cheat. */
const heads = (text: string) =>
  Object.fromEntries([...text.matchAll(/^\/\/ (\w+): (.*)$/gm)].map(([, key, value]) => [key, value]));

/** A cheat stands in front of what it is `on`, which it is one file with. */
function textOf(lesson: string, on = 'nothing', cheat = ''): string {
  const { files } = findLesson(lesson);
  const base = { starter: files.lesson, solution: files.solution }[on];
  return cheat + (base ? readFileSync(base, 'utf8') : '');
}

const turns = takeTurns(2);

test('there are at least thirty', t => {
  t.true(names.length >= 30, `${names.length}`);
});

for (const name of names) {
  const cheat = readFileSync(new URL(name, folder), 'utf8');
  const { lesson = '', on, then, points, status, seconds = '90' } = heads(cheat);
  const title = `${name.slice(0, -3)}: ${points} points`;
  if (!guest.available) {
    test.skip(`${title} (${guest.reason})`, () => {});
    continue;
  }
  test(title, async t => {
    const [next = '', nextOn] = then?.split(' ') ?? [];
    const lessons = [lesson, next].filter(Boolean).map(findLesson);
    const texts = [textOf(lesson, on, cheat), ...(next ? [textOf(next, nextOn)] : [])];
    const submission: Submission = {
      ...{ id: name, from: name, at: null, refused: [] },
      files: Object.fromEntries(lessons.map((each, i) => [each.name, texts[i] ?? ''])),
    };
    const bounds = { seconds: Number(seconds), memory: 1024, output: 1 << 20 };
    const mark = await turns(() => markSubmission(submission, lessons, bounds));
    const [first, ...others] = mark.lessons;
    t.log(`${first?.status}, ${mark.milliseconds} ms${first?.reason ? `: ${first.reason.slice(0, 150)}` : ''}`);
    t.is(mark.outcome, 'marked', mark.reason);
    t.is(first?.points, Number(points), JSON.stringify(first?.tasks, null, 1));
    t.is(
      first?.outOf,
      lessons[0]?.tasks.reduce((sum, task) => sum + task.points, 0),
    );
    // What no machine survives may also be too slow for its time: then it is 'ended'.
    const ways = status ? [status] : ['fail', 'ended'];
    t.true(ways.includes(first?.status ?? ''), `${first?.status}: ${first?.reason}`);
    t.deepEqual(
      others.map(each => each.points),
      others.map(() => 0),
    );
    t.true(JSON.stringify(mark).length < 200_000, 'a mark that somebody can store');
  });
}
