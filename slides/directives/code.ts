// {{code pivotRoot}}: a declaration of the learner's file, TODOs and all; {{solution pivotRoot}}: of the reference. {{solution setRules 1-12}}:
// these lines of it.
import { readFileSync } from 'node:fs';
import { codeBlock } from '../render/code.ts';
import { type Directive, lessonOf, numberFrom } from './directive.ts';

/** What is readable from the last row. */
const mostLines = 20;

export const code: Directive = drawn('code', 'lesson');
export const solution: Directive = drawn('solution', 'solution');

function drawn(name: string, from: 'lesson' | 'solution'): Directive {
  return {
    usage: `{{${name} functionName}} or {{${name} functionName 1-12}}`,
    where: 'slide',
    render([declared = '', range], at) {
      const file = lessonOf(at).files[from];
      const lines = declaration(readFileSync(file, 'utf8'), declared);
      if (!lines) throw new Error(`${file.split('/').slice(-3).join('/')} declares no ${JSON.stringify(declared)}`);
      const [first, last] = range
        ? range.split('-').map(each => numberFrom(each, lines.length, 'line'))
        : [1, lines.length];
      const shown = lines.slice((first ?? 1) - 1, last ?? first);
      if (shown.length > mostLines) {
        throw new Error(
          `${declared} has ${lines.length} lines, more than ${mostLines}: choose some, {{${name} ${declared} 1-12}}`,
        );
      }
      const more = (is: boolean) => (is ? ['  // …'] : []);
      return codeBlock([...more(first !== 1), ...shown, ...more((last ?? 0) < lines.length)].join('\n'), 'ts');
    },
  };
}

/** The lines of a declaration at the top level of a file that Biome has formatted; null when there is none. */
export function declaration(source: string, name: string): string[] | null {
  if (!/^[\w$]+$/.test(name)) return null;
  const lines = source.split('\n');
  const start = lines.findIndex(line => {
    return new RegExp(
      `^(export )?(async )?(function\\*? |const |class |interface |type )${name.replaceAll('$', '\\$')}\\b`,
    ).test(line);
  });
  if (start < 0) return null;
  const opens = /[{[(=>]$/.test(lines[start] ?? '');
  // What was opened at the margin is closed there, but by a line that opens anew: `): Promise<void> {`.
  const end = lines.findIndex(
    (line, i) => i >= start && (opens ? i > start && /^[}\])]/.test(line) && !/\{$/.test(line) : /;$/.test(line)),
  );
  const other = lines.findIndex((line, i) => i > start && /;$/.test(line) && !/^\s{4}/.test(line));
  const last = /[=>]$/.test(lines[start] ?? '') ? other : end;
  return last < 0 ? null : lines.slice(start, last + 1);
}
