// A lesson's drawing in the page itself, so that its words can be found, marked and read aloud. Drawings are files of their own too:
// their styles mean the whole document, and their ids are short. In here both mean this drawing alone.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { escaped } from './escape.ts';

export function figureOf(path: string, caption: string): string {
  const id = `drawing-${basename(dirname(path))}`;
  let svg: string;
  try {
    svg = readFileSync(path, 'utf8');
  } catch {
    return escaped(caption);
  }
  return `<span class="drawing" id="${id}">${within(svg, id)}</span>`;
}

/** `scoped`: makes a style mean what has this id alone. */
export function within(svg: string, id: string, scoped = (style: string) => `#${id}{${style}}`): string {
  return withoutUse(svg)
    .replace(/<\?xml.*?\?>|<!DOCTYPE.*?>/gs, '')
    .replace(/<style>(.*?)<\/style>/gs, (_, style) => `<style>${scoped(style)}</style>`)
    .replace(/\bid="([^"]+)"/g, `id="${id}-$1"`)
    .replace(/\burl\(#([^)]+)\)/g, `url(#${id}-$1)`)
    .replace(/\bhref="#([^"]+)"/g, `href="#${id}-$1"`)
    .replace(/\b(aria-labelledby|aria-describedby)="([^"]+)"/g, (_, name, ids) => {
      return `${name}="${ids.replace(/\S+/g, (each: string) => `${id}-${each}`)}"`;
    });
}

/** What `<use>` shows, in its place: a rule with the drawing's id in front would not reach into a copy that the browser makes. */
function withoutUse(svg: string): string {
  return svg.replace(/<use href="#([^"]+)"(?: x="([^"]+)")?(?: y="([^"]+)")?\s*\/>/g, (use, name, x = 0, y = 0) => {
    const [, content] = new RegExp(`<g id="${name}">(.*?)</g>`, 's').exec(svg) ?? [];
    return content === undefined ? use : `<g transform="translate(${x} ${y})">${content}</g>`;
  });
}
