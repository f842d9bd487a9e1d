// A Containerfile's text: what it says, and where it is wrong.
import test from 'ava';
import { ContainerfileError } from './errors.ts';
import { parseContainerfile } from './parse.ts';

const only = (text: string) => {
  const { stages, warnings } = parseContainerfile(`FROM x\n${text}`);
  return { instruction: stages[0]?.instructions[0], warnings };
};

test('stages, their names and numbers, and what is before them', t => {
  const { args, stages } = parseContainerfile(
    'ARG A=1\nFROM --platform=linux/arm64 a:1 AS One\nRUN x\nfrom one\nCMD y\n',
  );
  t.deepEqual(
    args[0]?.pairs.map(({ name, value }) => [name.text, value?.text]),
    [['A', '1']],
  );
  t.deepEqual(
    stages.map(({ name, index, instructions }) => [name, index, instructions.length]),
    [
      ['one', 0, 1],
      [undefined, 1, 1],
    ],
  );
  t.is(stages[0]?.from.flags.get('platform')?.text, 'linux/arm64');
});

test('a line goes on behind the escape character; comments and empty lines in between do not count', t => {
  const { instruction } = only('RUN a \\  \n  # no\n\n   b \\\n c\n# end\n');
  t.is(instruction?.kind === 'RUN' && instruction.command, 'a    b  c');
  const tick = parseContainerfile('# escape=`\nFROM x\nRUN a `\n b \\\nRUN c');
  t.deepEqual(
    tick.stages[0]?.instructions.map(each => 'command' in each && each.command),
    ['a  b \\', 'c'],
  );
  const doubled = only('RUN a \\\\\nRUN b');
  t.is(doubled.instruction?.kind === 'RUN' && doubled.instruction.command, 'a \\\\');
});

test('a directive counts only before everything else', t => {
  t.is(parseContainerfile('# a comment\n# escape=`\nFROM x\nRUN a \\\n b').stages[0]?.instructions.length, 1);
});

test('a command as a list, and what only looks like one', t => {
  t.deepEqual(only('CMD ["a", "b c"]').instruction, {
    ...only('CMD ["a", "b c"]').instruction,
    command: ['a', 'b c'],
  } as never);
  const { instruction, warnings } = only("CMD ['a']");
  t.is(instruction?.kind === 'CMD' && instruction.command, "['a']");
  t.regex(warnings[0]?.message ?? '', /looks like a list/);
  t.is(only('RUN [ -f /x ] && y').warnings.length, 0);
});

test('here-documents: alone, for the shell, as a file', t => {
  const alone = only('RUN <<EOF\na\n  b # kept\nEOF\nCMD x');
  t.is(alone.instruction?.kind === 'RUN' && alone.instruction.command, 'a\n  b # kept\n');
  const shell = only('RUN cat <<-"END" > x\n\ta\n\tEND\n');
  t.is(shell.instruction?.kind === 'RUN' && shell.instruction.command, 'cat <<-"END" > x\na\nEND\n');
  const { instruction } = only('COPY <<one.txt <<"two" /to/\n1 $A\none.txt\n2\ntwo\n');
  t.deepEqual(instruction?.kind === 'COPY' && instruction.documents, [
    { name: 'one.txt', content: '1 $A\n', expand: true },
    { name: 'two', content: '2\n', expand: false },
  ]);
});

test('names and values', t => {
  const pairs = (text: string) => {
    const { instruction } = only(text);
    return (
      instruction && 'pairs' in instruction && instruction.pairs.map(({ name, value }) => [name.text, value?.text])
    );
  };
  t.deepEqual(pairs('ENV a=1 b="two words" c=x\\ y'), [
    ['a', '1'],
    ['b', '"two words"'],
    ['c', 'x\\ y'],
  ]);
  t.deepEqual(pairs('ENV a some  words'), [['a', 'some  words']]);
  t.deepEqual(pairs('LABEL "a b"=c=d'), [['"a b"', 'c=d']]);
  t.deepEqual(pairs('ARG a'), [['a', undefined]]);
});

const errors: [text: string, message: string, next?: string][] = [
  ['', 'Containerfile:1:1: there is no FROM', 'begin with FROM scratch, or an image'],
  ['RUN x\nFROM y', 'Containerfile:1:1: RUN before the first FROM', 'begin with FROM, or with ARG'],
  ['FROM x\n  RUNN x', 'Containerfile:2:3: no such instruction: RUNN', 'did you mean RUN?'],
  ['FROM x\nENTRYPONIT x', 'Containerfile:2:1: no such instruction: ENTRYPONIT', 'did you mean ENTRYPOINT?'],
  ['FROM x\nRUN', 'Containerfile:2:4: RUN wants a command'],
  ['FROM x\nCOPY a', 'Containerfile:2:6: COPY wants a source and a target'],
  ['FROM x\nCOPY --form=a b c', 'Containerfile:2:6: no such flag: --form', 'there is --from, --chown, --chmod, --link'],
  ['FROM x\nCOPY --chown b c', 'Containerfile:2:6: --chown wants a value'],
  ['FROM x\nCOPY --from=a --from=b c d', 'Containerfile:2:15: --from is given twice'],
  ['FROM x y', 'Containerfile:1:8: AS was expected, not y'],
  ['FROM x AS 1y', 'Containerfile:1:11: a stage cannot be named 1y', 'a letter, then letters, digits, _ . -'],
  ['FROM x AS a b', 'Containerfile:1:13: nothing was expected behind the name, not b'],
  ['FROM x AS a\nFROM y AS A', 'Containerfile:2:1: there is a stage a already'],
  ['FROM x\nENV a', 'Containerfile:2:5: ENV wants a value for a', 'name=value'],
  ['FROM x\nENV a=1 \\\n  b', 'Containerfile:3:3: = was expected behind b'],
  ['FROM x\nENV =1', 'Containerfile:2:5: there is no name before the ='],
  ['FROM x\nSHELL /bin/sh', 'Containerfile:2:7: SHELL wants a list', 'write it as ["/bin/sh", "-c"], in double quotes'],
  ['FROM x\nRUN <<END\na', 'Containerfile:2:5: the here-document END has no end', 'add a line END'],
  ['# escape=x\nFROM x', 'Containerfile:1:10: the escape character is \\ or `, not "x"'],
];

for (const [text, message, next] of errors)
  test(`refused: ${JSON.stringify(text)}`, t => {
    const error = t.throws(() => parseContainerfile(text), { instanceOf: ContainerfileError, message });
    t.is(error?.next, next);
  });
