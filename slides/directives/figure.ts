// {{figure}}: the lesson's figure.svg, inline, so that its text is text.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inlineFigure } from '../render/figure.ts';
import { type Directive, lessonOf } from './directive.ts';

export const figure: Directive = {
  usage: '{{figure}}',
  where: 'slide',
  render(_, at) {
    const { files } = lessonOf(at);
    return inlineFigure(readFileSync(`${dirname(files.readme)}/figure.svg`, 'utf8'), `figure-${at.id}`);
  },
};
