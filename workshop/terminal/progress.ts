// One's own progress: the lessons that were touched, and where it goes.
import chalk from 'chalk';
import { age } from '../class/words.ts';
import type { History } from '../history.ts';
import type { LessonProgress } from '../progress.ts';
import { columns, count, padTo, spread } from './text.ts';

/** A lesson as `progress --json` prints it. */
export interface ShownLesson extends Omit<LessonProgress, 'history'>, History {
  number: string;
  name: string;
  /** Points, and tasks, that there are. */
  outOf: number;
  of: number;
}

interface ShownBoard {
  url: string;
  name: string;
  reachedAt: string | null;
}

export function showProgress(
  lessons: ShownLesson[],
  board: ShownBoard | null,
  width = columns(),
  now = Date.now(),
): string {
  const touched = lessons.filter(({ begunAt, attempts, status }) => begunAt ?? (attempts > 0 || status !== 'open'));
  const sum = (what: 'points' | 'outOf') => lessons.reduce((total, lesson) => total + lesson[what], 0);
  const passed = lessons.filter(({ status }) => status === 'passed').length;
  const sums = `${passed} of ${lessons.length} passed · ${sum('points')} of ${sum('outOf')} points`;
  const body =
    touched.length > 0
      ? touched.flatMap(lesson => row(lesson, width, now))
      : ['Nothing tried yet: `npx boxwright next`'];
  return [spread(chalk.bold('Your progress'), sums, width), '', ...body, ...told(board, now)].join('\n');
}

function row(lesson: ShownLesson, width: number, now: number): string[] {
  const { name, status, points, outOf, tasks, of, attempts, hintsShown, stuck, triedAt } = lesson;
  // A lesson passed before tasks were remembered has them all.
  const passed = status === 'passed' ? of : tasks.length;
  const left = `${marks[status]} ${padTo(name, 22)} ${`${passed} of ${of}`.padStart(7)} tasks ${`${points} of ${outOf}`.padStart(8)} points`;
  const seen = triedAt ? `${age((now - Date.parse(triedAt)) / 1000)} ago` : '';
  const facts = [count(attempts, 'verdict'), hintsShown > 0 && count(hintsShown, 'hint')];
  if (status === 'open' && stuck >= 60) facts.push(`${age(stuck)} of work since the last task passed`);
  const met = Object.entries(lesson.diagnoses).sort(([, a], [, b]) => b - a)[0];
  if (met) facts.push(`met most: ${met[0]} (${met[1]})`);
  return [spread(left, chalk.dim(seen), width), chalk.dim(`    ${facts.filter(Boolean).join(' · ')}`)];
}

const marks: Record<LessonProgress['status'], string> = {
  passed: chalk.green('✔'),
  open: chalk.dim('·'),
  skipped: chalk.yellow('↷'),
};

function told(board: ShownBoard | null, now: number): string[] {
  if (!board) return [];
  const when = board.reachedAt ? `last ${age((now - Date.parse(board.reachedAt)) / 1000)} ago` : 'not reached yet';
  return [
    '',
    `Each verdict tells ${board.url}, as ${board.name}: ${when}.`,
    chalk.dim('`npx boxwright leave` ends that.'),
  ];
}
