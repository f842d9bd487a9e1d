// A verdict as its reader sees it: what holds, then what does not and why, so that the eye ends at what is to be done.
import chalk from 'chalk';
import type { Feedback, LessonReport, TaskReport } from '../check/report.ts';
import { cells, columns, count, harmless, seconds, spread, wrap } from './text.ts';
import { showTrace } from './trace.ts';

export interface ReportOptions {
  width?: number;
  /** The verdict before this one: tasks that changed are marked, ▲ for the better and ▼ for the worse. */
  previous?: LessonReport | undefined;
  /** The system calls of every task that failed. */
  trace?: boolean;
  /** Lines that there are: failures past it keep their line and lose the reasons, the first one never. */
  rows?: number;
}

export function showReport(
  report: LessonReport,
  { width = columns(), previous, trace, rows }: ReportOptions = {},
): string {
  const passed = report.tasks.filter(({ status }) => status === 'pass');
  const skipped = report.tasks.filter(({ status }) => status === 'skip');
  const failed = report.tasks.filter(({ status }) => status === 'fail');
  const blocked = report.tasks.filter(({ status }) => status === 'blocked');
  const line = (task: TaskReport) => taskLine(task, width, turn(task, previous));

  const lines = [header(report, width, previous)];
  if (report.place) lines.push(...wrap(report.place, width - 4).map(text => chalk.dim(`  ${text}`)));
  for (const task of passed) lines.push(...line(task));
  for (const task of skipped) lines.push(...line(task), ...reason(task, width));
  if (report.error) lines.push(...broken(report.error, width));

  const last = blocked.length > 0 ? [dependents(blocked, failed)] : [];
  last.push(...leaks(report.leaks, width));
  // A line each for those whose reasons may have to go.
  let room = (rows ?? Number.POSITIVE_INFINITY) - lines.length - last.length - failed.length;
  for (const [i, task] of failed.entries()) {
    const why = task.feedback ? feedback(task.feedback, width) : [];
    if (trace && task.trace.length > 0) why.push(...showTrace(task.trace, width - 10).map(text => `          ${text}`));
    room -= why.length;
    lines.push(...line(task), ...(i === 0 || room >= 0 ? why : []));
  }
  return [...lines, ...last].join('\n');
}

/** One line: for a lesson that passed, among several. */
export function showSummary(report: LessonReport, width = columns()): string {
  const mark = { pass: chalk.green('✔'), fail: chalk.red('✖'), skip: chalk.yellow('↷') }[report.status];
  const points = report.status === 'skip' ? 'skipped' : pointsOf(report);
  return spread(
    `${mark} ${chalk.bold(`${report.lesson.slice(0, 2)} · ${report.title}`)}`,
    `${points}  ${chalk.dim(seconds(report.milliseconds))}`,
    width,
  );
}

/** One line under several lessons. */
export function showTotal(reports: LessonReport[], width = columns()): string {
  const sum = (of: (report: LessonReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const of = (status: LessonReport['status']) => reports.filter(report => report.status === status).length;
  const skipped = of('skip') > 0 ? `, ${of('skip')} skipped` : '';
  const left = `${of('pass')} of ${count(reports.length, 'lesson')} passed${skipped} · ${pointsOf({ points: sum(r => r.points), outOf: sum(r => r.outOf) })}`;
  return spread(chalk.bold(left), chalk.dim(seconds(sum(r => r.milliseconds))), width);
}

/** Under one lesson's report: what to do next, and how long it took. `number` is null where nothing is to be done. */
export function showFooter(report: LessonReport, number: string | null, width = columns()): string {
  const next = {
    pass: `npx boxwright solution ${number} · npx boxwright next`,
    fail: `npx boxwright hint ${number} · npx boxwright watch ${number}`,
    skip: 'npx boxwright doctor',
  }[report.status];
  return spread(number === null ? '' : chalk.dim(next), chalk.dim(seconds(report.milliseconds)), width);
}

export const pointsOf = ({ points, outOf }: { points: number; outOf: number }) =>
  `${points} of ${count(outOf, 'point')}`;

function header(report: LessonReport, width: number, previous?: LessonReport): string {
  const gained = report.points - (previous?.points ?? report.points);
  const change =
    gained === 0 ? '' : (gained > 0 ? chalk.green : chalk.red)(`${gained > 0 ? '+' : '−'}${Math.abs(gained)}  `);
  return spread(
    chalk.bold(`${report.lesson.slice(0, 2)} · ${report.title}`),
    change + chalk.bold(pointsOf(report)),
    width,
  );
}

/** How a task stands against the verdict before. */
export function turn(task: TaskReport, previous?: LessonReport): 'better' | 'worse' | null {
  const before = previous?.tasks.find(({ id }) => id === task.id)?.status;
  if (!before || (before === 'pass') === (task.status === 'pass')) return null;
  return task.status === 'pass' ? 'better' : 'worse';
}

function taskLine(task: TaskReport, width: number, turned: 'better' | 'worse' | null): string[] {
  const mark = { pass: chalk.green('✔'), fail: chalk.red('✖'), skip: chalk.yellow('↷'), blocked: '…' }[task.status];
  const gutter = turned === 'better' ? chalk.green('▲') : turned === 'worse' ? chalk.red('▼') : ' ';
  const points = task.status === 'skip' ? '–' : String(task.points);
  const [first = '', ...more] = wrap(harmless(task.title), width - 8);
  const style = task.status === 'fail' || turned ? chalk.bold : (text: string) => text;
  return [
    spread(`${gutter} ${mark} ${style(first)}`, chalk.dim(points), width),
    ...more.map(text => `    ${style(text)}`),
  ];
}

function feedback(parts: Feedback, width: number): string[] {
  const named = (['did', 'kernel', 'means', 'look'] as const).filter(name => parts[name]);
  return named.flatMap(name => {
    const text = name === 'look' ? places(parts.look, width - 15) : parts[name];
    // The meaning is what most readers need, and stands out; the rest is evidence.
    const style = name === 'means' ? chalk.yellow : name === 'look' ? chalk.cyan : (line: string) => line;
    const lines = wrap(harmless(text), width - 15, '  ');
    return lines.map((line, i) => `      ${chalk.dim((i === 0 ? name : '').padEnd(9))}${style(line)}`);
  });
}

/** Several places to look at, ' · ' between: each on a line of its own where one line cannot hold them. */
function places(look: string, width: number): string {
  return cells(look) <= width ? look : look.replaceAll(' · ', '\n');
}

function reason(task: TaskReport, width: number): string[] {
  return task.reason ? wrap(harmless(task.reason), width - 6).map(text => chalk.dim(`      ${text}`)) : [];
}

function broken(error: string, width: number): string[] {
  const lines = wrap(harmless(error), width - 6, '  ').map(text => `      ${text}`);
  return [`  ${chalk.red('✖')} ${chalk.bold('your file could not be loaded')}`, ...lines];
}

function dependents(blocked: TaskReport[], failed: TaskReport[]): string {
  const verb = blocked.length === 1 ? 'depends' : 'depend';
  return chalk.dim(`  … ${blocked.length} more ${verb} on ${failed.length > 1 ? 'these' : 'this'}`);
}

function leaks(left: string[], width: number): string[] {
  if (left.length === 0) return [];
  const lines = left.flatMap(leak => wrap(harmless(leak), width - 6, '  ')).map(text => `      ${text}`);
  return [`  ${chalk.yellow('!')} left behind in the sandbox`, ...lines];
}
