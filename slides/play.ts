// The slides' own console blocks, executed and compared as the lessons' are: what a slide shows is what the room will see.
//
//   node slides/play.ts 05          plays one deck, and says what differs; without a name all of them
import { readFileSync } from 'node:fs';
import { findLesson } from '../workshop/lessons.ts';
import { home } from '../workshop/paths.ts';
import { type Difference, parseBlocks, runBlocks } from '../workshop/transcripts.ts';
import { allDecks, type Deck, findDeck } from './deck.ts';

/** In part 0 `box` is the container that part 1 ends with. */
const complete = '14';

export interface SlideDifference extends Difference {
  /** The slide's heading. */
  slide: string;
}

/** Those in the notes too: a presenter types them. */
export async function playDeck(deck: Deck): Promise<SlideDifference[]> {
  const blocks = parseBlocks(readFileSync(deck.file, 'utf8'));
  if (blocks.length === 0) return [];
  const differences = await runBlocks(deck.lesson ?? findLesson(complete), blocks, deck.file.slice(home.length + 1));
  return differences.map(each => ({ ...each, slide: slideAt(deck, each.line) }));
}

const slideAt = (deck: Deck, line: number) => deck.slides.findLast(slide => slide.line <= line)?.heading ?? deck.title;

if (import.meta.main) {
  const decks = process.argv.length > 2 ? process.argv.slice(2).map(name => findDeck(name)) : allDecks();
  for (const deck of decks) {
    const differences = await playDeck(deck);
    for (const { file, line, slide, command, output, actual } of differences) {
      console.log(`${file}:${line}: “${slide}”: $ ${command}\n--- the slide says\n${output}--- what came\n${actual}`);
    }
    console.log(`${deck.name}: ${differences.length || 'no'} differences`);
    if (differences.length > 0) process.exitCode = 1;
  }
}
