// The few shapes that all drawings are made of, as strings. Every text goes through `label`, which cuts and escapes it; every part that
// explains itself through `part`.
import { cut, escaped, type Face, isMeasured, widthOf, wrap } from './text.ts';

/** What each drawing returns; index.ts puts the frame around it. */
export interface Drawn {
  title: string;
  /** '05': the lesson that builds most of it. */
  lesson: string | null;
  body: string;
  height: number;
  /** The same in words, a fact to a line. */
  text: string[];
}

/** Left and right of everything. */
export const margin = (width: number): number => (width < 520 ? 8 : 16);

const n = (value: number): string => String(Math.round(value * 10) / 10);

export function box(x: number, y: number, width: number, height: number, kind: string, round = 4): string {
  return `<rect class="${kind}" x="${n(x)}" y="${n(y)}" width="${n(Math.max(width, 0))}" height="${n(height)}" rx="${round}"/>`;
}

export const path = (d: (string | number)[], kind: string): string =>
  `<path class="${kind}" d="${d.map(each => (typeof each === 'number' ? n(each) : each)).join(' ')}"/>`;

export const dot = (x: number, y: number, kind: string, radius = 4): string =>
  `<circle class="${kind}" cx="${n(x)}" cy="${n(y)}" r="${radius}"/>`;

export interface LabelOptions {
  /** Where it ends at the latest; it is cut to that. */
  width: number;
  kind?: string;
  anchor?: 'start' | 'middle' | 'end';
  keep?: 'end' | 'middle';
}

/** One line; `y` is its baseline. */
export function label(face: Face, x: number, y: number, text: string, options: LabelOptions): string {
  const { width, kind = '', anchor = 'start', keep } = options;
  const shown = cut(text, width, face, keep);
  if (!shown || width <= 0) return '';
  // In a script that was not measured here, fonts differ by more than a little: then it is drawn as wide as it was thought.
  const fixed = isMeasured(shown)
    ? ''
    : ` textLength="${n(Math.min(widthOf(shown, face), width))}" lengthAdjust="spacingAndGlyphs"`;
  const side = anchor === 'start' ? '' : ` ${anchor}`;
  return `<text class="${face}${side}${kind && ` ${kind}`}" x="${n(x)}" y="${n(y)}"${fixed}>${escaped(shown)}</text>`;
}

/** Several lines, 17 pixels apart; `y` is the first one's baseline. Returns also the next one's. */
export function paragraph(
  face: Face,
  x: number,
  y: number,
  text: string,
  width: number,
  kind = '',
  most = 99,
): [string, number] {
  const lines = wrap(text, width, face, most);
  return [lines.map((line, i) => label(face, x, y + 17 * i, line, { width, kind })).join(''), y + 17 * lines.length];
}

/**
 * What can be pointed at: `explain` is a key of explain.ts, `id` the same part in the next drawing of the same thing, `words` its values
 * in words, in full. `minor` ones are reached by the arrow keys, the others by Tab as well.
 */
export function part(explain: string, id: string, words: string, content: string, minor = false): string {
  const attributes = `data-explain="${escaped(explain)}" data-part="${escaped(id)}" tabindex="${minor ? -1 : 0}" role="img"`;
  return `<g class="part" ${attributes} aria-label="${escaped(words)}">${content}</g>\n`;
}

/** A heading above something. */
export const heading = (x: number, y: number, text: string, width: number): string =>
  label('strong', x, y, text, { width });

/** Coloured squares with what they mean, in as many rows as they need. Returns also the height. */
export function legend(
  x: number,
  y: number,
  width: number,
  entries: [kind: string, words: string][],
): [string, number] {
  let [left, top, drawn] = [x, y, ''];
  for (const [kind, words] of entries) {
    const room = 24 + widthOf(words, 'small') + 18;
    if (left > x && left + room - 18 > x + width) [left, top] = [x, top + 22];
    drawn +=
      box(left, top, 16, 14, kind, 3) + label('small', left + 24, top + 11.5, words, { width: x + width - left - 24 });
    left += room;
  }
  return [drawn, top + 18 - y];
}

/** Parts side by side, in as many rows as they need: `draw` gets its place. Returns also the height. */
export function flow<T>(
  items: T[],
  x: number,
  y: number,
  width: number,
  draw: (item: T, x: number, y: number, most: number) => [string, number],
): [string, number] {
  let [left, top, drawn] = [x, y, ''];
  for (const item of items) {
    let [svg, wide] = draw(item, left, top, x + width - left);
    const [, free] = draw(item, left, top, width);
    if (left > x && left + free > x + width) {
      [left, top] = [x, top + 28];
      [svg, wide] = draw(item, left, top, width);
    }
    drawn += svg;
    left += wide + 6;
  }
  return [drawn, items.length > 0 ? top + 22 - y : 0];
}
