// What leads people to a mistake, in a sentence: the solutions' folders keep every known one, with the thought behind it in its first
// lines.
import { readdirSync, readFileSync } from 'node:fs';
import type { Lesson } from '../lessons.ts';

const read = new Map<string, Map<string, string>>();

/** Null for a diagnosis that no mistake of the lesson earns: those that any lesson can meet. */
export function thoughtBehind(lesson: Lesson, diagnosis: string): string | null {
  const known = read.get(lesson.files.mistakes) ?? readAll(lesson.files.mistakes);
  read.set(lesson.files.mistakes, known);
  return known.get(diagnosis) ?? null;
}

function readAll(folder: string): Map<string, string> {
  const thoughts = new Map<string, string>();
  for (const file of filesIn(folder)) {
    const [, id, lines = ''] =
      /^\/\/ diagnosis: (\S+)\n((?:\/\/.*\n)+)/m.exec(readFileSync(`${folder}/${file}`, 'utf8')) ?? [];
    if (id && !thoughts.has(id))
      thoughts.set(
        id,
        lines
          .replace(/^\/\/ ?/gm, '')
          .replace(/\s+/g, ' ')
          .trim(),
      );
  }
  return thoughts;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
