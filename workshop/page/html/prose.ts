// A lesson's Markdown as HTML: marked takes it apart, and each kind of block that a page shows otherwise than a book is laid out here.
import { posix } from 'node:path';
import { raw } from 'hono/html';
import { Marked, type Tokens } from 'marked';
import { tokens } from '../../terminal/code.ts';
import { escaped } from './escape.ts';
import { figureOf } from './svg.ts';

export interface Prose {
  /** Relative to the repository: where the text's links start, 'lessons/05-pivot-root'. */
  folder: string;
  /** Absolute, for its pictures; none are shown where it is absent. */
  pictures?: string;
}

export function prose(text: string, { folder, pictures }: Prose): string {
  const seen = new Map<string, number>();
  const page = new Marked({
    renderer: {
      // Before the first lesson there is no container, but a host without one.
      code: ({ text, lang = '' }) => codeBlock(text, folder.includes('/01-') ? lang.replace(/ before\b/, '') : lang),
      heading({ tokens, depth, text }) {
        const slug = text
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, '-')
          .replace(/^-|-$/g, '');
        const times = seen.get(slug) ?? 0;
        seen.set(slug, times + 1);
        const id = `text-${slug}${times > 0 ? `-${times}` : ''}`;
        // The page has the one heading of the first level.
        const level = Math.max(depth, 2);
        return `<h${level} id="${escaped(id)}">${this.parser.parseInline(tokens)}</h${level}>\n`;
      },
      link({ href, tokens }) {
        const to = target(href, folder);
        const words = this.parser.parseInline(tokens);
        if (!to) return words;
        // Only a click leads elsewhere, and it does not say where from.
        const away = to.startsWith('/') || to.startsWith('#') ? '' : ' rel="noreferrer" target="_blank"';
        return `<a href="${escaped(to)}"${away}>${words}</a>`;
      },
      image: ({ href, text }) =>
        pictures && /^[\w-]+\.svg$/.test(href) ? figureOf(`${pictures}/${href}`, text) : escaped(text),
      table({ header, rows }) {
        const cell = (name: string) => (each: Tokens.TableCell) =>
          `<${name}>${this.parser.parseInline(each.tokens)}</${name}>`;
        const body = rows.map(row => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
        const head = header.map(cell('th scope="col"')).join('').replaceAll('</th scope="col">', '</th>');
        return `<div class="wide" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
      // What folds is HTML in Markdown; all else of that kind is text.
      html: ({ text }) => (/[<>&]/.test(text.replace(/<\/?(details|summary)>/g, '')) ? escaped(text) : text),
    },
  });
  return page.parse(text, { async: false });
}

export const phrase = (text: string) => raw(prose(text, { folder: '' }));

/** A shell session is told apart from a file; what is to be typed is what is copied. */
function codeBlock(text: string, lang: string): string {
  const [kind = ''] = lang.split(/\s/);
  if (kind !== 'console')
    return `<pre tabindex="0"${kind === 'ts' ? ' class="ts"' : ''}><code>${kind === 'ts' ? typescript(text) : escaped(text)}</code></pre>\n`;
  const lines = text.split('\n').map(line => {
    const [, prompt, typed] = /^([$#>] )(.*)$/.exec(line) ?? [];
    if (prompt === undefined) return `<span class="said">${escaped(line)}</span>`;
    return `<span class="prompt" aria-hidden="true">${escaped(prompt)}</span><kbd>${escaped(typed ?? '')}</kbd>`;
  });
  const title = / before\b/.test(lang) ? 'the previous lesson’s container' : '';
  return `<div class="console">${title ? `<p class="which">${title}</p>` : ''}<pre tabindex="0"><code>${lines.join('\n')}</code></pre></div>\n`;
}

/** Enough colour to read by, as on the terminal. */
export function typescript(text: string): string {
  let [done, at] = ['', 0];
  for (const found of text.matchAll(tokens)) {
    const kind = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined)?.[0];
    done += `${escaped(text.slice(at, found.index))}<span class="ts-${kind}">${escaped(found[0])}</span>`;
    at = found.index + found[0].length;
  }
  return done + escaped(text.slice(at));
}

/** Where a link of a text leads on this page: to another lesson's page, to a place in this one, or out. Null for files that are not shown. */
function target(href: string, folder: string): string | null {
  if (href.startsWith('#')) return `#text-${href.slice(1)}`;
  if (/^https?:\/\//.test(href)) return href;
  if (/^[a-z]+:/i.test(href)) return null;
  const [, kind, number] =
    /^(lessons|solutions)\/(\d\d)-[\w-]+(?:\/(?:README\.md)?)?$/.exec(posix.join(folder, href)) ?? [];
  if (!number) return null;
  return kind === 'lessons' ? `/${number}` : `/${number}/solution`;
}
