import test from 'ava';
import { parseDeck } from './parse.ts';

const deck = `---
title: A deck
---
<!-- slide: minutes=1.5 level=core -->
## First **heading**

Some text.

{{console solution 1}}

\`\`\`console
$ echo '{{code x}}'
{{code x}}
---
## no heading
\`\`\`

Note:
Say this.

{{mistake chroot}}
Then that.
---

## Second

Note: On one line.
`;

test('a deck is its slides, each with heading, minutes, level, parts and notes', t => {
  const { title, slides, problems } = parseDeck(deck);
  t.is(title, 'A deck');
  t.deepEqual(problems, []);
  t.is(slides.length, 2);
  const [first, second] = slides;
  t.like(first, { line: 4, heading: 'First **heading**', minutes: 1.5, level: 'core' });
  t.deepEqual(
    first?.body.map(part => (part.kind === 'directive' ? [part.name, ...part.args, part.line] : part.kind)),
    ['markdown', ['console', 'solution', '1', 9], 'markdown'],
  );
  t.regex(JSON.stringify(first?.body[2]), /code x.*code x.*no heading/, 'a code block is left as it is');
  t.deepEqual(
    first?.notes.map(part => (part.kind === 'directive' ? part.name : part.text.trim())),
    ['Say this.', 'mistake', 'Then that.'],
  );
  t.like(second, { line: 25, heading: 'Second', minutes: 2, level: 'more' });
});

const mistakes: Record<string, [string, number, RegExp]> = {
  'no heading': ['text\n\nNote:\nx\n', 1, /no `## Heading`/],
  'two headings': ['## a\n\n## b\n\nNote:\nx\n', 3, /second heading/],
  'a heading of another level': ['## a\n### b\n\nNote:\nx\n', 2, /heading is `## …`/],
  'no notes': ['## a\n', 1, /no notes/],
  'another comment': ['<!-- sldie: minutes=2 -->\n## a\n\nNote:\nx\n', 1, /slide: minutes=2/],
  'minutes that nobody can keep': ['<!-- slide: minutes=1.3 -->\n## a\n\nNote:\nx\n', 1, /whole or half/],
  'an unknown level': ['<!-- slide: level=hard -->\n## a\n\nNote:\nx\n', 1, /core, more, deep/],
  'an unknown setting': ['<!-- slide: time=2 -->\n## a\n\nNote:\nx\n', 1, /not `time=2`/],
  'an empty slide': ['## a\n\nNote:\nx\n---\n\n---\n## b\n\nNote:\nx\n', 6, /empty/],
  'front matter that is none': ['---\ntitle: [\n---\n## a\n\nNote:\nx\n', 2, /no YAML/],
  'no slide at all': ['', 1, /no slide/],
};

for (const [name, [text, line, message]] of Object.entries(mistakes)) {
  test(`named with its line: ${name}`, t => {
    const { problems } = parseDeck(text);
    t.true(
      problems.some(each => each.line === line && message.test(each.message)),
      JSON.stringify(problems),
    );
  });
}

test('a lesson’s first slide may take its heading from {{title}}', t => {
  const { slides, problems } = parseDeck('{{title}}\n\nNote:\nx\n');
  t.deepEqual(problems, []);
  t.is(slides[0]?.heading, null);
});
