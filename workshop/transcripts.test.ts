import test from 'ava';
import { allLessons } from './lessons.ts';
import { matches, parseBlocks, runTranscripts } from './transcripts.ts';

test('blocks are found with their commands, continuations and outputs', t => {
  const text = 'x\n```console before\n$ a \\\n> b\nout\n\nmore\n$ c\n```\n```sh\n$ no\n```\n```console\n$ d\n```\n';
  t.deepEqual(parseBlocks(text), [
    {
      before: true,
      commands: [
        { command: 'a \\\nb', output: 'out\n\nmore\n', line: 3 },
        { command: 'c', output: '', line: 8 },
      ],
    },
    { before: false, commands: [{ command: 'd', output: '', line: 14 }] },
  ]);
});

test('an ellipsis stands for text in a line, and for lines on its own', t => {
  t.true(matches('a … c\n', 'a b c\n'));
  t.true(matches('first\n…\nlast\n', 'first\n1\n2\nlast\n'));
  t.true(matches('first\n…\nlast\n', 'first\nlast\n'));
  t.true(matches('…\nlast\n', 'x\nlast\n'));
  t.true(matches('first\n…\n', 'first\nx\ny\n'));
  t.false(matches('a … c\n', 'a b\nc\n'));
  t.false(matches('a.c\n', 'abc\n'));
  t.false(matches('', 'something\n'));
});

for (const lesson of allLessons()) {
  test.serial(`what the texts of lesson ${lesson.number} show is what happens`, async t => {
    const differences = await runTranscripts(lesson);
    for (const { file, line, command, output, actual } of differences) {
      t.log(`${file}:${line}: $ ${command}\nsays:\n${output}\ncame:\n${actual}`);
    }
    t.is(differences.length, 0);
  });
}
