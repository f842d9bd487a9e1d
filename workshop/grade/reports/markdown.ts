// A page in Markdown: CommonMark with GitHub's tables. Its reader may be GitHub, which makes links of addresses, people and numbers, or
// pandoc, which makes formulas of dollars: words that look like one of these are set as code, where no reader looks for anything.
import type { Block, Inline, Part } from './document.ts';

export function markdown(blocks: Block[]): string {
  return `${blocks.map(block).join('\n\n')}\n`;
}

function block(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${line(block.text)}`;
    case 'paragraph':
      return line(block.text);
    case 'list':
      return block.items.map(item => `- ${line(item)}`).join('\n');
    case 'table':
      return table(block.head, block.rows);
    case 'verbatim':
      return fence(block.text);
    case 'parts':
      return block.parts.map(part).join('\n').trimEnd();
  }
}

function part({ name, value }: Part): string {
  if ('text' in value) return `- **${name}:** ${line(value.text)}`;
  const below = 'list' in value ? value.list.map(item => `- ${line(item)}`).join('\n') : fence(value.verbatim);
  return `- **${name}:**\n\n${below.replace(/^(?=.)/gm, '  ')}\n`;
}

function table(head: string[], rows: Inline[][][]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const cell = (text: Inline[]) => text.map(piece => inline(piece).replace(/(?<!\\)\|/g, '\\|')).join('');
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [row(head), row(rule), ...rows.map(cells => row(cells.map(cell)))].join('\n');
}

/** A fence is longer than any that is in the text. */
function fence(text: string): string {
  const around = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${around}text\n${text}\n${around}`;
}

/** The first character must not make a heading, a list, a quote or a rule of it. */
function line(text: Inline[]): string {
  return text
    .map(inline)
    .join('')
    .trim()
    .replace(/^[#>+=\-:]/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

function inline(piece: Inline): string {
  if (typeof piece === 'string') return words(piece);
  return 'code' in piece ? codeSpan(piece.code) : `**${words(piece.strong.trim())}**`;
}

function words(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .split(/( )/)
    .map(word => (linkLike.test(word) ? codeSpan(word) : escapeText(word)))
    .join('');
}

/** Addresses, people, issues, commits, :emoji:, formulas: what some reader of Markdown makes something of. */
const linkLike = /:\/\/|www\.|@|#\d|\$|(mailto|xmpp):|:[\w+-]+:|\b[0-9a-f]{40}\b/i;

/** An underscore within a word is harmless, and names are full of them. */
function escapeText(word: string): string {
  return word.replace(/[\\`*[\]<>|~&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

function codeSpan(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat === '') return '';
  const around = '`'.repeat(longestRun(flat) + 1);
  const space = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return around + space + flat + space + around;
}

const longestRun = (text: string) => Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length));
