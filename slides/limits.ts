// How much fits on a slide that can be read from the last row.
import { lexer, type Token, type Tokens } from 'marked';
import type { Problem, Slide } from './parse.ts';

const most = { words: 40, bullets: 6, consoleLines: 12, codeLines: 16, columns: 92 };

export function tooMuch(slide: Slide): Problem[] {
  const problems: Problem[] = [];
  let words = 0;
  let bullets = 0;
  let blocks = 0;
  for (const part of slide.body) {
    if (part.kind === 'directive') {
      if (part.name !== 'title' && part.name !== 'hint') blocks++;
      continue;
    }
    for (const token of lexer(part.text)) {
      if (token.type === 'code') {
        blocks++;
        problems.push(...tooLong(token as Tokens.Code, part.line));
      } else if (token.type === 'paragraph' && (token.tokens ?? [])[0]?.type === 'image') blocks++;
      else words += wordsIn(token);
      if (token.type === 'list') bullets += (token as Tokens.List).items.length;
    }
  }
  const wrong = (message: string) => problems.push({ line: slide.line, message });
  if (words > most.words) wrong(`${words} words; a slide holds ${most.words}, the rest is for the notes`);
  if (bullets > most.bullets) wrong(`${bullets} points; a slide holds ${most.bullets}`);
  if (blocks > 2) wrong(`${blocks} blocks, pictures and directives; a slide holds one, at most two small ones`);
  return problems;
}

function tooLong({ text, lang = '' }: Tokens.Code, line: number): Problem[] {
  const lines = text.split('\n');
  const limit = /^console\b/.test(lang) ? most.consoleLines : most.codeLines;
  const wide = lines.find(each => each.length > most.columns);
  return [
    ...(lines.length > limit ? [{ line, message: `a block of ${lines.length} lines; a slide holds ${limit}` }] : []),
    ...(wide
      ? [{ line, message: `a line of ${wide.length} columns; a slide holds ${most.columns}: ${wide.slice(0, 40)}…` }]
      : []),
  ];
}

function wordsIn(token: Token): number {
  const text = token.raw.replace(/[|*`_>#-]+/g, ' ').replace(/\]\([^)]*\)/g, ' ');
  return text.split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)).length;
}
