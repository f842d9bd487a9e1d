// The forms that an instruction's arguments have, each read from where it begins in the line. Dockerfile reference
import { ContainerfileError } from './errors.ts';
import type { Command, Copy, From, Pair } from './instructions.ts';
import type { Line } from './lines.ts';
import { parseArray, splitPair, splitWords, type Word, wordAt } from './words.ts';

export function parseFrom(line: Line, start: number): Pick<From, 'image' | 'as'> {
  const [image, as, name, more] = splitWords(line, start);
  if (!image) throw new ContainerfileError(line.place(start), 'FROM wants an image');
  if (!as) return { image };
  if (as.text.toUpperCase() !== 'AS') throw new ContainerfileError(as.place(0), `AS was expected, not ${as.text}`);
  const what = name ? `a stage cannot be named ${name.text}` : 'AS wants a name';
  if (!name || !/^[a-z][a-z0-9_.-]*$/i.test(name.text))
    throw new ContainerfileError((name ?? as).place(0), what, 'a letter, then letters, digits, _ . -');
  if (more) throw new ContainerfileError(more.place(0), `nothing was expected behind the name, not ${more.text}`);
  return { image, as: name.text.toLowerCase() };
}

export function parseCopy(line: Line, start: number, kind: string): Pick<Copy, 'sources' | 'target'> {
  const words = listAt(line, start);
  const target = words.pop();
  if (!target || words.length === 0)
    throw new ContainerfileError(line.place(start), `${kind} wants a source and a target`);
  return { sources: words, target };
}

export function parseCommand(line: Line, start: number, kind: string): Command {
  const text = line.text.slice(start);
  const array = parseArray(text);
  if (kind === 'SHELL' && !array?.length)
    throw new ContainerfileError(
      line.place(start),
      'SHELL wants a list',
      'write it as ["/bin/sh", "-c"], in double quotes',
    );
  if (array?.length === 0 && kind === 'RUN') throw new ContainerfileError(line.place(start), 'RUN wants a command');
  if (array || line.documents.length === 0) return array ?? text;
  // Alone, a here-document is the script; else it is for the shell, to which it looks as it always does.
  const [only, ...others] = line.documents;
  if (only && others.length === 0 && splitWords(line, start).length === 1) {
    if (!only.content.startsWith('#!')) return only.content;
    throw new ContainerfileError(line.place(start), 'a script with an interpreter of its own cannot be run from here');
  }
  return `${text}\n${line.documents.map(({ name, content }) => `${content}${name}\n`).join('')}`;
}

export function parsePairs(line: Line, start: number, kind: string): Pair[] {
  const words = splitWords(line, start);
  const [first] = words;
  // The old form, a name and all the rest: `ENV name some value`.
  if (first && kind !== 'ARG' && !first.text.includes('=')) {
    const value = start + first.text.length + (/\s*/.exec(line.text.slice(start + first.text.length))?.[0].length ?? 0);
    if (words.length < 2)
      throw new ContainerfileError(first.place(0), `${kind} wants a value for ${first.text}`, 'name=value');
    return [{ name: first, value: wordAt(line, value) }];
  }
  return words.map(word => {
    const pair = splitPair(word);
    if (!pair.name.text) throw new ContainerfileError(word.place(0), 'there is no name before the =');
    if (!pair.value && kind !== 'ARG')
      throw new ContainerfileError(word.place(0), `= was expected behind ${word.text}`);
    return pair;
  });
}

/** Words, or a list of strings in which blanks are nothing special. */
export function listAt(line: Line, start: number): Word[] {
  // Of a list's strings neither blanks nor quotes mean anything; a variable still does.
  const literal = (text: string) =>
    text.replace(/['"\\`]/g, each => (each === '`' && line.escaper !== '`' ? each : line.escaper + each));
  const array = parseArray(line.text.slice(start));
  return array?.map(text => ({ ...wordAt(line, start), text: literal(text) })) ?? splitWords(line, start);
}
