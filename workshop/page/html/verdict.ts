// A verdict as the page shows it: the same data and order as on the terminal. First a line that is also read aloud; then the tasks.
import { html, raw } from 'hono/html';
import type { Feedback, LessonReport, TaskReport } from '../../check/report.ts';
import { said } from '../../grade/reports/document.ts';
import { turn } from '../../terminal/report.ts';
import { count, harmless, seconds } from '../../terminal/text.ts';
import type { Verdict } from '../../watch/verdicts.ts';

/** What there is to say of a lesson's checks now. */
export interface Judged {
  verdict: Verdict | null;
  /** A check is going on. */
  busy: boolean;
  /** Why there is no verdict, or none of the newest text: the sandbox could not be opened, the file is not there. */
  trouble: { message: string; next: string } | null;
}

/** In a few words, for the line above the tasks and for screen readers: not the whole list. */
export function headline({ verdict, trouble }: Judged): string {
  if (trouble) return trouble.message;
  if (!verdict) return 'The first verdict is on its way.';
  const { report, previous } = verdict;
  if (report.error) return 'Your file could not be loaded.';
  if (report.status === 'skip') return 'This machine cannot try this lesson.';
  const turns = report.tasks.map(task => turn(task, previous));
  const of = (which: string) => turns.filter(each => each === which).length;
  const changes = [of('better') > 0 && `${of('better')} better`, of('worse') > 0 && `${of('worse')} worse`].filter(
    Boolean,
  );
  const since = changes.length > 0 ? ` ${changes.join(', ')} than before.` : '';
  if (report.status === 'pass') return `Passed: all that could be tried holds.${since}`;
  const failed = report.tasks.filter(({ status }) => status === 'fail').length;
  const left = report.leaks.length > 0 ? 'Something is left behind in the sandbox.' : '';
  return `${failed > 0 ? `${count(failed, 'task')} ${failed === 1 ? 'does' : 'do'} not hold yet.` : left}${since}`;
}

/** The line itself: a polite live region, in which nothing stands but what is worth saying. */
export function statusFragment(judged: Judged, outOf: number) {
  const { verdict, trouble } = judged;
  const status = trouble ? 'trouble' : verdict ? verdict.report.status : 'waiting';
  const points = verdict && !trouble ? `${verdict.report.points} of ${count(outOf, 'point')}.` : '';
  return html`<p id="status" class="status ${status}" role="status">${points ? html`<strong class="points">${points}</strong> ` : ''}${raw(words(headline(judged)))}</p>`;
}

/** What changes at every save and is not worth saying: that it checks, and how long it took. */
export function busyFragment({ busy, verdict }: Judged) {
  const text = busy ? 'checking …' : verdict ? `after ${seconds(verdict.milliseconds)}` : '';
  return html`<p id="busy" class="busy" aria-hidden="true">${text}</p>`;
}

export function verdictFragment({ verdict, trouble }: Judged) {
  return html`<div id="verdict">${trouble ? html`<p class="next">${raw(words(trouble.next))}</p>` : ''}${verdict ? tasks(verdict) : ''}</div>`;
}

function tasks({ report, previous }: Verdict) {
  const of = (status: TaskReport['status']) => report.tasks.filter(task => task.status === status);
  const [first] = of('fail');
  const item = (task: TaskReport) => line(task, turn(task, previous), task === first);
  const blocked = of('blocked').length;
  // What holds, and held before, is folded away: the eye ends at what is to be done, or at the container.
  const isNews = (task: TaskReport) => report.status !== 'pass' && turn(task, previous) !== null;
  const held = of('pass').filter(task => !isNews(task));
  const shown = [...of('fail'), ...of('pass').filter(isNews), ...of('skip')];
  return html`${report.place ? html`<p class="place">Checked ${report.place}.</p>` : ''}${report.error ? broken(report) : ''}
${shown.length > 0 ? html`<ul class="tasks">${shown.map(item)}</ul>` : ''}
${held.length > 0 ? html`<details id="held" class="held"><summary>${count(held.length, 'task')} ${held.length === 1 ? 'holds' : 'hold'}</summary><ul class="tasks">${held.map(item)}</ul></details>` : ''}
${blocked > 0 ? html`<p class="blocked">… ${blocked} more ${blocked === 1 ? 'depends' : 'depend'} on ${of('fail').length > 1 ? 'these' : 'this'}</p>` : ''}
${report.leaks.length > 0 ? leaks(report.leaks) : ''}`;
}

const names = { pass: 'holds', fail: 'fails', skip: 'skipped', blocked: 'blocked' };
const marks = { pass: '✔', fail: '✖', skip: '↷', blocked: '…' };
const turned = { better: ['▲', 'newly holds'], worse: ['▼', 'held before'] } as const;

/** A failure folds its reasons away, the first one never by itself: one thing after another. */
function line(task: TaskReport, change: 'better' | 'worse' | null, open: boolean) {
  const { id, status, title, points, feedback, reason } = task;
  const [sign, means] = change ? turned[change] : ['', ''];
  const row = html`<span class="mark" aria-hidden="true">${marks[status]}</span>
<span class="title"><span class="spoken">${names[status]}: </span>${raw(words(title))}${sign ? html` <span class="change"><span aria-hidden="true">${sign} </span>${means}</span>` : ''}</span>
<span class="points">${status === 'skip' ? '–' : points}<span class="spoken"> ${points === 1 ? 'point' : 'points'}</span></span>`;
  return html`<li class="task ${status} ${change ?? ''}" id="task-${id}">${
    feedback
      ? html`<details id="why-${id}"${open ? raw(' open') : ''}><summary class="row">${row}</summary>${parts(feedback)}</details>`
      : html`<div class="row">${row}</div>`
  }${reason ? html`<p class="reason">${raw(words(reason))}</p>` : ''}</li>
`;
}

/** The meaning is what most readers need, and stands out; the rest is evidence. */
function parts(feedback: Feedback) {
  const named = (['did', 'kernel', 'means', 'look'] as const).filter(name => feedback[name]);
  return html`<dl class="feedback">${named.map(name => {
    const lines = name === 'look' ? feedback.look.split(' · ') : harmless(feedback[name]).split('\n');
    const shown = lines.map(each => raw(words(each)));
    return html`<div class="${name}"><dt>${name}</dt><dd>${shown.map((each, i) => html`${i > 0 ? raw('<br>') : ''}${each}`)}</dd></div>
`;
  })}</dl>`;
}

function broken({ error = '' }: LessonReport) {
  return html`<pre class="broken" tabindex="0">${harmless(error)}</pre>`;
}

function leaks(left: string[]) {
  return html`<p class="leaks">Left behind in the sandbox:</p><ul class="leaks">${left.map(each => html`<li>${harmless(each)}</li>`)}</ul>`;
}

/** A text that may hold a learner's words: code between backticks is set as code, and nothing in it is markup. */
export function words(text: string): string {
  return said(harmless(text))
    .map(piece =>
      String(
        typeof piece === 'string' ? html`${piece}` : html`<code>${'code' in piece ? piece.code : piece.strong}</code>`,
      ),
    )
    .join('');
}
