// What a class came to, at the end, on the terminal: a line for each submission.
import chalk from 'chalk';
import { cells, count, padTo } from '../terminal/text.ts';
import { clean } from './reports/clean.ts';
import type { Grade, Rules } from './types.ts';

export function showSummary(grades: Grade[], { title }: Rules): string {
  const rows = grades.map(grade => [grade.mark.submission.id, ...columnsOf(grade)]);
  const head = ['submission', 'grade', 'lessons', 'points', ''];
  const widths = head.map((name, i) => Math.max(...[head, ...rows].map(row => cells(row[i] ?? '')), name.length));
  const line = (row: string[]) =>
    row
      .map((cell, i) => padTo(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const failed = grades.filter(isError).length;
  const marked = grades.filter(grade => !isError(grade));
  const mean = marked.reduce((sum, { grade }) => sum + grade, 0) / marked.length;
  const total = [
    `${count(marked.length, 'submission')} marked`,
    marked.length > 0 && `mean grade ${mean.toFixed(2)}`,
    failed > 0 && `${failed} could not be marked`,
  ];
  return [
    chalk.bold(clean(title, 100)),
    chalk.bold(line(head)),
    ...rows.map(line),
    total.filter(Boolean).join(', '),
  ].join('\n');
}

const isError = ({ mark }: Grade) => mark.outcome === 'error';

function columnsOf(grade: Grade): string[] {
  const { mark, late, onTime } = grade;
  if (isError(grade)) return ['–', '', '', clean(mark.reason ?? '', 100).replace(/\s+/g, ' ')];
  const tried = grade.lessons.filter(({ outOf }) => outOf > 0);
  const sum = (of: 'points' | 'outOf') => tried.reduce((all, lesson) => all + lesson[of], 0);
  const passed = mark.lessons.filter(({ status }) => status === 'pass').length;
  const notes = [
    late !== null && late > 0 && `late${onTime > grade.grade ? `: ${onTime.toFixed(2)} without` : ''}`,
    mark.submission.refused.length > 0 && `${mark.submission.refused.length} refused`,
    mark.lessons.some(({ status }) => status === 'ended') && 'ended by its bounds',
  ];
  return [
    grade.grade.toFixed(2).padStart(6),
    `${passed} of ${tried.length}`,
    `${sum('points')} of ${sum('outOf')}`,
    notes.filter(Boolean).join(', '),
  ];
}
