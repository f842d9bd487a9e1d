// A lesson's texts: what is read before it and after it, and the hints between.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import chalk from 'chalk';
import { type Lesson, pointsOf } from '../lessons.ts';
import { home } from '../paths.ts';
import { codeBlock } from './code.ts';
import { showMarkdown } from './markdown.ts';
import { columns, count, spread } from './text.ts';

export function showLesson(lesson: Lesson, width = columns()): string {
  const size = `${lesson.minutes} min · ${count(pointsOf(lesson), 'point')}`;
  const heading = spread(chalk.bold(`${lesson.number} · ${lesson.title}`), chalk.dim(size), width);
  const file = `${chalk.dim('your file')}  ${chalk.cyan(relative(home, lesson.files.lesson))}`;
  return [heading, '', showMarkdown(lesson.text, width), '', file].join('\n');
}

export function showExplanation(lesson: Lesson, width = columns()): string {
  const text = readFileSync(lesson.files.explanation, 'utf8').replace(/^---\n.*?\n---\n/s, '');
  return showMarkdown(text, width);
}

export function showSolution(lesson: Lesson, width = columns()): string {
  const code = codeBlock(readFileSync(lesson.files.solution, 'utf8').trimEnd(), 'ts', width);
  const name = chalk.cyan(relative(home, lesson.files.solution));
  return [name, '', ...code, '', showExplanation(lesson, width)].join('\n');
}

/** Rungs of the ladder, each with its place. */
export function showHints(lesson: Lesson, from: number, to: number, width = columns()): string {
  const rungs = lesson.hints.slice(from, to).map((hint, i) => {
    const place = chalk.dim(`hint ${from + i + 1} of ${lesson.hints.length}  `);
    const lines = showMarkdown(hint, width - 13).split('\n');
    return lines.map((line, n) => (n === 0 ? place : ' '.repeat(13)) + line).join('\n');
  });
  return rungs.join('\n');
}

/** What to do with the lesson that is next. */
export function showNext(lesson: Lesson | undefined): string {
  if (!lesson) return 'Every lesson is passed or skipped. `npx boxwright list` shows them all.';
  return [
    chalk.bold(`${lesson.number} · ${lesson.title}`),
    `  npx boxwright read ${lesson.number}    its text`,
    `  npx boxwright watch ${lesson.number}   a verdict whenever you save ${relative(home, lesson.files.lesson)}`,
  ].join('\n');
}
