// The screen of `watch`: the verdict, what was asked for, and the keys.
import chalk from 'chalk';
import type { Lesson } from '../lessons.ts';
import type { Verdict } from '../watch/verdicts.ts';
import { showReport } from './report.ts';
import { columns, seconds, spread, wrap } from './text.ts';

export interface View {
  lesson: Lesson;
  verdict: Verdict | null;
  /** A hint, or why a key does nothing now. */
  notice: string;
  /** A check is going on. */
  busy: boolean;
  /** Once passed, the lesson to go on with. */
  next: Lesson | undefined;
  /** Whether there is a keyboard. */
  keys: boolean;
}

const clear = '\u001b[H\u001b[2J';

export function drawWatch(view: View, width = columns(), rows = process.stdout.rows || 24): string {
  const under = [...notices(view, width), '', footer(view, width)];
  return `${clear}${body(view, width, rows - under.length - 1)}\n${under.join('\n')}`;
}

function body({ lesson, verdict }: View, width: number, rows: number): string {
  if (verdict) return showReport(verdict.report, { previous: verdict.previous, width, rows });
  return chalk.bold(`${lesson.number} · ${lesson.title}`);
}

function notices({ verdict, notice, next }: View, width: number): string[] {
  const lines: string[] = [];
  if (verdict?.report.status === 'pass') {
    const onward = next ? `n goes on to ${next.number} · ${next.title}` : 'no lesson is open any more';
    lines.push('', `${chalk.green.bold('passed')}  ${chalk.dim(onward)}`);
  }
  if (notice) lines.push('', ...wrap(notice, width));
  return lines;
}

function footer({ keys, busy, verdict }: View, width: number): string {
  const names = keys ? 'h hint · l text · r run it · t trace · d diff · n next · q quit' : '';
  const right = busy ? 'checking …' : verdict ? seconds(verdict.milliseconds) : '';
  return spread(chalk.dim(names), chalk.dim(right), width);
}
