// grades.csv: a row a submission, for a spreadsheet or a learning platform. RFC 4180
import { stringify } from 'csv-stringify/sync';
import type { Grade, Rules } from '../types.ts';

/** A grade that there is not yet has empty cells, not zeros. Points have a column each, for `8/12` would be taken for a day in August. */
export function csv(grades: Grade[], rules: Rules): string {
  const header = ['id', 'outcome', 'grade', 'on time grade', 'handed in', 'late (s)'];
  const lessonColumns = rules.lessons.flatMap(({ name }) => [`${name} points`, `${name} out of`]);
  const rows = grades.map(grade => {
    const { submission, outcome, reason } = grade.mark;
    const marked = outcome === 'marked';
    const lessons = rules.lessons.flatMap(({ name }) => {
      const counted = marked ? grade.lessons.find(each => each.name === name) : undefined;
      return [counted?.points ?? '', counted?.outOf ?? ''];
    });
    const own = Object.hasOwn(rules.people, submission.id) ? rules.people[submission.id] : undefined;
    const at = own?.at ?? submission.at ?? '';
    const result = marked ? [grade.grade.toFixed(2), grade.onTime.toFixed(2)] : ['', ''];
    return [submission.id, outcome, ...result, at, grade.late ?? '', ...lessons, submission.from, reason ?? ''].map(
      cell,
    );
  });
  // A cell that begins like a formula gets an apostrophe before it, which makes it text.
  return stringify([[...header, ...lessonColumns, 'from', 'reason'], ...rows], {
    escape_formulas: true,
    record_delimiter: 'windows',
  });
}

/** Without line ends, and without spaces before what may be a formula after all. */
const cell = (value: string | number) => (typeof value === 'string' ? value.replace(/\s*\n\s*/g, ' ').trim() : value);
