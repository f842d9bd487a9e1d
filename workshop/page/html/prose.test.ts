import { readFileSync } from 'node:fs';
import test from 'ava';
import { allLessons } from '../../lessons.ts';
import { prose } from './prose.ts';
import { within } from './svg.ts';
import { words } from './verdict.ts';

const folder = 'lessons/05-pivot-root';

test('a session has prompts that are not copied, commands, and what was said', t => {
  const page = prose('```console before\n$ echo "<b>" |\n> cat\n<b>\n```\n', { folder });
  t.regex(page, /the previous lesson’s container/);
  t.regex(page, /<span class="prompt" aria-hidden="true">\$ <\/span><kbd>echo &quot;&lt;b&gt;&quot; \|<\/kbd>/);
  t.regex(page, /<span class="prompt" aria-hidden="true">&gt; <\/span><kbd>cat<\/kbd>/);
  t.regex(page, /<span class="said">&lt;b&gt;<\/span>/);
});

test('of every lesson’s drawing nothing is a copy that its style would not reach', t => {
  for (const { files, number } of allLessons()) {
    const drawn = within(readFileSync(files.readme.replace('README.md', 'figure.svg'), 'utf8'), `drawing-${number}`);
    t.notRegex(drawn, /<use\b/, number);
  }
});

test('before the first lesson there is no container that a session could be of', t => {
  const text = '```console before\n$ true\n```\n';
  t.notRegex(prose(text, { folder: 'lessons/01-process' }), /previous/);
  t.regex(prose(text, { folder: 'lessons/02-chroot' }), /previous/);
});

test('links between lessons lead to their pages, files that are not shown are no links, and outside means a click', t => {
  const page = prose(
    '[a](../06-uts/README.md) [b](../../solutions/05-pivot-root/README.md) [c](../../linux/wire.ts) [d](https://docs.kernel.org/x) [e](javascript:alert(1)) [f](#a-part)',
    { folder },
  );
  t.regex(page, /<a href="\/06">a<\/a> <a href="\/05\/solution">b<\/a> c /);
  t.regex(page, /<a href="https:\/\/docs.kernel.org\/x" rel="noreferrer" target="_blank">d<\/a> e /);
  t.regex(page, /<a href="#text-a-part">f<\/a>/);
});

test('HTML in a text is text, but for what folds', t => {
  const page = prose(
    '<details><summary>As text</summary>\n\nx\n\n</details>\n\n<script>alert(1)</script>\n\na <img src=x onerror=y> b\n',
    { folder },
  );
  t.regex(page, /<details><summary>As text<\/summary>/);
  t.notRegex(page, /<script|<img/);
  t.regex(page, /&lt;script&gt;/);
});

test('what learners’ code has said becomes no markup, and moves no cursor', t => {
  t.is(words('`<b>` & <i>\u001b[2J'), '<code>&lt;b&gt;</code> &amp; &lt;i&gt;\\x1b[2J');
});

test('a drawing’s style and names mean that drawing alone', t => {
  const svg =
    '<svg aria-labelledby="t d"><style>rect { fill: url(#tip) }</style><title id="t">x</title><use href="#g"/></svg>';
  t.is(
    within(svg, 'drawing-05'),
    '<svg aria-labelledby="drawing-05-t drawing-05-d"><style>#drawing-05{rect { fill: url(#drawing-05-tip) }}</style><title id="drawing-05-t">x</title><use href="#drawing-05-g"/></svg>',
  );
});

for (const { number, name, text } of allLessons()) {
  test(`lesson ${number}: nothing of the text is lost, and no id is there twice`, t => {
    const page = prose(text, { folder: `lessons/${name}`, pictures: `lessons/${name}` });
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    t.deepEqual(ids, [...new Set(ids)]);
    for (const session of text.matchAll(/^```console.*\n([\s\S]*?)^```/gm)) {
      for (const line of session[1]?.split('\n') ?? [])
        if (line.startsWith('$ '))
          t.true(
            page.includes(
              String(
                line
                  .slice(2)
                  .replaceAll('&', '&amp;')
                  .replaceAll('<', '&lt;')
                  .replaceAll('>', '&gt;')
                  .replaceAll('"', '&quot;')
                  .replaceAll("'", '&#39;'),
              ),
            ),
            line,
          );
    }
    t.is(page.match(/<svg/g)?.length, 1);
    t.notRegex(page, /(src|href)="(?!\/|#|https?:)/);
  });
}
