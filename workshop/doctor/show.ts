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
  const able = lessons.map(({ lesson, title, whyNot }) =>
    whyNot === null ? `${marks.ok} ${lesson}  ${title}` : `${marks.missing} ${lesson}  ${title}: ${whyNot}`,
  );
  return [...lines, '', chalk.bold('Lessons'), ...(able.length > 0 ? able : ['none here yet'])].join('\n');
}
