// Source text and shell sessions in colour: enough to read by, and no more.
import chalk from 'chalk';
import { wrap } from './text.ts';

const keywords =
  'as async await break case catch class const continue default delete do else export extends false finally for from ' +
  'function if import in instanceof interface let new null of override readonly return satisfies static super switch ' +
  'this throw true try type typeof undefined using void while yield';

export const tokens = new RegExp(
  [
    String.raw`(?<comment>//.*|/\*[\s\S]*?\*/)`,
    String.raw`(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\x60(?:[^\x60\\]|\\.)*\x60)`,
    String.raw`(?<number>\b\d[\w.]*\b)`,
    String.raw`(?<keyword>\b(?:${keywords.replaceAll(' ', '|')})\b)`,
  ].join('|'),
  'g',
);

/** TypeScript. Line by line is not enough: comments and template strings span lines. */
export function colourCode(text: string): string {
  return text.replace(tokens, (found, ...rest) => {
    const { comment, string, number } = rest.at(-1) as Record<string, string | undefined>;
    if (comment) return chalk.dim(comment);
    if (string) return chalk.green(string);
    return number ? chalk.yellow(number) : chalk.magenta(found);
  });
}

/** A shell session: what is typed stands out from what is answered. */
export function colourSession(text: string): string {
  return text.replace(/^([$#] )?(.*)$/gm, (_, prompt = '', line = '') =>
    prompt ? chalk.bold(prompt + line) : chalk.dim(line),
  );
}

/** A code block, indented and wrapped. A figure is never wrapped: it would be none any more. */
export function codeBlock(text: string, language: string, width: number): string[] {
  const indent = '    ';
  const lines = text.split('\n');
  const isFigure = language === 'text' || language === '';
  const fitting = isFigure ? lines : lines.flatMap(line => wrap(line, width - indent.length, continued(line)));
  const coloured = (colours[language] ?? plain)(fitting.join('\n'));
  return coloured.split('\n').map(line => (indent + line).trimEnd());
}

/** What a broken line goes on with: a comment stays one. */
function continued(line: string): string {
  const [leading = '', comment] = /^ *(\/\/ )?/.exec(line) ?? [];
  return comment ? leading : `${leading}  `;
}

const plain = (text: string) => text;
const colours: Record<string, (text: string) => string> = {
  ts: colourCode,
  typescript: colourCode,
  js: colourCode,
  console: colourSession,
  sh: colourSession,
};
