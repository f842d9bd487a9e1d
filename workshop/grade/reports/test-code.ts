// The source of a check, for formats that show it with its verdict. Checks are no secret: they are in everybody's repository.
import { existsSync, readFileSync } from 'node:fs';
import type { Lesson } from '../../lessons.ts';

const sources = new Map<string, string>();

/** From `task('id', …` to the end of that statement, as it stands at the left margin; null where there is none. */
export function testCode(lesson: Lesson | null, id: string): string | null {
  const path = lesson?.files.checks;
  if (!path || !existsSync(path)) return null;
  const source = sources.get(path) ?? readFileSync(path, 'utf8');
  sources.set(path, source);
  const lines = source.split('\n');
  const begins = lines.findIndex((line, i) => {
    return line.startsWith(`task('${id}',`) || (line === 'task(' && lines[i + 1]?.trim() === `'${id}',`);
  });
  if (begins < 0) return null;
  const ends = lines.findIndex((line, i) => i >= begins && /^\S.*;$/.test(line));
  return ends < 0 ? null : lines.slice(begins, ends + 1).join('\n');
}

/** The checks' file, relative to the repository. */
export const testFile = ({ name, slug }: Lesson) => `lessons/${name}/${slug}.test.ts`;
