// What the checks say to who makes a mistake: the words that stand beside a diagnosis's id in a lesson's checks, or in those of all lessons.
// Nobody wrote them down twice, so they are read from there. A finding names its diagnosis beside its words, often under a condition, in a
// table, or by way of a variable; a diagnosis that is registered has them in its function.
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
import { constant, holds, texts, unique } from './words.ts';

/** Each a possibility: what is known when a check runs decides between them. None, if the id is not there. `task` is the one that fails. */
export function saidOf(source: string, id: string, task: string): string[] {
  const code = read(source);
  const places = placesOf(code, id);
  const keys = places.flatMap(({ index, known }) => wordsOfKey(code, index, known));
  if (keys.length > 0) return unique(keys);
  const own = places.filter(({ index }) => [null, task].includes(taskAround(code, index)));
  const found = (own.length > 0 ? own : places).flatMap(({ index, known }) => wordsAt(code, index, known));
  if (found.length > 0 || places.length === 0) return unique(found);
  // A diagnosis that adds no words leaves the finding's: one of the task's.
  const call = code.source.indexOf(`task('${task}'`);
  return call < 0 ? [] : unique(wordsIn(code, inside(code, call + 'task'.length), nothingKnown()));
}

interface Place {
  index: number;
  known: Known;
}

function placesOf(code: Code, id: string): Place[] {
  const literals = [...code.source.matchAll(new RegExp(`'${id}'|^\\s+${id}(?=: )`, 'gm'))];
  const places = literals
    .map(({ index, 0: text }) => ({ index: index + text.length - text.trimStart().length, known: nothingKnown() }))
    .filter(({ index }) => code.mask[index] !== '_' && code.mask[index] !== ' ');
  return places.length > 0 ? places : composed(code, id);
}

/** An id that is put together: `${set}-too-large`. */
function composed(code: Code, id: string): Place[] {
  return [...code.source.matchAll(/`\$\{(\w+)\}([\w-]+)`/g)].flatMap(({ index, 1: name = '', 2: end = '' }) => {
    if (!id.endsWith(end) || code.mask[index] !== '`') return [];
    return [{ index, known: { ...nothingKnown(), names: new Map([[name, id.slice(0, -end.length)]]) } }];
  });
}

