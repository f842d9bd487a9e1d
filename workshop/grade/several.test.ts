import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { failedMark } from './failed.ts';
import { jobsFor, type MarkOne, severalAtOnce } from './several.ts';
import type { Mark, Submission } from './types.ts';

const makeOne = (id: string): Submission => ({ id, from: id, at: null, files: {}, refused: [] });
const marked = (submission: Submission): Mark => ({ ...failedMark(submission, 'k', ''), outcome: 'marked' });

async function* give(count: number, asked: string[] = []): AsyncGenerator<Submission> {
  for (let i = 0; i < count; i++) {
    asked.push(`s${i}`);
    yield makeOne(`s${i}`);
  }
}

async function collect(marks: AsyncIterable<Mark>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { submission, outcome } of marks) ids.push(`${submission.id} ${outcome}`);
  return ids;
}

const never = new AbortController().signal;

test('as many at once as there are places, never more; the quick do not wait for the slow', async t => {
  let [now, most] = [0, 0];
  const { promise: others, resolve: othersAreMarked } = Promise.withResolvers<void>();
  const mark: MarkOne = async submission => {
    most = Math.max(most, ++now);
    await (submission.id === 's0' ? others : sleep(10));
    now--;
    return marked(submission);
  };
  const asked: string[] = [];
  const marks = severalAtOnce(give(8, asked), mark, { jobs: 3, signal: never });
  const quick = [(await marks.next()).value];
  t.true(asked.length <= 4, 'the next is asked for when there is a place');
  while (quick.length < 7) quick.push((await marks.next()).value);
  t.deepEqual(quick.map(each => each?.submission.id).sort(), ['s1', 's2', 's3', 's4', 's5', 's6', 's7']);
  othersAreMarked();
  t.deepEqual(await collect(marks), ['s0 marked']);
  t.is(most, 3);
});

test('an error of the grader’s is tried once more, whether told or thrown; then it is told, and the others go on', async t => {
  const tries = new Map<string, number>();
  const mark: MarkOne = async submission => {
    const turn = (tries.get(submission.id) ?? 0) + 1;
    tries.set(submission.id, turn);
    if (submission.id === 's1' && turn === 1) throw new Error('no memory');
    if (submission.id === 's2' && turn === 1) return failedMark(submission, 'k', 'no boot');
    if (submission.id === 's3') throw new Error('a bug');
    return marked(submission);
  };
  const marks = await collect(severalAtOnce(give(5), mark, { jobs: 2, signal: never }));
  t.deepEqual(marks.sort(), ['s0 marked', 's1 marked', 's2 marked', 's3 error', 's4 marked']);
  t.deepEqual([...tries.values()], [1, 2, 2, 2, 1]);
});

test('an interrupt ends those under way, hands out what was finished, and asks for no more', async t => {
  const controller = new AbortController();
  const ended: string[] = [];
  const mark: MarkOne = async (submission, { signal }) => {
    if (submission.id === 's0') return marked(submission);
    if (submission.id === 's3') setTimeout(() => controller.abort(new Error('interrupted')), 50);
    try {
      await sleep(60_000, undefined, { signal });
    } finally {
      ended.push(submission.id);
    }
    return marked(submission);
  };
  const asked: string[] = [];
  const marks = severalAtOnce(give(9, asked), mark, { jobs: 3, signal: controller.signal });
  t.is((await marks.next()).value?.submission.id, 's0');
  await t.throwsAsync(collect(marks), { message: 'interrupted' });
  t.deepEqual(ended.sort(), ['s1', 's2', 's3']);
  t.is(asked.length, 4);
});

test('when nobody wants more, because the disk is full, those under way are ended too', async t => {
  const ended: string[] = [];
  const mark: MarkOne = async (submission, { signal }) => {
    if (submission.id === 's0') return marked(submission);
    await sleep(60_000, undefined, { signal }).catch(() => ended.push(submission.id));
    throw new Error('ended');
  };
  await t.throwsAsync(
    async () => {
      for await (const _ of severalAtOnce(give(4), mark, { jobs: 2, signal: never })) throw new Error('disk full');
    },
    { message: 'disk full' },
  );
  t.deepEqual(ended, ['s1']);
});

test('a source that fails fails the whole, after those under way', async t => {
  async function* broken() {
    yield makeOne('s0');
    throw new Error('no such folder');
  }
  await t.throwsAsync(collect(severalAtOnce(broken(), async each => marked(each), { jobs: 2, signal: never })), {
    message: 'no such folder',
  });
});

test('the number at once is bounded by cores and by memory, and is at least one', t => {
  const gib = 2 ** 30;
  t.deepEqual([jobsFor(896, 4, 64 * gib), jobsFor(896, 16, 4 * gib), jobsFor(896, 4, 0)], [4, 4, 1]);
  t.true(jobsFor(64) >= 1);
});
