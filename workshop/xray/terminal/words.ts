// Words of an x-ray for a terminal: others' names made harmless, and one layout for all sections.
import chalk from 'chalk';
import { cells, harmless, padTo, wrap } from '../../terminal/text.ts';

/** A name or a command line of somebody's on one line: no control character, and none that turns the direction of writing, gets through. */
export const shown = (text: string): string =>
  harmless(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')).replace(
    /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    char => `\\u${char.charCodeAt(0).toString(16)}`,
  );

/** At most so many cells, the last one '…' where something was cut off. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text;
  let kept = '';
  for (const char of text) {
    if (cells(kept + char) > Math.max(width, 1) - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** The middle is left out: of a path, the end says most. */
export function cutMiddle(text: string, width: number): string {
  if (cells(text) <= width) return text;
  const half = Math.max(Math.floor((width - 1) / 3), 1);
  return `${text.slice(0, half)}…${text.slice(text.length - Math.max(width - 1 - half, 1))}`;
}

export interface Section {
  title: string;
  /** Which lesson builds it. */
  lesson?: string | undefined;
  lines: string[];
}

export function heading({ title, lesson }: Section, width: number): string {
  const room = width - cells(title);
  if (room < 2) return chalk.bold(cut(title, width));
  const right = lesson && room > 14 ? `lesson ${lesson}` : '';
  const rule = '─'.repeat(Math.max(width - cells(title) - cells(right) - (right ? 2 : 1), 0));
  return `${chalk.bold(title)} ${chalk.dim(right ? `${rule} ${right}` : rule)}`;
}

/** 'memory     12 MiB of 64 MiB': a word, and what there is to say of it, which may take several lines. */
export function row(label: string, text: string, width: number, label_width = 14): string[] {
  const room = width - label_width - 2;
  if (room < 24) return [`  ${chalk.dim(label)}`, ...wrap(text, width - 4).map(line => `    ${line}`)];
  return wrap(text, room).map((line, i) => `  ${chalk.dim(padTo(i === 0 ? label : '', label_width))}${line}`);
}
