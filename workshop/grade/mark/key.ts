// What a mark is a mark of: these texts, judged by these checks.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Lesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import type { Bounds, Submission } from '../types.ts';

/** All that has a say in a verdict. */
const sources = [
  'lessons',
  'solutions',
  'linux',
  'images',
  'helper-c',
  'workshop/check',
  'workshop/sandbox',
  'workshop/grade/mark',
];
const isSource = (name: string) => /\.(ts|c|h)$/.test(name) || /^lessons\/[^/]*\/README\.md$/.test(name);

let known: string | undefined;

/** Of the checks as they lie here. Once a process: a grader that runs goes by the checks that it began with. */
function digestOfChecks(): string {
  if (known) return known;
  const hash = createHash('sha256');
  const files = sources
    .flatMap(folder =>
      readdirSync(`${home}/${folder}`, { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`),
    )
    .filter(name => isSource(name) && !name.includes('/mistakes/'))
    .sort();
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(readFileSync(`${home}/${name}`))
      .update('\0');
  known = hash.digest('hex');
  return known;
}

/** The same for the same texts of these lessons, checks and bounds. */
export function keyOf(submission: Submission, lessons: Lesson[], { seconds, memory, output }: Bounds): string {
  const texts = lessons.map(({ name }) => [name, submission.files[name] ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([digestOfChecks(), texts, seconds, memory, output]))
    .digest('hex');
}
