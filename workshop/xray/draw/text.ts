// Text in a drawing, without a browser to measure it: how wide it will be, where to cut it, and how to keep a hostile name a name. Names
// of files, processes and links come from containers; whatever is in them must end as characters on the picture.

/** Sizes in pixels; the classes of style.ts say the same. */
export const faces = {
  text: { size: 14, mono: false, bold: false },
  small: { size: 12, mono: false, bold: false },
  strong: { size: 14, mono: false, bold: true },
  big: { size: 22, mono: false, bold: true },
  mono: { size: 13, mono: true, bold: false },
  code: { size: 12, mono: true, bold: false },
};
export type Face = keyof typeof faces;

/** Of DejaVu Sans, one of the widest faces in use, in hundredths of the size: space to tilde. What fits with it, fits. */
const widths = [
  32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
  84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62,
  69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60,
  82, 60, 60, 53, 64, 34, 64, 84,
];
const others: Record<string, number> = {
  '’': 32,
  '“': 52,
  '”': 52,
  '…': 100,
  '·': 32,
  '–': 50,
  '×': 84,
  '→': 84,
  '←': 84,
  '↓': 84,
};
const widest = 110;
/** Latin with accents, Greek, Cyrillic: fonts have them in the usual widths, more or less. */
const isEuropean = (each: string) => each >= '\u00a0' && each < '\u0530';

/** Whether its width is known, in any font: else the drawing tells the browser which width to use. */
export const isMeasured = (text: string): boolean => /^[ -~’“”…·–×→←]*$/.test(text);

/** In pixels, rather too much than too little. */
export function widthOf(text: string, face: Face): number {
  const { size, mono, bold } = faces[face];
  let sum = 0;
  for (const each of text) {
    const known = widths[each.charCodeAt(0) - 32] ?? others[each];
    sum += mono
      ? known || isEuropean(each)
        ? 61
        : widest
      : (known ?? (isEuropean(each) ? 80 : widest)) + (bold ? 9 : 0);
  }
  return (sum * size) / 100;
}

/**
 * What cannot be seen is shown as an escape: control characters, those that turn the direction of reading round, joiners, halves of a pair,
 * marks around a letter, and more than two on one. What is left is also what XML allows.
 */
export function visible(text: string): string {
  return text
    .replace(/\p{Mn}{3,}/gu, marks => `${[...marks].slice(0, 2).join('')}…`)
    .replace(/[\p{C}\p{Zl}\p{Zp}\p{Me}]/gu, each => {
      const code = each.codePointAt(0) ?? 0;
      if (code === 10) return '\\n';
      if (code === 9) return '\\t';
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    });
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For XML and HTML, content and attributes alike. */
export const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, each => entities[each] ?? '');

/** Within `width` pixels, with … at its end, or in its middle where the end says more, as in a path. */
export function cut(text: string, width: number, face: Face, where: 'end' | 'middle' = 'end'): string {
  const room = width - widthOf('…', face);
  // Nothing is thinner than a quarter of its size: more than this many characters never fit.
  const most = Math.max(Math.ceil((width / faces[face].size) * 4), 1);
  const clean = visible(text.length > 4 * most ? `${text.slice(0, 2 * most)}${text.slice(-2 * most)}` : text);
  if (text.length <= 4 * most && widthOf(clean, face) <= width) return clean;
  const all = [...clean];
  const tail = where === 'end' ? 0 : room * 0.6;
  let [to, from, sum] = [0, all.length, 0];
  while (from > 0 && sum + widthOf(all[from - 1] ?? '', face) <= tail) sum += widthOf(all[--from] ?? '', face);
  while (to < from && sum + widthOf(all[to] ?? '', face) <= room) sum += widthOf(all[to++] ?? '', face);
  return `${all.slice(0, to).join('')}…${all.slice(from).join('')}`;
}

/** In lines of at most `width` pixels, at most `most` of them; words that are too long are broken. */
export function wrap(text: string, width: number, face: Face, most = 99): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text.slice(0, 4000))
    .split(' ')
    .flatMap(each => broken(each, width, face))) {
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer, face) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), cut(`${lines.slice(most - 1).join(' ')}  `, width, face)];
}

function broken(word: string, width: number, face: Face): string[] {
  const pieces: string[] = [''];
  for (const each of word) {
    const last = pieces.at(-1) ?? '';
    if (last && widthOf(last + each, face) > width) pieces.push(each);
    else pieces[pieces.length - 1] = last + each;
  }
  return pieces;
}
