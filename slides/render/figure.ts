// An SVG file put into the page. Its style and its ids are its own there too: several figures in one document must not meet.

/** `id`: unique in the document. */
export function inlineFigure(svg: string, id: string): string {
  const text = raised(withoutUse(svg))
    .replace(/^\s*<\?xml.*?\?>\s*/s, '')
    .replace(/<style>(.*?)<\/style>/s, (_, css) => `<style>${scoped(css, `#${id}`)}</style>`);
  const own = text
    .replace(/ id="([^"]+)"/g, (_, name) => ` id="${id}-${name}"`)
    .replace(
      / aria-(labelledby|describedby)="([^"]+)"/g,
      (_, kind, names) =>
        ` aria-${kind}="${names
          .split(/\s+/)
          .map((name: string) => `${id}-${name}`)
          .join(' ')}"`,
    )
    .replace(/url\(#([^)]+)\)/g, (_, name) => `url(#${id}-${name})`)
    .replace(/href="#([^"]+)"/g, (_, name) => `href="#${id}-${name}"`);
  return `<figure id="${id}">\n${own.trim()}\n</figure>\n`;
}

/** What `<use>` shows, in its place: a rule with the figure's id in front would not reach into a copy that the browser makes. */
function withoutUse(svg: string): string {
  return svg.replace(/<use href="#([^"]+)"(?: x="([^"]+)")?(?: y="([^"]+)")?\s*\/>/g, (use, name, x = 0, y = 0) => {
    const [, content] = new RegExp(`<g id="${name}">(.*?)</g>`, 's').exec(svg) ?? [];
    return content === undefined ? use : `<g transform="translate(${x} ${y})">${content}</g>`;
  });
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
