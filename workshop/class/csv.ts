// The board as a table for spreadsheets: a row a person, then the points of each lesson.
import { stringify } from 'csv-stringify/sync';
import type { Board } from './board.ts';

/**
 * RFC 4180. A cell that a spreadsheet would compute (`=`, `+`, `-`, `@`) is text by a quote before it: names come from anybody. It begins
 * with a byte order mark, or Excel takes it for another encoding.
 */
export function asCsv({ rows, lessons, outOf }: Board): string {
  const table = rows.map(row => ({
    name: row.name,
    state: row.state,
    lesson: row.lesson ?? '',
    'tasks passed in it': row.tasks.passed,
    'tasks in it': row.tasks.of,
    'lessons passed': row.passed,
    points: row.points,
    'out of': outOf,
    'minutes stuck': Math.round(row.stuck / 60),
    'most frequent diagnosis': row.diagnosis ?? '',
    hints: row.hints,
    verdicts: row.attempts,
    'minutes since seen': row.seen === null ? '' : Math.round(row.seen / 60),
    ...Object.fromEntries(lessons.map(({ name }) => [name, row.perLesson[name] ?? ''])),
  }));
  const columns = [
    'name',
    'state',
    'lesson',
    'tasks passed in it',
    'tasks in it',
    'lessons passed',
    'points',
    'out of',
  ];
  columns.push('minutes stuck', 'most frequent diagnosis', 'hints', 'verdicts', 'minutes since seen');
  columns.push(...lessons.map(({ name }) => name));
  return stringify(table, { header: true, columns, escape_formulas: true, bom: true, record_delimiter: 'windows' });
}
