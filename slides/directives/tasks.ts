// {{tasks}}: what the lesson's checks want to be true, with points.
import type { Lesson } from '../../workshop/lessons.ts';
import { inlineMarkdown } from '../render/markdown.ts';
import { type Directive, lessonOf } from './directive.ts';

export const tasks: Directive = {
  usage: '{{tasks}}',
  where: 'slide',
  render: (_, at) => taskList(lessonOf(at)),
};

export function taskList({ tasks }: Lesson): string {
  const items = tasks.map(({ title, points }) => {
    return `<li><span>${inlineMarkdown(title)}</span> <b aria-label="${points} ${points === 1 ? 'point' : 'points'}">${points}</b></li>`;
  });
  return `<ol class="tasks${tasks.length > 7 ? ' many' : ''}">\n${items.join('\n')}\n</ol>\n`;
}
