// A page before it is Markdown or HTML: blocks and the words in them. Texts are texts here; what writes them down escapes them, so that
// nothing which a learner's code said can become markup.
import { Lexer, type Token } from 'marked';

export type Inline = string | { code: string } | { strong: string };

export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; text: Inline[] }
  | { kind: 'paragraph'; text: Inline[] }
  | { kind: 'list'; items: Inline[][] }
  /** The first column names its row. Numbers are in the others. */
  | { kind: 'table'; caption: string; head: string[]; rows: Inline[][][] }
  | { kind: 'verbatim'; text: string }
  | { kind: 'parts'; parts: Part[] };

/** A part of a failure: words, places to look at, or lines as they were. */
export interface Part {
  name: string;
  value: { text: Inline[] } | { list: Inline[][] } | { verbatim: string };
}

export const heading = (level: 1 | 2 | 3, ...text: Inline[]): Block => ({ kind: 'heading', level, text });
export const paragraph = (...text: Inline[]): Block => ({ kind: 'paragraph', text });
export const list = (items: Inline[][]): Block => ({ kind: 'list', items });
export const code = (text: string): Inline => ({ code: text });
export const strong = (text: string): Inline => ({ strong: text });

/** A line of ours that is written in Markdown: a title, a hint, a sentence of a lesson. Code stays code; of the rest the words stay. */
export function fromMarkdown(text: string): Inline[] {
  return Lexer.lexInline(text).flatMap(inline);
}

function inline(token: Token): Inline[] {
  if (token.type === 'codespan') return [code(token.text)];
  if (token.type === 'strong') return [strong(token.text)];
  if (token.type === 'escape') return [token.text];
  if ('tokens' in token && token.tokens) return token.tokens.flatMap(inline);
  return [token.raw.replace(/\s*\n\s*/g, ' ')];
}

/** What may be a learner's words. A call, and what stands between backticks as our checks write it, is set as code and is no more than that. */
export function said(text: string): Inline[] {
  if (/^[\w.]+\(.*\)$/.test(text)) return [code(text)];
  return text.split(/`([^`\n]+)`/).map((piece, i) => (i % 2 === 1 ? code(piece) : piece));
}
