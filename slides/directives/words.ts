// What text an expression of the checks may come to: several where it depends on something that is not known.
import {
  type Code,
  choice,
  closing,
  flat,
  inside,
  type Known,
  nothingKnown,
  opening,
  read,
  type Span,
  split,
  textOf,
  trimmed,
} from './syntax.ts';

/** More than these are no help to who reads them. */
const most = 4;

export function texts(code: Code, expression: Span, known: Known): string[] {
  const span = trimmed(code, expression);
  const { mask, source } = code;
  const sign = mask.charAt(span.start);
  if (sign === '(' && closing(code, span.start) === span.end - 1) return texts(code, inside(code, span.start), known);
  const shape = flat(code, span);
  const [head] = /^(?:async )?(?:\(_*\)|\w+)\s*=>\s*/.exec(shape) ?? [];
  if (head !== undefined) return returned(code, { start: span.start + head.length, end: span.end }, known);
  const chosen = choice(code, span);
  if (chosen) {
    const is = holds(code, textOf(code, chosen.condition), known);
    const either = [...(is === false ? [] : [chosen.yes]), ...(is === true ? [] : [chosen.no])];
    return unique(either.flatMap(each => texts(code, each, known)));
  }
  if (/\|\||\?\?/.test(shape)) return unique(split(code, span, /\|\||\?\?/g).flatMap(each => texts(code, each, known)));
  if (shape.includes('&&')) return texts(code, split(code, span, /&&/g).at(-1) ?? span, known);
  const parts = split(code, span, /\+/g);
  if (parts.length > 1) return joined(parts.map(each => or(texts(code, each, known), '…')));
  if (sign === "'" || sign === '"' || sign === '`') {
    // What is done to a literal, `.replace(…)` say, changes no word of it.
    const literal = { start: span.start, end: span.start + (/^._*/.exec(shape)?.[0].length ?? 0) };
    return sign === '`' ? template(code, literal, known) : [plain(source.slice(literal.start + 1, literal.end - 1))];
  }
  const [, name = '', indexed] = /^(\w+)(\[_*\])?$/.exec(shape) ?? [];
  return name === '' ? [] : named(code, name, span.start, indexed !== undefined, known);
}

/** Whether a condition holds; undefined when nobody knows. */
export function holds(code: Code, condition: string, known: Known): boolean | undefined {
  const given = known.holds.get(condition);
  const [, name = '', literal] = /^(\w+) === '([^']*)'$/.exec(condition) ?? [];
  const cell = known.names.get(name);
  if (literal !== undefined && cell !== undefined) {
    const [value] = typeof cell === 'string' ? [cell] : texts(code, cell, nothingKnown());
    return value === undefined ? given : value === literal;
  }
  if (given !== undefined) return given;
  const [, nothing] = /^(.+) > 0$/.exec(condition) ?? [];
  if (nothing !== undefined && known.holds.get(`${nothing} === 0`)) return false;
  const parts = condition.split(' && ').map(each => known.holds.get(each));
  return parts.includes(false) ? false : parts.every(each => each === true) ? true : undefined;
}

/** What a function comes to: its expression, or what its body returns. */
function returned(code: Code, body: Span, known: Known): string[] {
  if (code.mask[body.start] !== '{') return texts(code, body, known);
  const found = [...code.mask.slice(body.start, body.end).matchAll(/\breturn\s/g)].flatMap(({ index, 0: word }) => {
    const start = body.start + index + word.length;
    const end = start + flat(code, { start, end: body.end }).search(/;|$/);
    return texts(code, { start, end }, known);
  });
  return unique(found);
}

function template(code: Code, span: Span, known: Known): string[] {
  const parts: string[][] = [];
  let from = span.start + 1;
  const body = code.source.slice(0, span.end - 1);
  for (let i = from; i < body.length; i++) {
    if (body[i] === '\\') i++;
    else if (body.startsWith('${', i)) {
      parts.push([plain(body.slice(from, i))]);
      // The mask has blanked the hole: it is read anew, by itself.
      const hole = read(`{${code.source.slice(i + 2, span.end)}`);
      const end = closing(hole, 0);
      parts.push(filled(code, hole, { start: 1, end }, i, known));
      i += end;
      i += 1;
      from = i + 1;
    }
  }
  return joined([...parts, [plain(body.slice(from))]]);
}

/** A hole of a template: a name is looked up where the template stands. */
function filled(code: Code, hole: Code, span: Span, at: number, known: Known): string[] {
  const name = /^\w+$/.exec(textOf(hole, span))?.[0];
  const found = name === undefined ? texts(hole, span, known) : named(code, name, at, false, known);
  return or(found, '…');
}

/** What a name stands for: something known, else the constant of that name that is in scope. */
function named(code: Code, name: string, at: number, indexed: boolean, known: Known): string[] {
  const given = known.names.get(name);
  if (typeof given === 'string') return [given];
  const value = given ?? constant(code, name, at);
  if (!value) return [];
  if (!indexed) return texts(code, value, known);
  const bracket = code.mask.charAt(value.start);
  if (bracket !== '{' && bracket !== '[') return [];
  const values = split(code, inside(code, value.start)).map(item => {
    const [key = ''] = /^[^:?]*:/.exec(flat(code, item)) ?? [];
    return { start: item.start + key.length, end: item.end };
  });
  return unique(values.flatMap(each => texts(code, each, known)));
}

/** The value of the nearest `const name =` above whose block this place is in. */
export function constant(code: Code, name: string, at: number): Span | null {
  const all = [...code.mask.matchAll(new RegExp(`\\bconst ${name}(?:: [^=\\n]+)? =\\s*`, 'g'))];
  for (const { index, 0: head } of all.reverse()) {
    const block = opening(code, index);
    if (block >= 0 && (at < block || at > closing(code, block))) continue;
    if (block >= 0 && index > at) continue;
    const start = index + head.length;
    const end = start + flat(code, { start, end: code.mask.length }).search(/;|$/);
    return trimmed(code, { start, end });
  }
  return null;
}

const joined = (parts: string[][]): string[] =>
  parts.reduce((sum, part) => sum.flatMap(before => part.map(text => before + text)).slice(0, most), ['']);

const or = (found: string[], other: string) => (found.length > 0 ? found : [other]);

export const unique = (all: string[]) => [...new Set(all)].slice(0, most);

/** Without escapes, on one line. */
const plain = (text: string) =>
  text.replace(/\\\n/g, '').replace(/\\(.)/gs, (_, sign: string) => (sign === 'n' ? ' ' : sign));
