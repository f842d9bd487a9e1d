// A page in HTML: one file that asks for nothing, runs nothing, and reads well on paper, on a telephone and aloud.
import type { Block, Inline, Part } from './document.ts';
import { style } from './style.ts';

export function html(title: string, blocks: Block[]): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>
${style}
</style>
</head>
<body>
<main>
${blocks.map(block).join('\n')}
</main>
</body>
</html>
`;
}

function block(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${line(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${line(block.text)}</p>`;
    case 'list':
      return items(block.items);
    case 'table':
      return table(block);
    case 'verbatim':
      return verbatim(block.text);
    case 'parts':
      return `<dl>\n${block.parts.map(part).join('\n')}\n</dl>`;
  }
}

function part({ name, value }: Part): string {
  const body = 'text' in value ? line(value.text) : 'list' in value ? items(value.list) : verbatim(value.verbatim);
  return `<dt>${escapeText(name)}</dt>\n<dd>${body}</dd>`;
}

function table({ caption, head, rows }: Extract<Block, { kind: 'table' }>): string {
  const row = ([first = [], ...others]: Inline[][]) =>
    `<tr><th scope="row">${line(first)}</th>${others.map(cell => `<td>${line(cell)}</td>`).join('')}</tr>`;
  const columns = head.map(name => `<th scope="col">${escapeText(name)}</th>`).join('');
  return `<table>
<caption>${escapeText(caption)}</caption>
<thead><tr>${columns}</tr></thead>
<tbody>
${rows.map(row).join('\n')}
</tbody>
</table>`;
}

const items = (all: Inline[][]) => `<ul>\n${all.map(item => `<li>${line(item)}</li>`).join('\n')}\n</ul>`;

/** The parser drops a line end right behind `<pre>`, so one is given. */
const verbatim = (text: string) => `<pre>\n${escapeText(text)}</pre>`;

function line(text: Inline[]): string {
  return text.map(inline).join('');
}

function inline(piece: Inline): string {
  if (typeof piece === 'string') return escapeText(piece);
  return 'code' in piece ? `<code>${escapeText(piece.code)}</code>` : `<strong>${escapeText(piece.strong)}</strong>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeText = (text: string) => text.replace(/[&<>"']/g, char => entities[char] ?? '');
