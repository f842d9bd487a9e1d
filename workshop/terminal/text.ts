// Text in cells of a terminal: how wide it is, and where its lines break.
import { stripVTControlCharacters } from 'node:util';

/** What a reader's eye follows with ease; a wider terminal is not filled. */
const widest = 100;

/** The columns to write in. */
export function columns(most = widest): number {
  return Math.min(process.stdout.columns || Number(process.env.COLUMNS) || 80, most);
}

const graphemes = new Intl.Segmenter('en');
const wide = /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;

/** Cells that a text of one line takes; colours take none. */
export function cells(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let sum = 0;
  for (const { segment } of graphemes.segment(plain)) sum += wide.test(segment) ? 2 : 1;
  return sum;
}

/**
 * Breaks lines at spaces so that none is wider than `width`, and within a word where it must be. Spaces inside a line stay, those at a
 * break go. Lines after a break begin with `hang`.
 */
export function wrap(text: string, width: number, hang = ''): string[] {
  return text.split('\n').flatMap(line => wrapLine(line, Math.max(width, 12), hang));
}

function wrapLine(line: string, width: number, hang: string): string[] {
  if (cells(line) <= width) return [line.trimEnd()];
  const lines: string[] = [];
  let current = '';
  for (const piece of line.split(/(?<= )(?=[^ ])/)) {
    let rest = piece;
    if (current.trim() && cells(current + rest.trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = hang;
    }
    // A coloured word is never cut, lest an escape sequence be.
    while (cells(current + rest.trimEnd()) > width && !rest.includes('\u001b')) {
      const room = Math.max(width - cells(current), 1);
      lines.push(current + rest.slice(0, room));
      [current, rest] = [hang, rest.slice(room)];
    }
    current += rest;
  }
  if (current.trim()) lines.push(current.trimEnd());
  return lines;
}

/** `left` and `right` at the two ends of a line. */
export function spread(left: string, right: string, width: number): string {
  return left + ' '.repeat(Math.max(width - cells(left) - cells(right), 2)) + right;
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - cells(text), 0));
}

/** What others' code printed, without the power to move the cursor or to change colours: controls are shown by number. */
export function harmless(text: string): string {
  const shown = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return text.replaceAll('\t', '  ').replace(/[^\P{Cc}\n]/gu, shown);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** '0.21 s' */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9_995 ? 2 : 1)} s`;
}
