// An SVG file on a slide: its style and ids are its own there too, as on the workshop's page, its type is large enough for a room, and it is
// dark where the presenter wants it to be.
import { within } from '../../workshop/page/html/svg.ts';

/** `id`: unique in the document. */
export function inlineFigure(svg: string, id: string): string {
  return `<figure id="${id}">\n${within(raised(svg), id, css => scoped(css, `#${id}`)).trim()}\n</figure>\n`;
}

/** Every rule within `scope`. What is for the dark holds where the system is dark, unless the presenter has chosen. */
export function scoped(css: string, scope: string): string {
  const dark: string[] = [];
  const light = css.replace(/@media \(prefers-color-scheme: dark\) \{((?:[^{}]*\{[^{}]*\})*)\s*\}/g, (_, rules) => {
    dark.push(rules);
    return '';
  });
  const within = (prefix: string, rules: string) =>
    rules.replace(/([^{}]+)\{([^{}]*)\}/g, (_, selectors: string, body: string) => {
      const all = selectors
        .replace(/\/\*.*?\*\//gs, '')
        .split(',')
        .map(each => `${prefix} ${each.trim()}`);
      return `${all.join(', ')} {${body}}\n`;
    });
  const chosen = dark.join('\n');
  return [
    within(scope, light),
    `@media screen and (prefers-color-scheme: dark) { ${within(`:root:not([data-theme=light]) ${scope}`, chosen)} }`,
    `@media screen { ${within(`:root[data-theme=dark] ${scope}`, chosen)} }`,
  ].join('\n');
}

/** What a figure is given on a slide with a heading of one line, and the smallest type there. Pixels. */
const room = { width: 1244, height: 596, type: 20.1 };

/** The lessons' figures are drawn for a page that is read from near: their smallest type is raised until it can be read from afar. */
export function raised(svg: string): string {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const scale = Math.min(room.width / Number(width), room.height / Number(height));
  const least = Math.ceil((room.type / scale) * 10) / 10;
  return svg.replace(/(font-size(?::\s*|="))([\d.]+)/g, (_, how, size) => `${how}${Math.max(Number(size), least)}`);
}
