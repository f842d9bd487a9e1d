// A table on a terminal: columns as wide as what is in them, the widest giving way until all fit.
import chalk from 'chalk';
import type { Tokens } from 'marked';
import { inline } from './inline.ts';
import { cells, padTo, wrap } from './text.ts';

const gap = '  ';
const narrowest = 12;

export function table(token: Tokens.Table, width: number): string[] {
  const rows = [token.header, ...token.rows].map(row => row.map(cell => inline(cell.tokens)));
  const widths = shrink(
    token.header.map((_, i) => Math.max(...rows.map(row => cells(row[i] ?? '')))),
    width,
  );
  const [head = [], ...body] = rows.map(row => layOut(row, widths));
  const rule = chalk.dim(widths.map(size => '─'.repeat(size)).join(gap));
  return [...head.map(line => chalk.bold(line)), rule, ...body.flat()];
}

function layOut(row: string[], widths: number[]): string[] {
  const columns = widths.map((size, i) => wrap(row[i] ?? '', size));
  const height = Math.max(...columns.map(lines => lines.length));
  return Array.from({ length: height }, (_, n) => {
    const line = columns.map((lines, i) => padTo(lines[n] ?? '', widths[i] ?? 0));
    return line.join(gap).trimEnd();
  });
}

function shrink(wanted: number[], width: number): number[] {
  const widths = [...wanted];
  const total = () => widths.reduce((sum, size) => sum + size, 0) + gap.length * (widths.length - 1);
  while (total() > width && Math.max(...widths) > narrowest) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
