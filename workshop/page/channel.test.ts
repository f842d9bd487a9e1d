import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Channel, type Follower, openChannel } from './channel.ts';

/** The events that come, one by one: [name, data]. */
function follow(t: ExecutionContext, channel: Channel, options: Partial<Follower> = {}) {
  const reader = channel.follow({ role: 'owner', have: '', ...options }).getReader();
  t.teardown(() => reader.cancel());
  return async (): Promise<[string, Record<string, string>] | null> => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return null;
      const [, name, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(new TextDecoder().decode(value)) ?? [];
      if (name && data) return [name, JSON.parse(data)];
    }
  };
}

test('what a reader has is not sent, what it lacks is, and what changes follows', async t => {
  const channel = openChannel();
  channel.set('one', '<p id="one">1</p>');
  const have = channel.have('owner');
  channel.set('two', '<p id="two">line\nline</p>');
  const next = follow(t, channel, { have });
  t.like(await next(), ['fragment', { id: 'two', html: '<p id="two">line\nline</p>' }]);
  channel.set('two', '<p id="two">line\nline</p>');
  channel.set('one', '<p id="one">2</p>');
  t.like(await next(), ['fragment', { id: 'one', html: '<p id="one">2</p>' }]);
});

test('a reader that was away while a fragment changed and changed back gets what it has not', async t => {
  const channel = openChannel();
  channel.set('one', 'a');
  const first = channel.have('owner');
  channel.set('one', 'b');
  const second = channel.have('owner');
  channel.set('one', 'a');
  t.like(await follow(t, channel, { have: second })(), ['fragment', { html: 'a' }]);
  channel.set('two', 'c');
  t.like(await follow(t, channel, { have: first })(), ['fragment', { id: 'two' }]);
});

test('what is for the owner alone goes to no viewer', async t => {
  const channel = openChannel();
  channel.set('hints', 'secret', { only: 'owner' });
  channel.set('verdict', 'fails');
  t.false(channel.have('viewer').includes('hints'));
  const [owner, viewer] = [follow(t, channel), follow(t, channel, { role: 'viewer' })];
  t.like(await owner(), ['fragment', { id: 'hints' }]);
  t.like(await viewer(), ['fragment', { id: 'verdict' }]);
  channel.set('hints', 'another secret', { only: 'owner' });
  channel.set('verdict', 'passes');
  t.like(await viewer(), ['fragment', { id: 'verdict', html: 'passes' }]);
});

test('a drawing for a narrow place goes to readers with such a one', async t => {
  const channel = openChannel();
  channel.set('figure', 'usual');
  const [wide, narrow] = [follow(t, channel), follow(t, channel, { width: 340 })];
  t.deepEqual([...channel.widths()], [340]);
  t.like(await narrow(), ['fragment', { html: 'usual' }]);
  channel.set('figure', 'narrow', { width: 340 });
  t.like(await narrow(), ['fragment', { id: 'figure', html: 'narrow' }]);
  t.like(await wide(), ['fragment', { id: 'figure', html: 'usual' }]);
});

test('a reader who does not read is owed the newest, not all that has been', async t => {
  const channel = openChannel();
  const next = follow(t, channel);
  for (let i = 0; i < 10_000; i++) channel.set('curve', `point ${i}`);
  t.like(await next(), ['fragment', { html: 'point 9999' }]);
  channel.close('over');
  t.deepEqual(await next(), ['end', { why: 'over' }]);
  t.is(await next(), null);
});

test('one who takes nothing for long is given up, one who waits for news is not', async t => {
  const channel = openChannel(() => {}, 50);
  let [lost, kept] = [0, 0];
  channel.set('one', 'a');
  const stuck = channel.follow({ role: 'viewer', have: '', lost: () => lost++ }).getReader();
  const next = follow(t, channel, { lost: () => kept++ });
  await stuck.read();
  await next();
  const waiting = next();
  for (const end = Date.now() + 60_000; lost === 0 && Date.now() < end; ) await sleep(10);
  await sleep(100);
  t.deepEqual([lost, kept, channel.followers()], [1, 0, 1]);
  channel.set('one', 'b');
  t.like(await waiting, ['fragment', { html: 'b' }]);
  await stuck.cancel();
});

test('who leaves is counted no more, and the channel hears of each coming and going', async t => {
  let changes = 0;
  const channel = openChannel(() => changes++);
  const reader = channel.follow({ role: 'owner', have: '' }).getReader();
  t.deepEqual([channel.followers(), changes], [1, 1]);
  await reader.cancel();
  t.deepEqual([channel.followers(), changes], [0, 2]);
});
