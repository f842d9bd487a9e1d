// TypeScript read without running it: where brackets close, how a list splits, and what text an expression may come to. It knows what the
// checks use, and calls the rest unknown: `…` stands for what is only known when the checks run.

export interface Code {
  source: string;
  /** Of the same length: what stands in literals, patterns and comments is blanked out, so that all other signs are the language's. */
  mask: string;
}

export interface Span {
  start: number;
  end: number;
}

/** What is taken to be so: conditions and whether they hold, and names and what stands for them. */
export interface Known {
  holds: Map<string, boolean>;
  names: Map<string, Span | string>;
}

export const nothingKnown = (): Known => ({ holds: new Map(), names: new Map() });

export function read(source: string): Code {
  let mask = '';
  for (let i = 0; i < source.length; ) {
    const end = skipped(source, i);
    const text = source.slice(i, Math.max(end, i + 1));
    const comment = text.startsWith('//') || text.startsWith('/*');
    // The first sign of a literal says what it is.
    mask += end === i ? text : comment ? ' '.repeat(text.length) : text.charAt(0) + '_'.repeat(text.length - 1);
    i += text.length;
  }
  return { source, mask };
}

/** The end of the literal, pattern or comment that begins here; `i` when none does. */
function skipped(source: string, i: number): number {
  const sign = source.charAt(i);
  if (source.startsWith('//', i)) return (source.indexOf('\n', i) + 1 || source.length + 1) - 1;
  if (source.startsWith('/*', i)) return source.indexOf('*/', i + 2) + 2;
  if (sign === '/') {
    if (!/(?:[(,=:[!&|?{};+~^>]|\breturn|^)\s*$/.test(source.slice(Math.max(0, i - 30), i))) return i;
    const pattern = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/.exec(source.slice(i, i + 500));
    return pattern ? i + pattern[0].length : i;
  }
  if (sign !== "'" && sign !== '"' && sign !== '`') return i;
  for (let at = i + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (sign === '`' && source.startsWith('${', at)) at = holeEnd(source, at + 2);
    else if (source[at] === sign) return at + 1;
  }
  return source.length;
}

/** The place of the brace that ends an expression in a template. It may hold literals, and they braces. */
function holeEnd(source: string, start: number): number {
  let open = 1;
  for (let i = start; i < source.length; i++) {
    if (source[i] === '{') open++;
    else if (source[i] === '}' && --open === 0) return i;
    else i = Math.max(skipped(source, i) - 1, i);
  }
  return source.length;
}

/** The bracket around this place that is not closed before it; -1 at the top. */
export function opening({ mask }: Code, index: number): number {
  let open = 0;
  for (let i = index - 1; i >= 0; i--) {
    const sign = mask.charAt(i);
    if (')]}'.includes(sign)) open++;
    else if ('([{'.includes(sign) && open-- === 0) return i;
  }
  return -1;
}

/** Where what opens here is closed. */
export function closing({ mask }: Code, bracket: number): number {
  let open = 0;
  for (let i = bracket; i < mask.length; i++) {
    const sign = mask.charAt(i);
    if ('([{'.includes(sign)) open++;
    else if (')]}'.includes(sign) && --open === 0) return i;
  }
  return mask.length;
}

/** The mask of a span in which the insides of brackets are blanked out too. */
export function flat(code: Code, { start, end }: Span): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const sign = code.mask.charAt(i);
    text += sign;
    if (!'([{'.includes(sign)) continue;
    const close = Math.min(closing(code, i), end);
    text += '_'.repeat(close - i - 1) + code.mask.slice(close, Math.min(close + 1, end));
    i = close;
  }
  return text;
}

/** What is listed in a span, between commas or other signs. */
export function split(code: Code, span: Span, by = /,/g): Span[] {
  const parts: Span[] = [];
  let { start } = span;
  for (const { index, 0: sign } of flat(code, span).matchAll(by)) {
    parts.push({ start, end: span.start + index });
    start = span.start + index + sign.length;
  }
  return [...parts, { start, end: span.end }].map(part => trimmed(code, part)).filter(part => part.end > part.start);
}

export const inside = (code: Code, bracket: number): Span => ({ start: bracket + 1, end: closing(code, bracket) });

export function trimmed({ mask }: Code, { start, end }: Span): Span {
  const text = mask.slice(start, end);
  return { start: start + text.length - text.trimStart().length, end: start + text.trimEnd().length };
}

export const textOf = ({ source }: Code, { start, end }: Span) => source.slice(start, end).replace(/\s+/g, ' ');

/** `a ? b : c`; null when it is none. */
export function choice(code: Code, span: Span): { condition: Span; yes: Span; no: Span } | null {
  const text = flat(code, span);
  const ask = /(?<!\?)\?(?![?.])/.exec(text)?.index ?? -1;
  let open = 0;
  for (let i = ask; ask >= 0 && i < text.length; i++) {
    if (text[i] === '?' && !'?.'.includes(text.charAt(i + 1)) && text[i - 1] !== '?') open++;
    if (text[i] !== ':' || --open > 0) continue;
    const [one, two, three] = [span.start + ask, span.start + i, span.end];
    const part = (start: number, end: number) => trimmed(code, { start, end });
    return { condition: part(span.start, one), yes: part(one + 1, two), no: part(two + 1, three) };
  }
  return null;
}
