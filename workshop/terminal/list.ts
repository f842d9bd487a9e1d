// The lessons as a table: where the learner is, and what this machine can run.
import chalk from 'chalk';
import type { LessonProgress } from '../progress.ts';
import { columns, spread, wrap } from './text.ts';

/** A lesson as `list --json` prints it. */
export interface ListedLesson extends Omit<LessonProgress, 'history'> {
  number: string;
  name: string;
  title: string;
  minutes: number;
  /** All that it can give. */
  outOf: number;
  /** Why this machine cannot run it; null where it can. */
  whyNot: string | null;
  /** The one to go on with. */
  next: boolean;
}

export function showList(lessons: ListedLesson[], width = columns()): string {
  const passed = lessons.filter(({ status }) => status === 'passed').length;
  const [points, outOf] = [sum(lessons, 'points'), sum(lessons, 'outOf')];
  const sums = `${passed} of ${lessons.length} passed · ${points} of ${outOf} points`;
  const heading = spread(chalk.bold('Boxwright'), sums, width);
  return [heading, '', ...lessons.flatMap(lesson => row(lesson, width))].join('\n');
}

function row(lesson: ListedLesson, width: number): string[] {
  const gutter = lesson.next ? chalk.cyan('→') : ' ';
  const right = `${chalk.dim(`${lesson.minutes} min`.padStart(7))}   ${share(lesson.points, lesson.outOf)}`;
  const [title = '', ...more] = wrap(lesson.title, width - 30);
  const left = `${gutter} ${states[lesson.status]} ${chalk.dim(lesson.number)}  ${lesson.next ? chalk.bold(title) : title}`;
  const why = lesson.whyNot ? wrap(lesson.whyNot, width - 8).map(text => chalk.yellow(text)) : [];
  return [spread(left, right, width), ...[...more, ...why].map(text => `        ${text}`)];
}

const states: Record<LessonProgress['status'], string> = {
  passed: chalk.green('✔'),
  open: chalk.dim('·'),
  skipped: chalk.yellow('↷'),
};

const share = (points: number, outOf: number) => `${String(points).padStart(3)} of ${String(outOf).padStart(2)}`;

function sum(lessons: ListedLesson[], what: 'points' | 'outOf'): number {
  return lessons.reduce((total, lesson) => total + lesson[what], 0);
}
