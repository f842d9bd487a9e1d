// An x-ray as figures, in the order in which the lessons teach it. Pure: strings from data, in Node and in the browser, and the same
// string for the same data, so that a page need send only what has changed.
import type { ImagesView, Xray } from '../types.ts';
import { drawCalls } from './calls.ts';
import { drawCgroup } from './cgroup.ts';
import type { Sample } from './chart.ts';
import { drawImages } from './images.ts';
import { drawMounts } from './mounts.ts';
import { drawNamespaces } from './namespaces.ts';
import { drawNetwork } from './network.ts';
import { drawOverlays } from './overlay.ts';
import { drawPrivileges } from './privileges.ts';
import { drawProcess } from './process.ts';
import type { Drawn } from './shapes.ts';
import { escaped, visible } from './text.ts';
import { drawUsers } from './users.ts';

export { asDocument } from './document.ts';
export { explanations } from './explain.ts';
export { figureStyle } from './style.ts';
export type { Sample };

export interface Figure {
  id:
    | 'process'
    | 'namespaces'
    | 'mounts'
    | 'overlay'
    | 'users'
    | 'cgroup'
    | 'network'
    | 'images'
    | 'privileges'
    | 'calls';
  title: string;
  /** '05' */
  lesson: string | null;
  /** Inline SVG; it needs `figureStyle` on the page, once. */
  svg: string;
  /** All that it says, in words, a fact to a line. */
  text: string;
}

export interface More {
  /** At most 120, oldest first. */
  history?: Sample[];
  images?: ImagesView;
  /** Of the place for it, in pixels; below 520 everything stands one below the other. */
  width?: number;
}

const sensible = (width = 780) => Math.round(Math.min(Math.max(width, 280), 1200));

/** The calls alone: of a container that was not finished there is nothing else. */
export function callsFigure(calls: Xray['calls'], width?: number): Figure | null {
  const drawn = drawCalls({ calls }, sensible(width));
  return drawn && framed('calls', drawn, sensible(width));
}

/** Those for which there is something to show. */
export function figures(xray: Xray, more: More = {}): Figure[] {
  const width = sensible(more.width);
  const drawn: [Figure['id'], Drawn | null][] = [
    ['process', drawProcess(xray, width)],
    ['namespaces', xray.namespaces.length > 0 ? drawNamespaces(xray, width) : null],
    ['mounts', drawMounts(xray, width)],
    ['overlay', drawOverlays(xray, width)],
    ['users', drawUsers(xray, width)],
    ['cgroup', drawCgroup(xray, width, more.history)],
    ['network', drawNetwork(xray, width)],
    ['images', drawImages(more.images, width)],
    ['privileges', drawPrivileges(xray, width)],
    ['calls', drawCalls(xray, width)],
  ];
  return drawn.flatMap(([id, each]) => (each ? [framed(id, each, width)] : []));
}

function framed(id: Figure['id'], { title, lesson, body, height, text }: Drawn, width: number): Figure {
  const tall = Math.ceil(height);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" class="xray" data-figure="${id}" viewBox="0 0 ${width} ${tall}" width="${width}" height="${tall}" role="group" aria-label="${escaped(title)}">\n${body}</svg>\n`;
  return { id, title, lesson, svg, text: text.map(visible).join('\n') };
}
