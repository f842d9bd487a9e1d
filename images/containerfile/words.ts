// A line into words, as the Dockerfile reference has them: blanks part them, except in quotes and behind the escape character.
// Quotes stay: what they mean is expand.ts's business.
import { ContainerfileError, type Place } from './errors.ts';
import type { Line } from './lines.ts';

/** A piece of a line as it was written, and where. */
export interface Word {
  text: string;
  escaper: string;
  /** Of the character at this offset in it. */
  place(offset: number): Place;
}

/** The line from this offset on, or up to `end`, as one word. */
export function wordAt(line: Line, start: number, end = line.text.length): Word {
  return { text: line.text.slice(start, end), escaper: line.escaper, place: offset => line.place(start + offset) };
}

/** What is part of a word: quoted text, an escaped character, `${…}`, anything but a blank. */
const pattern = {
  '\\': /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$\{(?:\\.|[^}\\])*\}|[^\s])+/gs,
  '`': /(?:'[^']*'|"(?:`.|[^"`])*"|`.|\$\{(?:`.|[^}`])*\}|[^\s])+/gs,
};

export function splitWords(line: Line, start: number): Word[] {
  const matches = line.text.slice(start).matchAll(pattern[line.escaper === '`' ? '`' : '\\']);
  return [...matches].map(match => wordAt(line, start + match.index, start + match.index + match[0].length));
}

/** `name=value` in two; without a value when there is no `=`. */
export function splitPair(word: Word): { name: Word; value?: Word } {
  const equals = word.text.indexOf('=');
  const part = (start: number, end?: number): Word => ({
    ...{ text: word.text.slice(start, end), escaper: word.escaper, place: offset => word.place(start + offset) },
  });
  return equals < 0 ? { name: word } : { name: part(0, equals), value: part(equals + 1) };
}

/** `["a", "b"]`; undefined for what is not an array of strings, which then is words. */
export function parseArray(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(each => typeof each === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The flags that stand first, `--name=value` or `--name`, each in `known`; and where the rest begins. */
export function takeFlags(
  line: Line,
  start: number,
  known: readonly string[],
): { flags: Map<string, Word>; rest: number } {
  const flags = new Map<string, Word>();
  let rest = start;
  for (const word of splitWords(line, start)) {
    const at = line.text.indexOf(word.text, rest);
    if (!word.text.startsWith('--')) {
      rest = at;
      break;
    }
    rest = at + word.text.length;
    if (word.text === '--') break;
    const { name, value } = splitPair(word);
    const key = name.text.slice(2);
    if (!known.includes(key))
      throw new ContainerfileError(
        word.place(0),
        `no such flag: ${name.text}`,
        nextFor(known.map(each => `--${each}`)),
      );
    if (flags.has(key)) throw new ContainerfileError(word.place(0), `${name.text} is given twice`);
    if (!value && key !== 'link') throw new ContainerfileError(word.place(0), `${name.text} wants a value`);
    flags.set(key, value ?? { ...word, text: 'true' });
  }
  return { flags, rest };
}

const nextFor = (names: string[]) => (names.length > 0 ? `there is ${names.join(', ')}` : 'it takes no flags');
