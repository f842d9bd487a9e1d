// The names of the lessons, for who needs no more of them: `box`, at each start. What is in them, lessons.ts reads.
import { existsSync, readdirSync } from 'node:fs';
import { home } from './paths.ts';

/** '03-mount-namespace' and the others, in order. */
export function lessonNames(): string[] {
  const folder = `${home}/lessons`;
  return readdirSync(folder)
    .filter(name => /^\d\d-[a-z0-9-]+$/.test(name) && existsSync(`${folder}/${name}/README.md`))
    .sort();
}

/** '03' */
export const numberOf = (name: string) => name.slice(0, 2);
