// The board on a terminal: a line a person while there are lines enough, two people to a line where there are not.
import chalk from 'chalk';
import { cells, count, padTo, spread, wrap } from '../terminal/text.ts';
import type { Board, Row } from './board.ts';
import { stuckWords } from './words.ts';

/** `rows`: the height to keep to; without it everything is shown. */
export function showBoard(board: Board, width: number, rows = Number.POSITIVE_INFINITY): string {
  const passed = board.rows.reduce((sum, row) => sum + row.passed, 0);
  const sums = `${count(board.rows.length, 'learner')} · ${count(passed, 'lesson')} passed`;
  const above = [spread(chalk.bold('The class'), sums, width), ...crowd(board, width)];
  if (board.rows.length === 0) return [...above, '', 'Nobody is on the board yet.'].join('\n');
  const full = ['', heading(width), ...board.rows.map(row => line(row, width))];
  const room = rows - above.length;
  const people = full.length <= room ? full : pairs(board.rows, width, room);
  // Who is where matters more than what was met: that has the lines that are left over.
  return [...above, ...people, ...mistakes(board, width, Math.min(room - people.length, 9))].join('\n');
}

/** How many are at which lesson: `01 3   05 12`. */
function crowd({ lessons, rows }: Board, width: number): string[] {
  const here = lessons.filter(lesson => lesson.here > 0).map(({ number, here }) => `${chalk.dim(number)} ${here}`);
  const done = rows.filter(({ state }) => state === 'done').length;
  const fresh = rows.filter(({ state }) => state === 'new').length;
  if (done) here.push(`${chalk.dim('done')} ${done}`);
  if (fresh) here.push(`${chalk.dim('not begun')} ${fresh}`);
  return here.length > 0 ? wrap(`at lesson  ${here.join('   ')}`, width) : [];
}

/** Widths of the columns; the name and the diagnosis share what is left. */
const fixed = { lesson: 18, tasks: 5, points: 4, stuck: 6, hints: 5 };

function heading(width: number): string {
  return chalk.dim(layOut(['', 'name', 'at', 'tasks', 'pts', 'stuck', 'hints', 'met most'], width));
}

function line(row: Row, width: number): string {
  const { state, tasks } = row;
  const at = row.lesson ?? (state === 'done' ? 'all done' : '');
  const begun = row.lesson && state !== 'new' ? `${tasks.passed}/${tasks.of}` : '';
  const met = row.diagnosis ?? '';
  const cellsOf = [
    marks[state],
    row.name,
    state === 'new' ? '' : at,
    begun,
    `${row.points}`,
    stuckWords(row),
    `${row.hints || ''}`,
    met,
  ];
  return dress(row, layOut(cellsOf, width));
}

function layOut(
  [mark = '', name = '', at = '', tasks = '', points = '', stuck = '', hints = '', met = '']: string[],
  width: number,
) {
  const left = width - 2 - fixed.lesson - fixed.tasks - fixed.points - fixed.stuck - fixed.hints - 7;
  const forName = Math.min(Math.ceil(left * 0.45), 32);
  const numbers = [
    tasks.padStart(fixed.tasks),
    points.padStart(fixed.points),
    stuck.padStart(fixed.stuck),
    hints.padStart(fixed.hints),
  ];
  const texts = `${padTo(mark, 1)} ${cut(name, forName)} ${cut(at, fixed.lesson)}`;
  return `${texts} ${numbers.join(' ')}  ${cut(met, left - forName)}`.trimEnd();
}

/** Two columns, read downwards; who needs it most is left above. */
function pairs(people: Row[], width: number, room: number): string[] {
  const [size, gap] = [Math.floor((width - 2) / 2), '  '];
  const wanted = Math.ceil(people.length / 2);
  const height = Math.min(wanted, Math.max(room, 2));
  const shown = people.slice(0, height * 2);
  if (shown.length < people.length) shown.splice(height * 2 - 1);
  const short = shown.map(row => padTo(pairLine(row, size), size));
  if (shown.length < people.length) short.push(chalk.dim(`… and ${people.length - shown.length} more`));
  const lines = Array.from({ length: height }, (_, i) => `${short[i] ?? ''}${gap}${short[i + height] ?? ''}`.trimEnd());
  return wanted < room ? ['', ...lines] : lines;
}

function pairLine(row: Row, width: number): string {
  const begun = row.lesson && row.state !== 'new' ? `${row.number} ${row.tasks.passed}/${row.tasks.of}` : '';
  const numbers = `${padTo(begun, 8)} ${String(row.points).padStart(3)} ${stuckWords(row).padStart(6)}`;
  return dress(row, `${marks[row.state]} ${cut(row.name, width - 2 - 1 - cells(numbers))} ${numbers}`);
}

const marks: Record<Row['state'], string> = { active: '●', away: '○', done: '✔', new: ' ' };

function dress({ state, stuck }: Row, text: string): string {
  if (state === 'active') return stuck >= 15 * 60 ? chalk.yellow(text) : text;
  return chalk.dim(text);
}

/** In so many cells exactly. */
function cut(text: string, width: number): string {
  if (cells(text) <= width) return padTo(text, width);
  let [short, sum] = ['', 0];
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (sum + cells(segment) > width - 1) break;
    short += segment;
    sum += cells(segment);
  }
  return padTo(`${short}…`, width);
}

/** What the class trips over, with the thought that leads there, in at most so many lines. */
function mistakes({ met }: Board, width: number, most: number): string[] {
  if (met.length === 0 || most < 3) return [];
  const lines = ['', chalk.dim('met most often')];
  for (const { diagnosis, lesson, people, times, thought } of met) {
    const who = `${people === 1 ? '1 person' : `${people} people`}, ${count(times, 'time')}`;
    const head = spread(`${lesson.slice(0, 2)} ${chalk.bold(diagnosis)}`, who, width);
    const more = thought ? wrap(thought, width - 3).map(text => `   ${chalk.dim(text)}`) : [];
    if (lines.length + 1 > most) break;
    lines.push(head);
    if (lines.length + more.length <= most) lines.push(...more);
  }
  return lines;
}
