// The table of Go's own tests for filepath.Match, as far as it is about files' names.
import test from 'ava';
import { toRegExp } from './match.ts';

const table: [pattern: string, name: string, matches: boolean][] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a/b', false],
  ['a*b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[\\-x]', '-', true],
  ['[x\\-]', 'z', false],
  ['*x', 'xxx', true],
  ['[.]', 'a', false],
  ['a.b', 'axb', false],
];

for (const [pattern, name, matches] of table)
  test(`${pattern} ${matches ? 'means' : 'does not mean'} ${name}`, t => t.is(toRegExp(pattern).test(name), matches));

for (const pattern of ['[]a]', '[-]', '[x-]', '[a-b-c]', '[', '[^', '[^bc', 'a[', '\\', '[-x]'])
  test(`${pattern} is no pattern`, t => {
    t.throws(() => toRegExp(pattern), { instanceOf: SyntaxError });
  });
