// The board as a page: whole in itself, asks nobody but this server, and works without its script, which spares the eye the reload.
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { count } from '../terminal/text.ts';
import type { Board, Row } from './board.ts';
import type { Met } from './met.ts';
import type { ClassFile } from './store.ts';
import { age, stuckWords } from './words.ts';

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --dim: #5c6670; --line: #d8dee4; --warm: #b35900; --bar: #4a7fb5 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --dim: #98a2ac; --line: #30363d; --warm: #f0a04b; --bar: #5b93cc }
}
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
code { font: .95em ui-monospace, monospace } .wall { font-size: 1.25rem; margin: .5rem 0 1.5rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600; color: var(--dim) }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.number { text-align: right; font-variant-numeric: tabular-nums } td.name { overflow-wrap: anywhere; max-width: 20rem }
.long { color: var(--warm); font-weight: 600 } .away, .done, .new, .dim { color: var(--dim) }
meter { width: 8rem; vertical-align: middle } footer { margin: 2rem 0; color: var(--dim) } a { color: inherit }
`;

/** The page again every few seconds, of which only what changes is put in place; on a server that is away it waits. */
const script = `
const main = document.querySelector('main');
const lost = document.querySelector('#lost');
setInterval(async () => {
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(2500) });
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    if (fresh.innerHTML !== main.innerHTML) main.replaceChildren(...fresh.childNodes);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}, 3000);
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const contentPolicy = `style-src ${hashOf(style)}; script-src ${hashOf(script)}; connect-src 'self'; img-src data:`;

/** `urls`: where learners reach it. */
export function showPage(board: Board, urls: string[], { code, token }: Pick<ClassFile, 'code' | 'token'>) {
  const passed = board.rows.reduce((sum, row) => sum + row.passed, 0);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The class · Boxwright</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<style>${raw(style)}</style>
</head>
<body>
<h1>Boxwright · the class</h1>
${urls.map(
  url => html`<p class="wall"><code>npx boxwright join ${url} ${code} --as NAME</code></p>
`,
)}<p id="lost" class="long" role="status" hidden>The server does not answer; this is what it said last.</p>
<main>
<p>${count(board.rows.length, 'learner')} · ${count(passed, 'lesson')} passed among them</p>
${board.rows.length > 0 ? people(board) : html`<p class="dim">Nobody has joined yet.</p>`}
${board.met.length > 0 ? mistakes(board) : ''}
<h2>Lessons</h2>
<table>
<thead><tr><th>Lesson</th><th class="number">here</th><th class="number">passed</th><th>met most</th></tr></thead>
<tbody>
${board.lessons.map(
  ({ number, title, here, passed, met }) => html`<tr><td>${number} · ${title}</td><td class="number">${here || ''}</td>
<td class="number">${passed || ''}</td><td><code>${met[0]?.diagnosis ?? ''}</code></td></tr>
`,
)}</tbody>
</table>
</main>
<footer><a href="/board.csv?token=${encodeURIComponent(token)}">as CSV</a></footer>
<script>${raw(script)}</script>
</body>
</html>
`;
}

function people({ rows, outOf }: Board) {
  return html`<table>
<thead><tr><th>Name</th><th>at</th><th class="number">tasks</th><th>points of ${outOf}</th><th class="number">stuck</th>
<th class="number">hints</th><th>met most</th><th class="number">seen</th></tr></thead>
<tbody>
${rows.map(row => person(row, outOf))}</tbody>
</table>`;
}

function person(row: Row, outOf: number) {
  const { state, tasks } = row;
  return html`<tr class="${state}"><td class="name">${row.name}</td><td>${row.lesson ?? (state === 'done' ? 'all done' : '')}</td>
<td class="number">${row.lesson && state !== 'new' ? `${tasks.passed}/${tasks.of}` : ''}</td>
<td><meter max="${outOf}" value="${row.points}"></meter> ${row.points}</td>
<td class="number ${row.state === 'active' && row.stuck >= 900 ? 'long' : ''}">${stuckWords(row)}</td>
<td class="number">${row.hints || ''}</td><td><code>${row.diagnosis ?? ''}</code></td><td class="number">${age(row.seen)}</td></tr>
`;
}

function mistakes({ met }: Board) {
  return html`<h2>Met most often</h2>
<table>
<thead><tr><th>Mistake</th><th>in</th><th class="number">people</th><th class="number">times</th><th>the thought behind it</th></tr></thead>
<tbody>
${met.slice(0, 10).map(
  (
    each: Met,
  ) => html`<tr><td><code>${each.diagnosis}</code></td><td>${each.lesson}</td><td class="number">${each.people}</td>
<td class="number">${each.times}</td><td>${each.thought ?? ''}</td></tr>
`,
)}</tbody>
</table>`;
}
