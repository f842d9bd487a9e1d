// The first page: the lessons, and how far you are.
import { html, raw } from 'hono/html';
import { type Lesson, pointsOf } from '../../lessons.ts';
import { type Progress, progressOf } from '../../progress.ts';
import type { Channel, Role } from '../channel.ts';
import { type Html, layout } from './layout.ts';

export function listPage(channel: Channel, role: Role): string {
  return layout({
    title: 'The lessons',
    links: role === 'owner' ? [{ to: '/slides/', text: 'Slides' }] : [],
    events: { from: '/events', have: channel.have(role) },
    body: html`<main id="text" class="alone" tabindex="-1"><h1>Build your own container</h1>
${raw(channel.get('lessons'))}</main>`,
  });
}

const states = { passed: ['✔', 'passed'], skipped: ['↷', 'skipped'], open: ['', ''] } as const;

export function listFragment(lessons: Lesson[], progress: Progress, next: Lesson | undefined): Html {
  const all = lessons.map(lesson => ({ lesson, ...progressOf(lesson, progress) }));
  const passed = all.filter(({ status }) => status === 'passed').length;
  const [points, outOf] = [
    all.reduce((sum, each) => sum + each.points, 0),
    lessons.reduce((sum, each) => sum + pointsOf(each), 0),
  ];
  return html`<div id="lessons">
<p class="size">${passed} of ${lessons.length} passed · ${points} of ${outOf} points <meter aria-label="Points" max="${outOf}" value="${points}"></meter></p>
${next ? html`<p class="onward"><a href="/${next.number}">Go on with ${next.number} · ${next.title} →</a></p>` : ''}
<ol class="list">
${all.map(({ lesson, status, points }) => {
  const [mark, word] = states[status];
  const { number, title, minutes } = lesson;
  return html`<li class="${status}"><a href="/${number}"><span class="number">${number}</span> ${title}</a>
<span class="soft">${minutes} min</span> <span class="soft">${points} of ${pointsOf(lesson)}</span>
<span class="state">${mark ? html`<span aria-hidden="true">${mark} </span>` : ''}${word}</span></li>
`;
})}</ol></div>`;
}
