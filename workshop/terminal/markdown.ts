// A lesson's Markdown on a terminal: marked takes it apart, and each kind of block is laid out here.
import chalk from 'chalk';
import { lexer, type Token, type Tokens } from 'marked';
import { codeBlock } from './code.ts';
import { inline } from './inline.ts';
import { table } from './table.ts';
import { columns, wrap } from './text.ts';

export function showMarkdown(text: string, width = columns()): string {
  return blocks(lexer(text), width).join('\n');
}

/** Blocks with an empty line between them; no line is wider than `width`, but a figure's may be. */
function blocks(tokens: Token[], width: number, tight = false): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const block = layOut(token, width);
    if (block.length === 0) continue;
    if (lines.length > 0 && !tight) lines.push('');
    lines.push(...block);
  }
  return lines;
}

function layOut(token: Token, width: number): string[] {
  switch (token.type) {
    case 'heading': {
      const style = token.depth === 1 ? chalk.bold.underline : chalk.bold;
      return wrap(inline(token.tokens ?? []), width).map(line => style(line));
    }
    case 'paragraph':
      return paragraph(token as Tokens.Paragraph, width);
    case 'text':
      return wrap(inline([token]), width);
    case 'code':
      return codeBlock(token.text, token.lang?.split(/\s/)[0] ?? '', width);
    case 'list':
      return list(token as Tokens.List, width);
    case 'blockquote':
      return quote(token as Tokens.Blockquote, width);
    case 'table':
      return table(token as Tokens.Table, width);
    case 'hr':
      return [chalk.dim('─'.repeat(20))];
    default:
      // Space, definitions of links, and HTML, which a terminal has no use for: `<details>` shows what is in it.
      return [];
  }
}

/** A picture alone is its caption: the same figure as text follows it in every lesson. */
function paragraph(token: Tokens.Paragraph, width: number): string[] {
  const [first, ...more] = token.tokens;
  const lines = wrap(inline(token.tokens), width);
  return first?.type === 'image' && more.length === 0 ? lines.map(line => chalk.dim(line)) : lines;
}

function list(token: Tokens.List, width: number): string[] {
  const start = Number(token.start || 1);
  const digits = String(start + token.items.length - 1).length;
  const items = token.items.map((item, i) => {
    const box = item.task ? (item.checked ? '☑' : '☐') : '•';
    const bullet = token.ordered ? `${String(start + i).padStart(digits)}. ` : `${box} `;
    const rest = item.tokens.filter(({ type }) => type !== 'checkbox');
    const lines = blocks(rest, width - bullet.length - 2, !item.loose);
    return lines.map((line, n) => `  ${n === 0 ? chalk.dim(bullet) : ' '.repeat(bullet.length)}${line}`.trimEnd());
  });
  return token.loose ? items.flatMap((lines, i) => (i > 0 ? ['', ...lines] : lines)) : items.flat();
}

/** GitHub's `[!NOTE]` and the like become a word in bold. */
function quote(token: Tokens.Blockquote, width: number): string[] {
  const kind = /^\[!(\w+)\]\s*\n/.exec(token.text)?.[1];
  const tokens = kind ? lexer(token.text.replace(/^.*\n/, '')) : token.tokens;
  const title = kind ? [chalk.bold(kind.charAt(0) + kind.slice(1).toLowerCase())] : [];
  return [...title, ...blocks(tokens, width - 4)].map(line => `  ${chalk.dim('│')} ${line}`.trimEnd());
}
