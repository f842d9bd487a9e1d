// The doctor's report for a reader.
import chalk from 'chalk';
import type { Finding } from './finding.ts';
import type { Verdict } from './verdict.ts';

const marks = { ok: chalk.green('✔'), warn: chalk.yellow('!'), missing: chalk.red('✖') };

export function show(findings: Finding[], lessons: Verdict[]): string {
  const width = Math.max(...findings.map(({ title }) => title.length));
  const lines = findings.flatMap(finding => {
    const line = `${marks[finding.state]} ${finding.title.padEnd(width)}  ${finding.found}`;
    if (finding.state === 'ok') return [line];
    const indent = ' '.repeat(width + 4);
    return [line, chalk.dim(`${indent}why   ${finding.cause}`), `${indent}then  ${finding.remedy}`];
  });
  const able = lessons.flatMap(({ lesson, title, whyNot, place, skipped }) => {
    if (whyNot !== null) return [`${marks.missing} ${lesson}  ${title}: ${whyNot}`];
    const where = place === null ? [] : [chalk.dim(`    ${place}`)];
    return [
      `${marks.ok} ${lesson}  ${title}`,
      ...where,
      ...skipped.map(task => `  ${marks.warn} ${task.title}: ${task.whyNot}`),
    ];
  });
  return [...lines, '', chalk.bold('Lessons'), ...able].join('\n');
}
