// A lesson's page: the text, and beside it a stage with the verdict and the learner's container.
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { html, raw } from 'hono/html';
import { type Lesson, pointsOf } from '../../lessons.ts';
import { home } from '../../paths.ts';
import { count } from '../../terminal/text.ts';
import type { Channel, Role } from '../channel.ts';
import { order } from '../figures.ts';
import { type Html, layout } from './layout.ts';
import { phrase, prose, typescript } from './prose.ts';

export interface Around {
  role: Role;
  previous: Lesson | undefined;
  next: Lesson | undefined;
  /** Null where nobody works on the lesson: a viewer of a lesson that its owner has not opened. */
  channel: Channel | null;
}

export function lessonPage(lesson: Lesson, { role, previous, next, channel }: Around): string {
  const { number, title, minutes, files } = lesson;
  const turn = (to: Lesson | undefined, arrow: string) =>
    to ? [{ to: `/${to.number}`, text: arrow, label: `Lesson ${to.number}: ${to.title}` }] : [];
  const fragment = (id: string) => raw(channel?.get(id) ?? '');
  const file = relative(home, files.lesson);
  return layout({
    title: `${number} · ${title}`,
    links: [
      ...turn(previous, `← ${previous?.number}`),
      ...turn(next, `${next?.number} →`),
      { to: '#stage', text: 'Verdict', narrow: true },
      { to: '#container', text: 'Container', narrow: true },
    ],
    ...(channel && { events: { from: `/events/${number}`, have: channel.have(role) } }),
    body: html`<div class="lesson">
<main id="text" tabindex="-1">
<h1><span class="number">${number}</span> ${title}</h1>
<p class="size">${minutes} min · ${count(pointsOf(lesson), 'point')} · your file <code>${file}</code></p>
<div class="prose">${raw(textOf(lesson))}</div>
${next ? html`<p class="onward"><a href="/${next.number}">${next.number} · ${next.title} →</a></p>` : ''}
</main>
${channel ? stage(lesson, fragment, role) : html`<aside id="stage" class="stage" aria-label="Verdict"><p class="status waiting">Nobody has this lesson open.</p></aside>`}
</div>`,
  });
}

function stage(lesson: Lesson, fragment: (id: string) => Html, role: Role): Html {
  return html`<aside id="stage" class="stage" aria-label="Verdict and container" tabindex="-1">
<section class="judged" aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict</h2>
${fragment('busy')}
${fragment('status')}
${fragment('verdict')}
${role === 'owner' ? html`${fragment('hints')}${fragment('after')}` : ''}
</section>
<section class="boxed" aria-labelledby="container">
<h2 id="container" tabindex="-1">Your container</h2>
${fragment('running')}
${tabs('Views of your container', [
  ['drawn', 'Container', html`${order(lesson.number).map(id => fragment(`figure-${id}`))}`],
  ['calls', 'Calls', fragment('figure-calls')],
  ['terminal', 'Terminal', terminal(`/terminal/${lesson.number}`, role)],
])}
</section>
</aside>`;
}

/** https://www.w3.org/WAI/ARIA/apg/patterns/tabs/: the script makes it work; without it all panels are open, one below the other. */
export function tabs(label: string, panels: [id: string, title: string, content: Html][]): Html {
  return html`<div class="tabs" data-tabs><div role="tablist" aria-label="${label}" hidden>${panels.map(
    ([id, title], i) =>
      html`<button type="button" role="tab" id="tab-${id}" aria-controls="panel-${id}" aria-selected="${i === 0 ? 'true' : 'false'}" tabindex="${i === 0 ? 0 : -1}">${title}</button>`,
  )}</div>
${panels.map(
  ([
    id,
    ,
    content,
  ]) => html`<div role="tabpanel" id="panel-${id}" aria-labelledby="tab-${id}" tabindex="0">${content}</div>
`,
)}</div>`;
}

const terminal = (url: string, role: Role) =>
  html`<div class="terminal" data-terminal="${url}"${role === 'owner' ? '' : html` data-read-only`}></div>
<noscript><p>The terminal needs scripts. <code>npx boxwright run</code> gives you the same in yours.</p></noscript>`;

/** By file, for as long as it is the same text. */
const texts = new Map<string, { text: string; html: string }>();

function textOf({ name, text, files }: Lesson): string {
  const kept = texts.get(name);
  if (kept?.text === text) return kept.html;
  const made = prose(text, { folder: `lessons/${name}`, pictures: dirname(files.readme) });
  texts.set(name, { text, html: made });
  return made;
}

/** Rungs of the ladder that were climbed, and the step to the next. */
export function hintsFragment({ number, hints }: Lesson, shown: number): Html {
  const left = hints.length - shown;
  return html`<details id="hints" class="hints"${shown > 0 ? html` data-shown="${shown}"` : ''}><summary>Hints <span class="soft">${shown} of ${hints.length}</span></summary>
<ol>${hints.slice(0, shown).map(each => html`<li>${phrase(each)}</li>`)}</ol>
${left > 0 ? html`<button type="button" data-post="/${number}/hint">${shown === 0 ? 'Give me a nudge' : 'The next hint'}</button>` : html`<p class="soft">These are all.</p>`}
</details>`;
}

/** Once it has passed. */
export function afterFragment(lesson: Lesson, passed: boolean, next: Lesson | undefined): Html {
  return html`<div id="after" class="after">${
    passed
      ? html`<a href="/${lesson.number}/solution">Why it works: the solution, explained</a>${next ? html` <a href="/${next.number}">Go on with ${next.number} · ${next.title} →</a>` : ''}`
      : html`<button type="button" data-post="/${lesson.number}/check">Check again</button>`
  }</div>`;
}

export function solutionPage(lesson: Lesson): string {
  const { number, title, name, files } = lesson;
  const text = readFileSync(files.explanation, 'utf8').replace(/^---\n.*?\n---\n/s, '');
  return layout({
    title: `${number} · the solution`,
    links: [{ to: `/${number}`, text: `← ${number} · ${title}` }],
    body: html`<main id="text" class="alone" tabindex="-1"><h1><span class="number">${number}</span> ${title}: the solution</h1>
<div class="prose">
<h2>${relative(home, files.solution)}</h2>
<pre class="ts" tabindex="0"><code>${raw(typescript(readFileSync(files.solution, 'utf8').trimEnd()))}</code></pre>
${raw(prose(text, { folder: `solutions/${name}` }))}</div></main>`,
  });
}
