// The learner's file against the solution, as a unified diff.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import chalk from 'chalk';
import { createTwoFilesPatch } from 'diff';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';

/** Null when the two are equal. */
export function differences(lesson: Lesson): string | null {
  const [mine, solution] = [lesson.files.lesson, lesson.files.solution].map(path => readFileSync(path, 'utf8'));
  if (mine === undefined || solution === undefined || mine === solution) return null;
  const [from, to] = [lesson.files.lesson, lesson.files.solution].map(path => relative(home, path));
  return createTwoFilesPatch(`${from}`, `${to}`, mine, solution).replace(/^=+\n/, '');
}

export function colourDiff(diff: string): string {
  const lines = diff.trimEnd().split('\n');
  return lines.map(line => (styles.find(([start]) => line.startsWith(start))?.[1] ?? plain)(line)).join('\n');
}

const plain = (text: string) => text;
const styles: [start: string, style: (text: string) => string][] = [
  ['--- ', chalk.bold],
  ['+++ ', chalk.bold],
  ['@@', chalk.cyan],
  ['-', chalk.red],
  ['+', chalk.green],
];
