// {{mistake chroot}}: in the notes, a known wrong answer: the thought behind it, and what the checks will say. Both are drawn from where
// they are proven: the mistake's first lines, and the diagnosis that the contract test demands of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Lesson } from '../../workshop/lessons.ts';
import { home } from '../../workshop/paths.ts';
import { inlineMarkdown } from '../render/markdown.ts';
import { type Directive, lessonOf } from './directive.ts';
import { stringsFrom } from './strings.ts';

export const mistake: Directive = {
  usage: '{{mistake name}}',
  where: 'notes',
  render([name = ''], at) {
    const lesson = lessonOf(at);
    const { thought, diagnosis, means } = readMistake(lesson, name);
    const says = means
      ? `<p><b>What the checks say</b> ${inlineMarkdown(means)}</p>`
      : `<p><b>The diagnosis</b> ${diagnosis}</p>`;
    return `<div class="mistake"><p><b>Expect</b> ${inlineMarkdown(thought)}</p>\n${says}</div>\n`;
  },
};

export interface Mistake {
  /** What leads people to it. */
  thought: string;
  /** The diagnosis's id. */
  diagnosis: string;
  /** Its words; null where they depend on what was found. */
  means: string | null;
}

export function readMistake(lesson: Lesson, name: string): Mistake {
  const file = `${lesson.files.mistakes}/${name}.ts`;
  if (!/^[\w-]+$/.test(name) || !existsSync(file)) {
    const known = readdirSync(lesson.files.mistakes).map(each => each.replace(/\.ts$/, ''));
    throw new Error(`there is no mistake ${JSON.stringify(name)} of lesson ${lesson.number}: ${known.join(', ')}`);
  }
  const [, diagnosis = '', lines = ''] =
    /^\/\/ diagnosis: (\S+)\n((?:\/\/.*\n)+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  const thought = lines
    .replace(/^\/\/ ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { thought, diagnosis, means: meansOf(lesson, diagnosis) };
}

/** A lesson's own diagnoses come first, then those of all lessons. */
function meansOf(lesson: Lesson, id: string): string | null {
  for (const file of [lesson.files.checks, `${home}/workshop/check/diagnoses.ts`]) {
    const source = readFileSync(file, 'utf8');
    for (const { index } of source.matchAll(new RegExp(`(?:'${id}'|^\\s+${id}(?=:))`, 'gm'))) {
      const found = meansAt(source, index);
      if (found) return found;
    }
  }
  return null;
}

/** The words beside one place that names a diagnosis: an entry of a list, a finding that names it, or the call that makes it. */
function meansAt(source: string, index: number): string | null {
  const after = source.slice(index).replace(/^\s*'?[\w-]+'?/, '');
  const [entry] = /^:\s*/.exec(after) ?? [];
  if (entry !== undefined) return stringsFrom(after.slice(entry.length));
  const before = source.slice(0, index);
  if (/\bdiagnosis:\s*$/.test(before)) {
    const at = before.lastIndexOf('means:');
    return at < 0 || index - at > 600 ? null : stringsFrom(before.slice(at + 6).trimStart());
  }
  if (!/(\(|\bid:)\s*$/.test(before)) return null;
  const end = after.search(/^(diagnosis\(|\}\);|\);| {2}\},| {2}refused\()/m);
  const body = end < 0 ? after : after.slice(0, end);
  const means = /\bmeans:\s*/.exec(body);
  if (means) return stringsFrom(body.slice(means.index + means[0].length));
  // refused(id, call, errno, means, look)
  const [other] = /^,(\s*'[^'\n]*',){2}\s*/.exec(body) ?? [];
  return other !== undefined ? stringsFrom(body.slice(other.length)) : null;
}
