// A mark from another machine is not believed.
import test from 'ava';
import { lesson, standIn, submissionOf } from '../queue/kit.ts';
import type { Mark } from '../types.ts';
import { readAnswer } from './answer.ts';
import { BadOrder, carryOut, makeOrder } from './order.ts';

const bounds = { seconds: 10, memory: 512, output: 1e6 };
const submission = submissionOf('ann', 'a text');
const marker = standIn();
const order = makeOrder(submission, [lesson], bounds, marker);

// biome-ignore lint/suspicious/noExplicitAny: what comes from elsewhere may be anything.
type Anything = any;

test('an answer that is in order gets its name back', async t => {
  const mark = readAnswer(await carryOut(order, marker), order, submission, [lesson]);
  t.is(mark.submission.id, 'ann');
  t.is(mark.submission.from, 'class/ann');
  t.is(mark.key, marker.keyOf(submission, [lesson], bounds));
});

const spoilt: Record<string, (mark: Anything) => unknown> = {
  'is nothing': () => null,
  'is of another version': mark => ({ ...mark, version: 2 }),
  'answers another order': mark => ({ ...mark, key: 'other' }),
  'has no marks': mark => ({ ...mark, lessons: undefined }),
  'is about other lessons': mark => ({ ...mark, lessons: [{ ...mark.lessons[0], name: '02-chroot' }] }),
  'leaves a lesson out': mark => ({ ...mark, lessons: [] }),
  'has a lesson twice': mark => ({ ...mark, lessons: [mark.lessons[0], mark.lessons[0]] }),
  'has more points than there are': mark => ({ ...mark, lessons: [{ ...mark.lessons[0], points: 1000, outOf: 1000 }] }),
  'has points that are none': mark => ({ ...mark, lessons: [{ ...mark.lessons[0], points: '3' }] }),
  'has a task that there is not': mark => ({ ...mark, lessons: [{ ...mark.lessons[0], tasks: [{ id: 'x' }] }] }),
  'has no time': mark => ({ ...mark, markedAt: 'now' }),
};
for (const [title, spoil] of Object.entries(spoilt)) {
  test(`an answer that ${title} is refused`, async t => {
    const mark: Mark = await carryOut(order, marker);
    t.throws(() => readAnswer(spoil(structuredClone(mark)), order, submission, [lesson]), { message: /^an answer/ });
  });
}

const bad: Record<string, Anything> = {
  'is nothing': null,
  'is of another protocol': { ...order, protocol: 2 },
  'has no texts': { ...order, files: { '01-process': 1 } },
  'has no bounds': { ...order, bounds: { seconds: 1 } },
  'has bounds that are none': { ...order, bounds: { ...bounds, memory: -1 } },
  'is about a lesson that there is not': { ...order, lessons: ['99-none'] },
  'was made with other checks': makeOrder(submission, [lesson], bounds, standIn('others')),
};
for (const [title, value] of Object.entries(bad)) {
  test(`an order that ${title} is refused for good`, async t => {
    await t.throwsAsync(carryOut(value, marker), { instanceOf: BadOrder });
  });
}
