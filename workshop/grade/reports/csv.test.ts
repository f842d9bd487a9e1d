// The class as a table: a row each, and nothing that a spreadsheet would compute.
import test from 'ava';
import { csv } from './csv.ts';
import { all, mixed, rulesFor } from './made-up.ts';

test('a spreadsheet finds a row a submission, and no formula in it', t => {
  const rules = rulesFor(['01-process', '03-mount-namespace', '04-overlay']);
  const text = csv(all, rules);
  const rows = readCsv(text);
  t.is(rows.length, all.length + 1);
  t.true(rows.every(row => row.length === rows[0]?.length));
  for (const cell of rows.flat()) t.notRegex(cell, /^\s*[=+\-@\t\r＝＋－＠]/);
  const header = rows[0] ?? [];
  const ada = Object.fromEntries(header.map((name, i) => [name, rows[1]?.[i]]));
  t.like(ada, {
    id: 'ada',
    outcome: 'marked',
    grade: mixed.grade.toFixed(2),
    'late (s)': '0',
    '01-process points': '15',
  });
  t.is(ada['03-mount-namespace out of'], String(mixed.lessons[1]?.outOf));
  t.deepEqual(rows[2]?.slice(0, 4), ['ada', 'error', '', '']);
});

/** RFC 4180 */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}
