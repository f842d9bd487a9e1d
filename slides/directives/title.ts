// {{title}}: the lesson's number, title and minutes. On a slide without a heading of its own the title becomes the heading.
import { escapeHtml } from '../render/html.ts';
import { type Directive, lessonOf } from './directive.ts';

export const title: Directive = {
  usage: '{{title}}',
  where: 'slide',
  render(_, at) {
    const { number, title, minutes, tasks } = lessonOf(at);
    return `<p class="lesson"><span>Lesson ${number}</span> ${escapeHtml(title)}</p>\n<p class="facts">${tasks.length} tasks · about ${minutes} minutes alone</p>\n`;
  },
};
