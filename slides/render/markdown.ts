// A slide's Markdown as HTML. Markdown is all that it may be: tags in it are shown as they are typed.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { codeBlock, consoleBlock } from './code.ts';
import { inlineFigure } from './figure.ts';
import { escapeHtml } from './html.ts';

/** `folder`: where its pictures lie. `id`: of this text, to name its figures by. Throws an Error for a picture that is not there. */
export function renderMarkdown(text: string, folder: string, id: string): string {
  let figures = 0;
  const figure = ({ href, text: alt }: Tokens.Image) => {
    const file = resolve(folder, href);
    if (!/^[\w./-]+\.svg$/.test(href) || !existsSync(file))
      throw new Error(`there is no picture ${JSON.stringify(href)} (an SVG beside the deck)`);
    if (alt.trim() === '')
      throw new Error(`${href} has no words for those who cannot see it: ![what it shows](${href})`);
    return inlineFigure(readFileSync(file, 'utf8'), `figure-${id}-${++figures}`);
  };
  const marked = new Marked({
    renderer: {
      html: ({ text: tags }) => escapeHtml(tags),
      link: ({ href, text: words }) =>
        /^#\//.test(href) ? `<a href="${escapeHtml(href)}">${escapeHtml(words)}</a>` : linkRefused(href),
      code: ({ text: code, lang = '' }) =>
        /^console\b/.test(lang) ? consoleBlock(code) : codeBlock(code, lang.split(/\s/)[0]),
      image: () => '',
      paragraph(token) {
        const [first, ...more] = token.tokens;
        if (first?.type === 'image' && more.length === 0) return figure(first as Tokens.Image);
        return `<p>${this.parser.parseInline(token.tokens)}</p>\n`;
      },
    },
  });
  return marked.parse(text, { async: false });
}

/** One line, without a paragraph around it. */
export function inlineMarkdown(text: string): string {
  const marked = new Marked({
    renderer: {
      html: ({ text: tags }) => escapeHtml(tags),
      link: ({ text: words }) => escapeHtml(words),
      image: () => '',
    },
  });
  return marked.parseInline(text, { async: false });
}

/** A room may have no network, and a slide is no place to click away from. */
function linkRefused(href: string): never {
  throw new Error(`a slide links to slides only (#/…), not to ${href}: name it in words`);
}

export const folderOf = (file: string) => dirname(file);
