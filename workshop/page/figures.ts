// The drawings of one process, as fragments that change by themselves: what is read of it comes in, and what is another than before goes
// out. The curves' past is kept here.
import { html, raw } from 'hono/html';
import type { TraceLine } from '../check/report.ts';
import { callsFigure, type Figure, figures, type Sample } from '../xray/draw/index.ts';
import type { ImagesView, ProcessView, Xray } from '../xray/types.ts';
import type { Channel } from './channel.ts';

export type FigureId = Figure['id'];

/** What `readLive` reads; `at`: milliseconds of Date.now(). */
export type Live = Pick<Xray, 'cgroup' | 'network' | 'processes'>;

const kinds: FigureId[] = [
  'process',
  'namespaces',
  'mounts',
  'overlay',
  'users',
  'cgroup',
  'network',
  'images',
  'privileges',
];

/** What a lesson changes in the container is drawn first. */
const firsts: Record<string, FigureId[]> = {
  '02': ['mounts'],
  '03': ['mounts', 'namespaces'],
  '04': ['overlay', 'mounts'],
  '05': ['mounts'],
  '06': ['namespaces'],
  '07': ['namespaces'],
  '08': ['namespaces', 'process'],
  '09': ['users', 'namespaces'],
  '10': ['cgroup'],
  '11': ['namespaces'],
  '12': ['network', 'namespaces'],
  '13': ['network'],
  '14': ['privileges'],
  '15': ['images', 'overlay'],
  '16': ['images'],
  '17': ['images'],
};

export function order(lesson?: string): FigureId[] {
  const first = firsts[lesson ?? ''] ?? [];
  return [...first, ...kinds.filter(id => !first.includes(id))];
}

const longest = 120;

/** Pixels: of the place for a drawing on a wide screen; and the others for which they are drawn when somebody has such a one. */
const usual = 620;
export const widths = [340, 900];

export interface Drawing {
  /** A reading of all. */
  show(xray: Xray): void;
  /** The images of the store that its root came out of. */
  images(view: ImagesView): void;
  /** There is nothing to be drawn any more, but the calls that were made. */
  clear(calls?: TraceLine[]): void;
  /** What has changed since, by the second. */
  update(live: Live, at: number): void;
}

export function openDrawing(channel: Channel): Drawing {
  let xray: Xray | null = null;
  let calls: TraceLine[] = [];
  let images: ImagesView | null = null;
  let history: Sample[] = [];
  let before: { at: number; usage: number } | null = null;

  function draw() {
    for (const width of [usual, ...channel.widths()]) {
      const all = xray ? figures(xray, { history, width, ...(images && { images }) }) : [callsFigure(calls, width)];
      const drawn = new Map(all.flatMap(figure => (figure ? [[figure.id, figure]] : [])));
      const more = width === usual ? {} : { width };
      for (const id of [...kinds, 'calls' as const])
        channel.set(`figure-${id}`, figureFragment(id, drawn.get(id)), more);
    }
  }
  draw();

  return {
    show(read) {
      if (read.process.pid !== xray?.process.pid) [history, before] = [[], null];
      xray = read;
      draw();
    },
    images(view) {
      images = view;
      draw();
    },
    clear(made = []) {
      [xray, calls, images] = [null, made, null];
      draw();
    },
    update({ cgroup, network, processes }, at) {
      if (!xray) return;
      const usage = cgroup?.cpu.usage ?? null;
      const cpu =
        usage !== null && before && at > before.at ? ((usage - before.usage) / (at - before.at)) * 1000 : null;
      if (usage !== null) before = { at, usage };
      const sample = { at, memory: cgroup?.memory.current ?? null, cpu, pids: cgroup?.pids.current ?? null };
      history = [...history, sample].slice(-longest);
      // A second older is no news.
      xray = { ...xray, cgroup, network, processes: same(processes, xray.processes) ? xray.processes : processes };
      draw();
    },
  };
}

const same = (some: ProcessView[], others: ProcessView[]) =>
  some.length === others.length &&
  some.every(({ pid, state, command }, i) => {
    const other = others[i];
    return other?.pid === pid && (other.state === 'Z') === (state === 'Z') && other.command.join() === command.join();
  });

function figureFragment(id: FigureId, figure: Figure | undefined): string {
  if (!figure) return `<section id="figure-${id}" hidden></section>`;
  const { title, lesson, svg, text } = figure;
  return String(html`<section id="figure-${id}" class="figure" aria-labelledby="title-${id}">
<h3><span id="title-${id}">${title}</span>${lesson ? html` <a class="builds" href="/${lesson}" aria-label="${title}: built in lesson ${lesson}">lesson ${lesson}</a>` : ''}</h3>
<div class="drawn">${raw(svg)}</div>
<details><summary>In words</summary><ul>${text.split('\n').map(each => html`<li>${each}</li>`)}</ul></details></section>`);
}
