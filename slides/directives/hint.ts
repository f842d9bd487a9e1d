// {{hint 2}}: a rung of the lesson's ladder.
import { inlineMarkdown } from '../render/markdown.ts';
import { type Directive, lessonOf, numberFrom } from './directive.ts';

export const hint: Directive = {
  usage: '{{hint 2}}',
  where: 'slide',
  render([which], at) {
    const { hints } = lessonOf(at);
    const number = numberFrom(which, hints.length, 'hint');
    return `<blockquote class="hint"><p><b>Hint ${number}</b> ${inlineMarkdown(hints[number - 1] ?? '')}</p></blockquote>\n`;
  },
};
