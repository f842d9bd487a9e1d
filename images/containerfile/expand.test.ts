// Variables, quotes and escapes: the examples of the Dockerfile reference, and of moby's own table (envVarTest).
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Containerfile's variables look like that.
import test from 'ava';
import { ContainerfileError } from './errors.ts';
import { expand, expandDocument } from './expand.ts';

const values: Record<string, string> = { PWD: '/home', SHELL: 'bash', EMPTY: '', KOREAN: '한국어' };
const word = (text: string, escaper = '\\') => {
  return { text, escaper, place: (offset: number) => ({ file: 'F', line: 1, column: offset + 1 }) };
};
const meaning = (text: string, escaper?: string) => expand(word(text, escaper), name => values[name]);

const table: [string, string][] = [
  ['hello', 'hello'],
  ["he'll'o", 'hello'],
  ["'hello\\there'", 'hello\\there'],
  ['he\\llo', 'hello'],
  ['\\\\', '\\'],
  ['"abc\\"def"', 'abc"def'],
  ['"abc\\def"', 'abc\\def'],
  ['$PWD', '/home'],
  ['${PWD}x', '/homex'],
  ["'$PWD'", '$PWD'],
  ['"$PWD"', '/home'],
  ['\\$PWD', '$PWD'],
  ['"\\$PWD"', '$PWD'],
  ['$NONE.', '.'],
  ['$', '$'],
  ['a$/b', 'a$/b'],
  ['${NONE:-$PWD}', '/home'],
  ['${NONE:-${NONE:-x}y}', 'xy'],
  ['${NONE:-"a b"}', 'a b'],
  ['${EMPTY:-x}', 'x'],
  ['${EMPTY-x}', ''],
  ['${NONE-x}', 'x'],
  ['${PWD:+x}', 'x'],
  ['${EMPTY:+x}', ''],
  ['${EMPTY+x}', 'x'],
  ['${NONE+x}', ''],
  ['${PWD:?gone}', '/home'],
  ['$KOREAN어', '한국어어'],
  ['$1abc', 'abc'],
];

for (const [text, expected] of table)
  test(`${text} is ${JSON.stringify(expected)}`, t => t.is(meaning(text), expected));

test('with a backquote to escape, a backslash is a character like others', t => {
  t.is(meaning('C:\\x\\`$PWD', '`'), 'C:\\x\\$PWD');
});

test('in a here-document quotes are what they look like', t => {
  t.is(
    expandDocument(`it's "$PWD" \\$PWD \\n`, word('<<EOF'), name => values[name]),
    `it's "/home" $PWD \\n`,
  );
});

for (const [text, message] of [
  ["a'b", "F:1:2: there is no ' to this"],
  ['a"b', 'F:1:2: there is no " to this'],
  ['x${PWD', 'F:1:7: ${PWD… goes on in no way that is known'],
  ['${PWD:-x', 'F:1:8: there is no } to this'],
  ['a${}', 'F:1:2: a variable’s name belongs between the braces'],
  ['${PWD#/}', 'F:1:6: ${PWD… goes on in no way that is known'],
  ['${NONE:?is wanted}', 'F:1:1: NONE: is wanted'],
] as const)
  test(`refused: ${text}`, t => {
    t.throws(() => meaning(text), { instanceOf: ContainerfileError, message });
  });
