import { readFileSync } from 'node:fs';
import { stripVTControlCharacters as plain } from 'node:util';
import test from 'ava';
import { colourCode, colourSession } from './code.ts';
import { showMarkdown } from './markdown.ts';
import { cells } from './text.ts';

const show = (text: string, width = 40) => plain(showMarkdown(text, width));

test('paragraphs are wrapped, whatever the lines of their source', t => {
  t.is(
    show('One *word* and\n**another**, and `code & code`,\nand so on &amp; on.'),
    'One word and another, and code & code,\nand so on & on.',
  );
});

test('a whole lesson fits the terminal, and nothing of HTML is left', t => {
  const text = readFileSync(new URL('../testing/lesson.md', import.meta.url), 'utf8').replace(/^---\n.*?\n---\n/s, '');
  for (const width of [60, 80, 100]) {
    const lines = show(text, width).split('\n');
    t.deepEqual(
      lines.filter(line => cells(line) > width && !line.includes('://')),
      [],
    );
    t.notRegex(lines.join('\n'), /<|details|!\[|```|\*\*/);
  }
});

test('a picture is its caption, and the figure as text follows it, unwrapped', t => {
  const figure = `box ${'─'.repeat(50)} host`;
  const text = `![Two hosts](a.svg)\n\n<details><summary>As text</summary>\n\n\`\`\`text\n${figure}\n\`\`\`\n\n</details>\n\nEnd.`;
  t.is(show(text), `Two hosts\n\n    ${figure}\n\nEnd.`);
});

test('a link shows where it leads, once', t => {
  t.is(show('[a page](https://example.org/a)'), 'a page (https://example.org/a)');
  t.is(show('<https://example.org/a>'), 'https://example.org/a');
  t.is(show('[above](#above)'), 'above');
});

test('code is indented and its lines are broken with a deeper indent; a comment stays a comment', t => {
  const code =
    '```ts\n  await box.mount(source, target, null, flags);\n// a comment that is too long for its line\n```';
  const lines = [
    '      await box.mount(source, target,',
    '        null, flags);',
    '    // a comment that is too long for',
    '    // its line',
  ];
  t.deepEqual(show(code).split('\n'), lines);
});

test('lists are numbered, nested and hanging', t => {
  t.is(
    show('3. three\n4. four, which goes on for more than a line\n   - inner\n'),
    '  3. three\n  4. four, which goes on for more than a\n     line\n       • inner',
  );
});

test('a table shrinks its widest column', t => {
  t.is(
    show('| call | what it does to the container |\n|-|-|\n| a | it changes the name and nothing else |', 30),
    [
      'call  what it does to the',
      '      container',
      '────  ────────────────────────',
      'a     it changes the name and',
      '      nothing else',
    ].join('\n'),
  );
});

test('the code in the sessions and in the texts is coloured without a change to it', t => {
  const code = "const a = 'x'; // 1\nreturn `b`;";
  t.is(plain(colourCode(code)), code);
  const session = '$ hostname\nbox\n# exit';
  t.is(plain(colourSession(session)), session);
});
