// The verdict's channel: what is sealed arrives, and nothing else does, nor anything twice or out of turn.
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { opener, sealer } from './seal.ts';
import { short } from './short.ts';

const newKey = () => randomBytes(32).toString('hex');

function reading(key: string) {
  const seen: unknown[] = [];
  return { seen, channel: opener(key, value => seen.push(value)) };
}

test('what is sealed arrives, in whatever pieces', t => {
  const key = newKey();
  const seal = sealer(key);
  const { seen, channel } = reading(key);
  const values = [{ a: 'ä\n' }, [1], null, 'x'.repeat(5000)];
  for (const byte of Buffer.from(values.map(seal).join(''))) channel.add(Uint8Array.of(byte));
  t.deepEqual(seen, values);
  t.is(channel.foreign, 0);
});

test('what others write is dropped and counted', t => {
  const key = newKey();
  const seal = sealer(key);
  const { seen, channel } = reading(key);
  const [one, two] = [seal(1), seal(2)];
  const others = [
    '{"is":"done"}\n',
    '\n',
    `${'0'.repeat(64)} 1\n`,
    sealer(newKey())(9),
    one.replace(' 1', ' 7'),
    two,
    '\u00ff\n',
  ];
  for (const other of others) channel.add(Buffer.from(other));
  t.deepEqual(seen, []);
  t.is(channel.foreign, others.length);
  // Twice is once.
  channel.add(Buffer.from(one + one + two + two));
  t.deepEqual(seen, [1, 2]);
  t.is(channel.foreign, others.length + 2);
});

test('a text from inside is cut, and draws on no terminal', t => {
  t.is(short('a\u001b[2J\tb\n\u0000'), 'a\u{fffd}[2J\tb\n\u{fffd}');
  t.is(short('x'.repeat(9000)).length, 4000);
  t.true(short('\ud800').isWellFormed());
});
