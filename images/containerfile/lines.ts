// A Containerfile's text into its lines, one for each instruction: directives, comments, continued lines, here-documents. Each
// remembers where its pieces stood. Dockerfile reference, "Format", "Parser directives", "Here-Documents"
import { ContainerfileError, type Place } from './errors.ts';
import { splitWords } from './words.ts';

/** A file whose content stands in the Containerfile itself. */
export interface HereDocument {
  name: string;
  content: string;
  /** Whether variables in it are replaced: not when its name was quoted. */
  expand: boolean;
}

/** One instruction, on however many lines it was written. */
export interface Line {
  text: string;
  /** The character that takes away another's meaning: `\`, or a backquote. */
  escaper: string;
  documents: HereDocument[];
  /** Where in the file the character at this offset is. */
  place(offset: number): Place;
}

const directive = /^\s*#\s*([a-z][a-z0-9-]*)\s*=\s*(.*?)\s*$/i;
const isComment = (line: string) => /^\s*#/.test(line);
const isBlank = (line: string) => line.trim() === '';

/** The lines that say something. `file` is the name for errors. Throws ContainerfileError. */
export function readLines(source: string, file: string): Line[] {
  const physical = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const escaper = readEscape(physical, file);
  // An escape that is itself escaped continues nothing.
  const continued = escaper === '\\' ? /(^|[^\\])\\[ \t]*$/ : /(^|[^`])`[ \t]*$/;
  const lines: Line[] = [];

  for (let n = 0; n < physical.length; n++) {
    if (isBlank(physical[n] ?? '') || isComment(physical[n] ?? '')) continue;
    const pieces: { at: number; line: number; column: number }[] = [];
    let text = '';
    for (;;) {
      const whole = physical[n] ?? '';
      const piece = pieces.length === 0 ? whole.trimStart() : whole;
      pieces.push({ at: text.length, line: n + 1, column: whole.length - piece.length + 1 });
      if (!continued.test(piece)) {
        text += piece;
        break;
      }
      text += piece.replace(/.[ \t]*$/, '');
      // Comments and empty lines in between are no part of it.
      do n++;
      while (n < physical.length && (isBlank(physical[n] ?? '') || isComment(physical[n] ?? '')));
      if (n >= physical.length) break;
    }
    const place = (offset: number): Place => {
      const { at, line, column } = pieces.findLast(piece => piece.at <= offset) ?? { at: 0, line: 1, column: 1 };
      return { file, line, column: column + offset - at };
    };
    const line: Line = { text: text.trimEnd(), escaper, documents: [], place };
    n = readDocuments(line, physical, n);
    lines.push(line);
  }
  return lines;
}

/** Directives stand before everything else; this one says which character escapes. */
function readEscape(physical: string[], file: string): string {
  for (const [n, line] of physical.entries()) {
    const [, name = '', value = ''] = directive.exec(line) ?? [];
    if (!name) break;
    if (name.toLowerCase() !== 'escape') continue;
    if (value === '\\' || value === '`') return value;
    const place = { file, line: n + 1, column: line.indexOf('=') + 2 };
    throw new ContainerfileError(place, `the escape character is \\ or \`, not ${JSON.stringify(value)}`);
  }
  return '\\';
}

/** Takes what the line announces with `<<NAME` from the lines behind number `n`. Returns the number of the last one taken. */
function readDocuments(line: Line, physical: string[], n: number): number {
  if (!/^(RUN|COPY|ADD)\s/i.test(line.text) || !line.text.includes('<<')) return n;
  for (const word of splitWords(line, 0)) {
    const [, dash, quote = '', name = ''] = /^\d*<<(-?)(["']?)([a-zA-Z_][\w.-]*)\2$/.exec(word.text) ?? [];
    if (!name) continue;
    const body: string[] = [];
    for (;;) {
      n++;
      if (n >= physical.length)
        throw new ContainerfileError(word.place(0), `the here-document ${name} has no end`, `add a line ${name}`);
      const text = dash ? (physical[n] ?? '').replace(/^\t+/, '') : (physical[n] ?? '');
      if (text === name) break;
      body.push(`${text}\n`);
    }
    line.documents.push({ name, content: body.join(''), expand: quote === '' });
  }
  return n;
}
