// Texts that a learner's code may have had a hand in, made fit to be printed anywhere: bounded, without the characters that move a
// cursor, turn the direction of writing or cannot stand in XML. What a format itself takes for markup is that format's to escape.
import type { Grade } from '../types.ts';

/** Of one text, in characters. Four of them in UTF-8 stay under the 65,535 bytes that Exercism allows a message. */
const longest = 3000;
/** Of one list, such as the files that were refused. */
const most = 50;

/** Controls, format characters (bidi and zero-width among them), lone surrogates, private and unassigned ones, line separators. */
const unprintable = /[^\P{C}\n]|[\u2028\u2029]/gu;
/** More marks on one letter than any script has need of climb into the lines above. */
const piledUp = /(\p{M}{4})\p{M}+/gu;

/** Unprintable characters are shown by number. A text that is too long is cut, and says so. */
export function clean(text: string, limit = longest): string {
  const plain = text.length <= limit ? text : text.slice(0, limit);
  const shown = plain
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '  ')
    .replace(piledUp, '$1')
    .replace(unprintable, byNumber);
  if (text.length <= limit && shown.length <= limit) return shown;
  return `${cut(shown, limit)} … (cut here; it has ${text.length} characters)`;
}

function byNumber(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Never in the middle of a pair of surrogates, which by now are the only ones. */
function cut(text: string, limit: number): string {
  const end = /[\ud800-\udbff]/.test(text[limit - 1] ?? '') ? limit - 1 : limit;
  return text.slice(0, end);
}

/** The same grade with every text in it clean: what all the reports are made from. */
export function cleanGrade(grade: Grade): Grade {
  return walk(grade) as Grade;
}

function walk(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) {
    // Lists of lessons and tasks are as long as we made them; those of texts may be the learner's doing.
    const tooLong = value.length > most && typeof value[0] === 'string';
    return tooLong ? [...value.slice(0, most).map(walk), `and ${value.length - most} more`] : value.map(walk);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each)]));
}
