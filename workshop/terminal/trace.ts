// System calls as lines: those of one run, or the learner's beside the reference's with the differences marked.
import chalk from 'chalk';
import type { TraceLine } from '../check/report.ts';
import type { Pair } from './align.ts';
import { harmless, padTo, wrap } from './text.ts';

/** The learner's line, then the call; calls that failed in red. */
export function showTrace(trace: TraceLine[], width: number): string[] {
  return trace.flatMap(call => cell(call, width));
}

/** From here on there is room for two columns. */
const roomForTwo = 120;

export function showPairs(pairs: Pair[], width: number): string {
  const legend = chalk.dim(
    '+ only in yours   - only in the reference   ~ in both, with other arguments or another result',
  );
  const lines = width >= roomForTwo ? sideBySide(pairs, width) : below(pairs, width);
  const same = pairs.every(({ mark }) => mark === ' ');
  return [...lines, '', same ? chalk.green('the same calls in the same order') : legend].join('\n');
}

function sideBySide(pairs: Pair[], width: number): string[] {
  const half = Math.floor((width - 4) / 2);
  const heading = chalk.bold(`  ${padTo('yours', half)}  the reference`);
  return [
    heading,
    ...pairs.flatMap(({ mark, mine, reference }) => {
      const [left, right] = [mine ? cell(mine, half) : [], reference ? cell(reference, half) : []];
      return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
        return `${i === 0 ? marks[mark] : ' '} ${padTo(left[i] ?? '', half)}  ${right[i] ?? ''}`.trimEnd();
      });
    }),
  ];
}

function below(pairs: Pair[], width: number): string[] {
  return pairs.flatMap(({ mark, mine, reference }) => {
    const lines: string[] = [];
    const add = (sign: string, call: TraceLine | null) => {
      if (call) lines.push(...cell(call, width - 2).map((text, i) => `${i === 0 ? sign : ' '} ${text}`));
    };
    add(mark === '~' ? marks['+'] : marks[mark], mine ?? reference);
    if (mark === '~') add(marks['-'], reference);
    return lines;
  });
}

const marks = { ' ': ' ', '+': chalk.green('+'), '-': chalk.yellow('-'), '~': chalk.cyan('~') };

function cell(call: TraceLine, width: number): string[] {
  const place = call.line === null ? '    ' : String(call.line).padStart(4);
  const style = call.code ? chalk.red : (text: string) => text;
  const lines = wrap(harmless(call.text), width - 6, '  ');
  return lines.map((text, i) => `${chalk.dim(i === 0 ? place : '    ')}  ${style(text)}`);
}
