// Which rules are about a network, by words of theirs.
import test from 'ava';
import { isAbout, relevant } from './relevance.ts';

const subject = { addresses: ['10.88.0.2', 'fd13::2'], links: ['box0', 'veth1a'] };

for (const word of [
  'box0',
  'veth*',
  'veth+',
  '10.88.0.2',
  '10.88.0.0/16',
  '10.88.0.1-10.88.0.9',
  'fd13::/64',
  'fd13::2',
])
  test(`${word} is about it`, t => t.true(isAbout(word, subject)));

for (const word of [
  'box',
  'box01',
  'eth*',
  '10.88.0.3',
  '10.89.0.0/16',
  '0.0.0.0/0',
  '::/0',
  '10.88.0.9-10.88.0.1',
  '10.88.0.2/99',
  'accept',
  '',
])
  test(`${JSON.stringify(word)} is not`, t => t.false(isAbout(word, subject)));

test('rules that lead to one about it are kept, through several chains, and in circles; others of the table are not', t => {
  const rule = (chain: string, text: string, leadsTo: string[] = [], about = false, table = 'nat') => {
    return { table, chain, text, leadsTo, about, packets: null, bytes: null };
  };
  const kept = relevant([
    rule('PREROUTING', 'to DOCKER', ['DOCKER']),
    rule('PREROUTING', 'to OTHER', ['OTHER']),
    rule('DOCKER', 'to INNER', ['INNER']),
    rule('INNER', 'back', ['DOCKER']),
    rule('INNER', 'about', [], true),
    rule('OTHER', 'else'),
    rule('INNER', 'another table’s', [], false, 'filter'),
    rule('FORWARD', 'to a chain of the same name', ['INNER'], false, 'filter'),
  ]);
  t.deepEqual(
    kept.map(({ text }) => text),
    ['to DOCKER', 'to INNER', 'back', 'about'],
  );
  t.false('about' in (kept[0] ?? {}));
});
