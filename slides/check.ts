// Every mistake in the decks' form, with file and line: what cannot be read, what is named and is not there, what is too much for a slide.
//
//   node slides/check.ts            all decks
//   node slides/check.ts 05 part-0/01-why
import { dirname } from 'node:path';
import { UserError } from '../workshop/errors.ts';
import { home } from '../workshop/paths.ts';
import { allDecks, type Deck, findDeck } from './deck.ts';
import { renderDirective } from './directives/index.ts';
import { tooMuch } from './limits.ts';
import type { Part, Problem, Slide } from './parse.ts';
import { renderMarkdown } from './render/markdown.ts';

/** Of type that is small and still readable. */
const mostLines = 21;

export function checkDeck(deck: Deck): Problem[] {
  const found = deck.slides.flatMap(slide => [...tooMuch(slide), ...unresolved(slide, deck)]);
  return [...deck.problems, ...found].sort((a, b) => a.line - b.line);
}

function unresolved(slide: Slide, deck: Deck): Problem[] {
  const problems: Problem[] = [];
  let lines = 0;
  const attempt = (part: Part, where: 'slide' | 'notes') => {
    try {
      const html =
        part.kind === 'directive'
          ? renderDirective(part, where, { deck, id: 'check' })
          : renderMarkdown(part.text, dirname(deck.file), 'check');
      if (where === 'slide') lines += linesIn(html);
      for (const line of part.kind === 'markdown' ? part.text.split('\n') : []) {
        if (/^\s*<[a-z/!]/i.test(line)) throw new Error(`tags are not read here: ${line.trim()}`);
      }
    } catch (error) {
      problems.push({ line: part.line, message: (error as Error).message });
    }
  };
  for (const part of slide.body) attempt(part, 'slide');
  for (const part of slide.notes) attempt(part, 'notes');
  if (lines > mostLines) {
    problems.push({ line: slide.line, message: `${lines} lines of code and sessions; a slide holds ${mostLines}` });
  }
  return problems;
}

/** Of its blocks, and one for the frame of each. */
function linesIn(html: string): number {
  const blocks = [...html.matchAll(/<pre class="(?:console|code).*?<\/pre>/gs)];
  return blocks.reduce((sum, [block]) => sum + block.split('\n').length + 1, 0);
}

if (import.meta.main) {
  try {
    const decks = process.argv.length > 2 ? process.argv.slice(2).map(name => findDeck(name)) : allDecks();
    let count = 0;
    for (const deck of decks) {
      const problems = checkDeck(deck);
      for (const { line, message } of problems) console.log(`${deck.file.slice(home.length + 1)}:${line}: ${message}`);
      count += problems.length;
      const minutes = deck.slides.reduce((sum, slide) => sum + slide.minutes, 0);
      console.log(
        `${deck.name}: ${deck.slides.length} slides, ${minutes} minutes, ${problems.length || 'no'} mistakes`,
      );
    }
    process.exitCode = count > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`${error.message}\nnext: ${error.next}`);
    process.exitCode = error.status;
  }
}
