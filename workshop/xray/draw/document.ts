// All figures as one file that any viewer opens: nobody listens there for a pointer, so each part carries its words as a title.
import { explanations } from './explain.ts';
import type { Figure } from './index.ts';
import { figureStyle } from './style.ts';
import { escaped } from './text.ts';

const partTag =
  /<g class="part" data-explain="([^"]*)" data-part="[^"]*" tabindex="-?\d" role="img" aria-label="([^"]*)">/g;

/** Standalone SVG 1.1 in which what was written inside `figures` is whole: `boxwright xray PID --svg`. */
export function asDocument(figures: Figure[]): string {
  let [y, widest, drawn] = [24, 280, ''];
  for (const { title, svg, text } of figures) {
    const [, width = '0', height = '0'] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    const body = svg
      .replace(/^<svg [^>]*>/, '')
      .replace(/<\/svg>\s*$/, '')
      .replace(partTag, (_, key: string, words: string) => {
        const why = explanations[key];
        return `<g><title>${words}${why ? `. ${escaped(why.text)}` : ''}</title>`;
      });
    drawn += `<text class="big" x="16" y="${y + 22}">${escaped(title)}</text>\n`;
    drawn += `<svg x="0" y="${y + 36}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><desc>${text.split('\n').map(escaped).join('\n')}</desc>\n${body}</svg>\n`;
    y += 36 + Number(height) + 32;
    widest = Math.max(widest, Number(width));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" class="xray" viewBox="0 0 ${widest} ${y}" width="${widest}" height="${y}">
<title>An x-ray of a process</title>
<style>${figureStyle}</style>
<rect class="paper" width="${widest}" height="${y}"/>
${drawn}</svg>
`;
}
