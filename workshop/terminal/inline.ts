// Words in a line of Markdown: emphasis, code and links. Each word is coloured by itself, so that a line can be broken
// between any two.
import chalk, { type ChalkInstance } from 'chalk';
import type { Token, Tokens } from 'marked';

export function inline(tokens: Token[], style?: ChalkInstance): string {
  return tokens.map(token => one(token, style)).join('');
}

function one(token: Token, style: ChalkInstance | undefined): string {
  switch (token.type) {
    case 'strong':
      return inline(token.tokens ?? [], (style ?? chalk).bold);
    case 'em':
      return inline(token.tokens ?? [], (style ?? chalk).italic);
    case 'codespan':
      return words(token.text, (style ?? chalk).cyan);
    case 'link':
      return link(token as Tokens.Link, style);
    case 'br':
      return '\n';
    case 'html':
      return '';
    default:
      // What is nested comes as tokens of its own; the rest is text with entities, and with the line breaks of its source.
      if ('tokens' in token && token.tokens) return inline(token.tokens, style);
      return words(decode('text' in token ? token.text : token.raw).replace(/\s*\n\s*/g, ' '), style);
  }
}

/** With its address, unless that is what it says already. A place in the same page has none that would help. */
function link(token: Tokens.Link, style: ChalkInstance | undefined): string {
  const text = inline(token.tokens, (style ?? chalk).underline);
  return token.href === token.text || token.href.startsWith('#') ? text : `${text} ${chalk.dim(`(${token.href})`)}`;
}

function words(text: string, style: ChalkInstance | undefined): string {
  return style ? text.replace(/\S+/g, word => style(word)) : text;
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0', amp: '&' };

function decode(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (_, name) => entities[name] ?? '');
}
