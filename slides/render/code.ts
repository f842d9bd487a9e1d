// Source text and shell sessions on a slide: what is typed stands out from what is answered, a TODO from what is there already.
import { tokens } from '../../workshop/terminal/code.ts';
import { escapeHtml, sizeOf } from './html.ts';

/** A shell session. `root`, `before`: on whose container it runs, which a slide says in words above it where it matters. */
export function consoleBlock(text: string): string {
  let typed = false;
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => {
      typed = line.startsWith('$ ') || (typed && line.startsWith('> '));
      if (!typed) return `<samp>${escapeHtml(line)}</samp>`;
      return `<span class="prompt">${escapeHtml(line.slice(0, 2))}</span><kbd>${escapeHtml(line.slice(2))}</kbd>`;
    });
  return `<pre class="console ${sizeOf(text.trimEnd())}"><code>${lines.join('\n')}</code></pre>\n`;
}

export function codeBlock(text: string, language = ''): string {
  const known = ['ts', 'typescript', 'js', 'c'].includes(language);
  const html = known ? colour(text.trimEnd()) : escapeHtml(text.trimEnd());
  return `<pre class="code ${sizeOf(text.trimEnd())}"><code>${html}</code></pre>\n`;
}

function colour(text: string): string {
  let html = '';
  let end = 0;
  for (const found of text.matchAll(tokens)) {
    const { comment, string, number } = found.groups ?? {};
    const kind = comment
      ? isTodo(text, found.index)
        ? 'todo'
        : 'comment'
      : string
        ? 'string'
        : number
          ? 'number'
          : 'keyword';
    const tag = kind === 'todo' ? 'mark' : 'span';
    html += `${escapeHtml(text.slice(end, found.index))}<${tag} class="${kind}">${escapeHtml(found[0])}</${tag}>`;
    end = found.index + found[0].length;
  }
  return html + escapeHtml(text.slice(end));
}

/** A comment that says TODO, and those that go on from it on the next lines. */
function isTodo(text: string, at: number): boolean {
  const above = text.slice(0, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at)).split('\n');
  for (const line of above.reverse()) {
    if (!/^\s*\/\//.test(line) && !/\/\/ TODO/.test(line)) return false;
    if (/TODO/.test(line)) return true;
  }
  return false;
}
