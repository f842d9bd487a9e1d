// {{console 3}}: the third console block of the lesson's text; {{console solution 1}}: the first of what is shown after a pass. These are
// played by the lessons' own tests.
import { readFileSync } from 'node:fs';
import { consoleBlock } from '../render/code.ts';
import { type Directive, lessonOf, numberFrom } from './directive.ts';

export const console: Directive = {
  usage: '{{console 3}} or {{console solution 1}}',
  where: 'slide',
  render(args, at) {
    const { files } = lessonOf(at);
    const solution = args[0] === 'solution';
    const blocks = consoleTexts(readFileSync(solution ? files.explanation : files.readme, 'utf8'));
    const number = numberFrom(
      args[solution ? 1 : 0],
      blocks.length,
      `console block of ${solution ? 'solutions/…/README.md' : 'the lesson’s README.md'}`,
    );
    return consoleBlock(blocks[number - 1] ?? '');
  },
};

/** Each ```console block as it is written. */
export function consoleTexts(markdown: string): string[] {
  return [...markdown.matchAll(/^[ \t]*```console\b[^\n]*\n(.*?)^[ \t]*```[ \t]*$/gms)].map(([, text = '']) => text);
}
