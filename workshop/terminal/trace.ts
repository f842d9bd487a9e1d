// System calls as lines: those of one run, or the learner's beside the reference's with the differences marked.
import chalk from 'chalk';
import type { TraceLine } from '../check/report.ts';
import type { Traces } from '../check/trace.ts';
import { align, type Pair } from './align.ts';
import { columns, harmless, padTo, wrap } from './text.ts';

/** From here on there is room for two columns, and beyond the other no use for more. */
const [roomForTwo, widest] = [120, 200];

/** Each call with the learner's line; those that failed in red. */
export function showTrace(trace: TraceLine[], width: number): string[] {
  return trace.flatMap(call => cell(call, width));
}

export function showTraces({ mine, reference, error }: Traces, width = columns(widest)): string {
  const pairs = align(mine, reference);
  const lines = width >= roomForTwo ? sideBySide(pairs, width) : below(pairs, width);
  const thrown = error
    ? ['', chalk.bold('your code threw'), ...wrap(harmless(error), width - 2).map(line => `  ${line}`)]
    : [];
  return [...lines, ...thrown, '', legend(pairs)].join('\n');
}

function legend(pairs: Pair[]): string {
  const explained = {
    ' ': '',
    '+': `${marks['+']} yours alone`,
    '-': `${marks['-']} the reference’s alone`,
    '~': `${marks['~']} other arguments, or another result`,
  };
  const used = [...new Set(pairs.map(({ mark }) => mark))].filter(mark => mark !== ' ');
  if (used.length === 0) return chalk.green('The same calls as the reference’s, in the same order.');
  return used.map(mark => explained[mark]).join('   ');
}

function sideBySide(pairs: Pair[], width: number): string[] {
  const half = Math.floor((width - 4) / 2);
  const heading = chalk.dim(`  ${padTo('      yours', half)}        the reference’s`);
  const rows = pairs.flatMap(({ mark, mine, reference }) => {
    const [left, right] = [mine ? cell(mine, half) : [], reference ? cell(reference, half) : []];
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
      return `${i === 0 ? marks[mark] : ' '} ${padTo(left[i] ?? '', half)}  ${right[i] ?? ''}`.trimEnd();
    });
  });
  return [heading, ...rows];
}

/** Where they differ, the reference's call under the learner's. */
function below(pairs: Pair[], width: number): string[] {
  const row = (mark: string, call: TraceLine | null) => {
    return call ? cell(call, width - 2).map((text, i) => `${i === 0 ? mark : ' '} ${text}`) : [];
  };
  return pairs.flatMap(({ mark, mine, reference }) => {
    if (mark === '~') return [...row(marks['~'], mine), ...row(chalk.dim('~'), reference)];
    return row(marks[mark], mine ?? reference);
  });
}

const marks = { ' ': ' ', '+': chalk.green('+'), '-': chalk.yellow('-'), '~': chalk.cyan('~') };

function cell(call: TraceLine, width: number): string[] {
  const place = call.line === null ? '' : String(call.line);
  const style = call.code ? chalk.red : (text: string) => text;
  const lines = wrap(harmless(call.text), width - 6, '  ');
  return lines.map((text, i) => `${chalk.dim((i === 0 ? place : '').padStart(4))}  ${style(text)}`);
}
