// Texts that would like to be more than text: in every field, in every format, they stay what they are.
import test from 'ava';
import { lexer, type Token, walkTokens } from 'marked';
import { clean, cleanGrade } from './clean.ts';
import { type Block, fromMarkdown, type Inline, said } from './document.ts';
import { html } from './html.ts';
import { hostile, lessons, rulesFor, withText } from './made-up.ts';
import { markdown } from './markdown.ts';
import { outcomesOf } from './outcome.ts';
import { page } from './page.ts';

function pageWith(text: string) {
  const grade = cleanGrade(withText(text));
  return page(grade, outcomesOf(grade, lessons), rulesFor(grade.lessons.map(({ name }) => name)));
}

function tokensOf(text: string): Token[] {
  const all: Token[] = [];
  walkTokens(lexer(text), token => void all.push(token));
  return all;
}

/** The headings of a document, and the kinds of its blocks. */
const outline = (text: string) => lexer(text).map(token => (token.type === 'heading' ? token.raw.trim() : token.type));
const named = (text: string) => JSON.stringify(text.slice(0, 60));
const plain = ['a harmless text', 'a harmless text\nof two lines'];

test('in Markdown there is no link, no picture, no HTML and no rule, and the headings are ours', t => {
  const ours = plain.map(text => outline(markdown(pageWith(text))).filter(line => line.startsWith('#')));
  for (const text of hostile) {
    const written = markdown(pageWith(text));
    const kinds = new Set(tokensOf(written).map(({ type }) => type));
    for (const kind of ['link', 'image', 'html', 'hr', 'del', 'em', 'blockquote', 'def', 'checkbox', 'br']) {
      t.false(kinds.has(kind), `${kind} by ${named(text)}`);
    }
    t.deepEqual(
      outline(written).filter(line => line.startsWith('#')),
      ours[0] as string[],
      named(text),
    );
  }
});

test('in HTML there are the tags that a harmless text has, in their order', t => {
  const tags = (source: string) => source.match(/<[^>]*>/g) ?? [];
  const structure = (source: string) =>
    tags(source)
      .filter(tag => !/^<\/?(code|p|pre)>$/.test(tag))
      .join('');
  const ours = plain.map(text => structure(html('page', pageWith(text))));
  for (const text of hostile) {
    const written = html('page', pageWith(text));
    t.is(structure(written), ours[0] as string, named(text));
    t.notRegex(written.replace(/<[^>]*>/g, ''), /[<>]/, named(text));
    t.notRegex(written, /<[^>]*\b(src|href|on\w+|style)=/i, named(text));
  }
});

test('neither has a character that moves a cursor or turns the line', t => {
  for (const text of hostile) {
    const blocks = pageWith(text);
    for (const written of [markdown(blocks), html('page', blocks)]) {
      t.notRegex(written, /[^\P{C}\n]|[\u2028\u2029]/u, named(text));
      t.true(written.length < 250_000, `${written.length} by ${named(text)}`);
    }
  }
});

/** Reproducible. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  ...'\\`*_[]()<>|~&!#-+=:.1a \u00e9',
  '  ',
  '**',
  '``',
  '](',
  '![',
  '<b>',
  '&amp;',
  'https://e.x',
  'a@b.c',
  'www.e.x',
  '$x$',
  '1. ',
  ':a:',
];

test('any text in a paragraph, in a list and in a table is read as it was written', t => {
  const next = random(7);
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join('');
    const expected = text.replace(/\s+/g, ' ').trim();
    if (!expected) continue;
    t.deepEqual(read({ kind: 'paragraph', text: [text] }), [expected], JSON.stringify(text));
    t.deepEqual(read({ kind: 'list', items: [[text], ['x']] }), [expected, 'x'], JSON.stringify(text));
    // In a table's code, GitHub's Markdown has no way to write a backslash before a bar.
    if (text.includes('\\|')) continue;
    const cells: Inline[][] = [[text], [text]];
    t.deepEqual(
      read({ kind: 'table', caption: '', head: ['x', 'y'], rows: [cells] }),
      [expected, expected],
      JSON.stringify(text),
    );
  }
});

/** The texts of the one block that it must be. */
function read(block: Block): string[] {
  const [token, ...others] = lexer(markdown([block]));
  if (!token || others.length > 0 || token.type !== block.kind) throw new Error(`not one ${block.kind}`);
  if (token.type === 'table') return token.rows[0].map(textOf);
  return token.type === 'list' ? token.items.map(textOf) : [textOf(token)];
}

/** What a reader sees of it; what a reader should not see throws. */
function textOf(token: Token): string {
  if (['text', 'paragraph', 'list_item'].includes(token.type) || !token.type) {
    if ('tokens' in token && token.tokens) return token.tokens.map(textOf).join('');
    return token.raw;
  }
  if (token.type === 'codespan' || token.type === 'escape') return token.text;
  throw new Error(`${token.type} in ${JSON.stringify(token.raw)}`);
}

test('text is cut, and says so; what cannot be printed is shown by number', t => {
  t.regex(clean('A'.repeat(1_000_000)), /^A{3000} … \(cut here; it has 1000000 characters\)$/);
  t.notRegex(clean('\u{1f600}'.repeat(500_000)), /\\u|\p{Cs}/u);
  t.is(clean('a\u001b[2J\tb\r\nc\u202e\u{e0041}\ud800'), 'a\\x1b[2J  b\nc\\u202e\\u{e0041}\\ud800');
  t.is(clean('Grüße, 世界 😀 שלום'), 'Grüße, 世界 😀 שלום');
  const { refused } = cleanGrade({ ...withText('x') }).mark.submission;
  t.deepEqual(refused, ['x', 'x']);
  const many = withText('x');
  many.mark.submission.refused = Array.from({ length: 10_000 }, (_, i) => `file ${i}`);
  t.deepEqual(cleanGrade(many).mark.submission.refused.slice(49), ['file 49', 'and 9950 more']);
});

test('a call is code, and so is what a check puts between backticks', t => {
  t.deepEqual(said('chroot("/x")'), [{ code: 'chroot("/x")' }]);
  t.deepEqual(said('on `/`, not ` alone'), ['on ', { code: '/' }, ', not ` alone']);
  t.deepEqual(fromMarkdown('**one** `a_b` and [text](https://e.x) _two_'), [
    { strong: 'one' },
    ' ',
    { code: 'a_b' },
    ' and ',
    'text',
    ' ',
    'two',
  ]);
});
