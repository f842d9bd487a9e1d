// cuts.yaml: which decks, how deep, with how much time for exercises and breaks, for a given length.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { home } from '../workshop/paths.ts';
import { type Level, levels } from './parse.ts';

/** Minutes all. */
export interface CutPart {
  /** A deck's name; null: only a break, or time for questions. */
  deck: string | null;
  /** The deepest that is shown. */
  level: Level;
  /** Afterwards, in the room. */
  exercise: number;
  /** After that. */
  break: number;
}

/** What is given in one sitting. */
export interface Cut {
  /** '90-minutes'; 'term-03' for the third week. */
  name: string;
  title: string;
  minutes: number;
  parts: CutPart[];
}

/** Several sittings: a term. */
export interface Course {
  name: string;
  title: string;
  cuts: Cut[];
}

interface Entry {
  title: string;
  minutes: number;
  parts?: Partial<CutPart>[];
  weeks?: { title: string; parts: Partial<CutPart>[] }[];
}

/** By length, shortest first. */
export function allCuts(): (Cut | Course)[] {
  const file = parse(readFileSync(`${home}/slides/cuts.yaml`, 'utf8')) as Record<string, Entry>;
  return Object.entries(file).map(([name, { title, minutes, parts, weeks }]) => {
    if (!weeks) return { name, title, minutes, parts: (parts ?? []).map(part => readPart(part, name)) };
    const cuts = weeks.map((week, i) => {
      const own = `${name}-${String(i + 1).padStart(2, '0')}`;
      return { name: own, title: week.title, minutes, parts: week.parts.map(part => readPart(part, own)) };
    });
    return { name, title, cuts };
  });
}

function readPart(part: Partial<CutPart>, cut: string): CutPart {
  const { deck = null, level = 'more', exercise = 0, break: pause = 0, ...others } = part;
  const wrong = (what: string) => new Error(`slides/cuts.yaml, ${cut}: ${what}`);
  for (const key of Object.keys(others)) throw wrong(`a part has deck, level, exercise and break, not ${key}`);
  if (!levels.includes(level)) throw wrong(`a level is one of ${levels.join(', ')}, not ${level}`);
  if (![exercise, pause].every(each => Number.isInteger(each) && each >= 0))
    throw wrong('exercise and break are minutes');
  return { deck, level, exercise, break: pause };
}

/** Whether a slide of this level is shown where `deepest` is. */
export const reaches = (level: Level, deepest: Level) => levels.indexOf(level) <= levels.indexOf(deepest);
