// The decks, as the files are: part-0/*.md tells where containers come from, lessons/*.md one lesson each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { UserError } from '../workshop/errors.ts';
import { allLessons, type Lesson } from '../workshop/lessons.ts';
import { home } from '../workshop/paths.ts';
import { type Problem, parseDeck, type Slide } from './parse.ts';

export interface Deck {
  /** '05-pivot-root', or 'part-0/01-why': what one types. */
  name: string;
  title: string;
  /** What its directives draw from. Part 0's decks have none. */
  lesson: Lesson | null;
  /** Absolute. */
  file: string;
  slides: Slide[];
  problems: Problem[];
}

const folder = `${home}/slides`;

/** Part 0 first, then the lessons', in order. */
export function allDecks(): Deck[] {
  const part0 = filesIn('part-0').map(file => readDeck(`part-0/${file}`, null));
  const lessons = allLessons();
  const others = filesIn('lessons').map(file =>
    readDeck(`lessons/${file}`, lessons.find(each => `${each.name}.md` === file) ?? null),
  );
  return [...part0, ...others];
}

/** By its name, its lesson's number or slug, or the file's path. */
export function findDeck(wanted: string, decks = allDecks()): Deck {
  const number = /^\d+$/.test(wanted) ? wanted.padStart(2, '0') : null;
  const plain = wanted.replace(/^(\.\/)?(slides\/)?(lessons\/)?/, '').replace(/\.md$/, '');
  const deck = decks.find(({ name, file, lesson }) => {
    return name === plain || file === wanted || lesson?.slug === plain || (number && lesson?.number === number);
  });
  if (deck) return deck;
  throw new UserError(`there is no deck ${JSON.stringify(wanted)}`, '`npx boxwright slides` lists them', 2);
}

function readDeck(path: string, lesson: Lesson | null): Deck {
  const file = `${folder}/${path}`;
  const parsed = parseDeck(readFileSync(file, 'utf8'));
  const problems = [...parsed.problems];
  const inLessons = path.startsWith('lessons/');
  if (inLessons && !lesson) problems.push({ line: 1, message: 'there is no lesson of this name' });
  if (inLessons && parsed.title !== null)
    problems.push({ line: 1, message: 'a lesson’s deck takes its title from the lesson: no front matter' });
  if (!inLessons && !parsed.title) problems.push({ line: 1, message: 'no title: begin with ---, title: …, ---' });
  const name = path.replace(/^lessons\//, '').replace(/\.md$/, '');
  return { name, title: lesson?.title ?? parsed.title ?? name, lesson, file, slides: parsed.slides, problems };
}

function filesIn(part: string): string[] {
  if (!existsSync(`${folder}/${part}`)) return [];
  return readdirSync(`${folder}/${part}`)
    .filter(file => file.endsWith('.md') && file !== 'README.md')
    .sort();
}
