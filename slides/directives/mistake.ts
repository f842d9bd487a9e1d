// {{mistake chroot}}: in the notes, a known wrong answer: the thought behind it, and what the checks will say. Both are drawn from where
// they are proven: the mistake's first lines, and the diagnosis that the contract test demands of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Lesson } from '../../workshop/lessons.ts';
import { home } from '../../workshop/paths.ts';
import { inlineMarkdown } from '../render/markdown.ts';
import { type Directive, lessonOf } from './directive.ts';
import { saidOf } from './said.ts';

export const mistake: Directive = {
  usage: '{{mistake name}}',
  where: 'notes',
  render([name = ''], at) {
    const { thought, means } = readMistake(lessonOf(at), name);
    const says = means.map(inlineMarkdown).join(' <i>or</i> ');
    return `<div class="mistake"><p><b>Expect</b> ${inlineMarkdown(thought)}</p>\n<p><b>What the checks say</b> ${says}</p></div>\n`;
  },
};

export interface Mistake {
  /** What leads people to it. */
  thought: string;
  /** The diagnosis's id. */
  diagnosis: string;
  /** Its words, with `…` for what is known only then; several where what was found decides between them. */
  means: string[];
}

export function readMistake(lesson: Lesson, name: string): Mistake {
  const file = `${lesson.files.mistakes}/${name}.ts`;
  if (!/^[\w-]+$/.test(name) || !existsSync(file)) {
    const known = readdirSync(lesson.files.mistakes).map(each => each.replace(/\.ts$/, ''));
    throw new Error(`there is no mistake ${JSON.stringify(name)} of lesson ${lesson.number}: ${known.join(', ')}`);
  }
  const [, task = '', diagnosis = '', lines = ''] =
    /^\/\/ rejected by: (\S+)\n\/\/ diagnosis: (\S+)\n((?:\/\/.*\n)+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  // Below may follow the file's own first lines, as the learner has them.
  const thought = lines
    .replace(/^\/\/ Lesson \d\d: .*/ms, '')
    .replace(/^\/\/ ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { thought, diagnosis, means: meansOf(lesson, diagnosis, task) };
}

/** A lesson's own diagnoses come first, then those of all lessons. */
function meansOf(lesson: Lesson, id: string, task: string): string[] {
  for (const file of [lesson.files.checks, `${home}/workshop/check/diagnoses.ts`]) {
    const found = saidOf(readFileSync(file, 'utf8'), id, task);
    if (found.length > 0) return found;
  }
  throw new Error(`the checks of lesson ${lesson.number} have no words for the diagnosis ${id}`);
}