/** The id of the task whose body this is in. */
function taskAround(code: Code, index: number): string | null {
  let bracket = opening(code, index);
  for (let outer = bracket; outer >= 0; outer = opening(code, outer)) bracket = outer;
  return /\btask\($/.test(code.source.slice(0, bracket + 1))
    ? (/^\s*'([\w-]+)'/.exec(code.source.slice(bracket + 1))?.[1] ?? null)
    : null;
}

/** `'id': '…'` in a table of words: no others are meant. */
function wordsOfKey(code: Code, index: number, known: Known): string[] {
  const [key] = /^['\w-]+:\s*/.exec(code.mask.slice(index)) ?? [];
  const item = split(code, inside(code, opening(code, index))).find(each => each.start === index);
  return key === undefined || !item ? [] : texts(code, { start: index + key.length, end: item.end }, known);
}

/** The words that belong to this place: looked for in what is around it, from the inside out. */
function wordsAt(code: Code, index: number, before: Known, row: Span | null = null, far = 0): string[] {
  let known = before;
  let table = row;
  for (let at = index; ; ) {
    const bracket = opening(code, at);
    if (bracket < 0) return [];
    const isBlock =
      code.mask[bracket] === '{' &&
      /(?:[)>;{}]|\b(?:else|try|do|finally))$/.test(code.mask.slice(0, bracket).trimEnd().slice(-8));
    const items = split(code, inside(code, bracket), isBlock ? /;/g : /,/g);
    const item = items.find(each => each.start <= at && at < each.end) ?? inside(code, bracket);
    known = learned(code, item, at, known);
    if (isBlock)
      return far > 2 ? [] : wordsOfUse(code, { start: at, end: closing(code, bracket) }, item, known, table, far);
    const sign = code.mask[bracket];
    const direct = item.start === index;
    const found =
      sign === '{'
        ? wordsOfObject(code, items, item, index, known, table)
        : direct
          ? wordsOfList(code, bracket, items, known)
          : [];
    if (found.length > 0) return found;
    if (sign === '[') table ??= { start: bracket, end: closing(code, bracket) + 1 };
    if (sign === '(' && direct) return [];
    at = bracket;
  }
}

/** `{ did, means: '…', diagnosis: 'id' }`, or `{ id: 'id', explain: … }`. */
function wordsOfObject(code: Code, items: Span[], item: Span, index: number, known: Known, row: Span | null): string[] {
  const means = items.find(each => /^means\b/.test(code.mask.slice(each.start, each.end)));
  if (!means)
    return /^id: $/.test(code.source.slice(item.start, index)) ? items.flatMap(each => wordsIn(code, each, known)) : [];
  const [key = ''] = /^means:\s*/.exec(code.mask.slice(means.start, means.end)) ?? [];
  const value = { start: means.start + key.length, end: means.end };
  return texts(code, value, withRow(code, index, known, row));
}

/** `diagnosis('id', () => ({ means: '…' }))`, `refused('id', 'ENOENT', '…')`, `['id', lacking, '…']`. */
function wordsOfList(code: Code, bracket: number, items: Span[], known: Known): string[] {
  if (/\b(?:task|nonce)$/.test(code.mask.slice(0, bracket))) return [];
  const named = items.flatMap(each => wordsIn(code, each, known));
  if (named.length > 0) return named;
  const length = (all: string[]) => Math.max(0, ...all.map(text => text.split(' ').length));
  const longest = items.map(each => texts(code, each, known)).reduce((a, b) => (length(b) > length(a) ? b : a), []);
  return length(longest) > 3 ? longest : [];
}

/** Of every `means` in a span. */
function wordsIn(code: Code, { start, end }: Span, known: Known): string[] {
  return [...code.mask.slice(start, end).matchAll(/[{,\s]means(:\s*|(?=\s*[,}]))/g)].flatMap(
    ({ index, 0: head, 1: colon }) => {
      const at = start + index + 1;
      const group = opening(code, at);
      if (group < start || code.mask[group] !== '{') return [];
      const item = split(code, inside(code, group)).find(each => each.start === at);
      if (!item) return [];
      return texts(code, { start: colon ? start + index + head.length : at, end: item.end }, known);
    },
  );
}

/** The id is a variable's value, or in a table: the finding that has the variable says the rest. */
function wordsOfUse(code: Code, rest: Span, statement: Span, known: Known, row: Span | null, far: number): string[] {
  const start = code.mask.slice(statement.start, rest.start);
  const variable = [...start.matchAll(/\bconst (\w+)[^=\n]* =\s/g)].at(-1)?.[1] ?? 'id';
  const uses = code.mask
    .slice(rest.start, rest.end)
    .matchAll(new RegExp(`\\b(?:diagnosis: )?(?:${variable}|id|diagnosis)(?=\\s*[,})])`, 'g'));
  for (const { index } of uses) {
    const at = rest.start + index;
    const found = wordsAt(code, at, known, row, far + 1);
    if (found.length > 0) return found;
  }
  return [];
}

/** What holds where `at` is: the conditions on the way to it. */
function learned(code: Code, item: Span, at: number, known: Known): Known {
  const found: Known = { ...known, holds: new Map(known.holds) };
  const [head = ''] = /^(?:\.\.\.|(?:const )?[\w$]+(?::\s| = )\s*)/.exec(flat(code, item)) ?? [];
  let span = trimmed(code, { start: item.start + head.length, end: item.end });
  for (;;) {
    const chosen = choice(code, span);
    const next = chosen && [chosen.yes, chosen.no].find(each => each.start <= at && at < each.end);
    if (!chosen || !next) break;
    found.holds.set(textOf(code, chosen.condition), next === chosen.yes);
    span = next;
  }
  const parts = split(code, span, /&&/g);
  const mine = parts.findIndex(each => each.start <= at && at < each.end);
  for (const part of parts.slice(0, Math.max(mine, 0))) found.holds.set(textOf(code, part), true);
  return found;
}

/** In `for (const [a, b] of table) { … }`: what a and b are, if only one row can be meant. */
function withRow(code: Code, index: number, known: Known, row: Span | null): Known {
  for (let block = opening(code, index); block >= 0; block = opening(code, block)) {
    const close = code.mask.slice(0, block).trimEnd().length - 1;
    const header = code.mask[close] === ')' ? opening(code, close) : -1;
    const [head] = /^const \[_*\] of /.exec(header < 0 ? '' : flat(code, inside(code, header))) ?? [];
    if (head === undefined || code.mask[block] !== '{') continue;
    const names = split(code, inside(code, header + 1 + 'const '.length)).map(each => textOf(code, each));
    const table = trimmed(code, { start: header + 1 + head.length, end: close });
    const list = code.mask[table.start] === '[' ? table : constant(code, textOf(code, table), index);
    if (!list || code.mask[list.start] !== '[') continue;
    const rows = split(code, inside(code, list.start)).filter(each => code.mask[each.start] === '[');
    const meant = rows.filter(
      each => !row || rows.every(other => other.start !== row.start) || each.start === row.start,
    );
    const all = meant.map(each => {
      const cells = split(code, inside(code, each.start));
      const own = names.flatMap((name, i) => (cells[i] ? [[name, cells[i]] as const] : []));
      return { ...known, names: new Map([...known.names, ...own]) };
    });
    const possible = all.filter(each =>
      [...known.holds].every(([condition, is]) => holds(code, condition, each) !== !is),
    );
    // Where it may be any of them, what differs is left open.
    return (possible.length === 1 && possible[0]) || known;
  }
  return known;
}
