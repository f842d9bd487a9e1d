// What every page has around it: the way back, the style, the modules for the browser, and where its news comes from.
import { html, raw } from 'hono/html';
import { importMap } from '../../serve/modules.ts';
import { figureStyle } from '../../xray/draw/index.ts';

export type Html = ReturnType<typeof html>;

export interface Layout {
  title: string;
  /** Links beside the name, in the header. */
  links?: { to: string; text: string; label?: string; narrow?: boolean }[];
  /** Where the events come from, and what this page has of them. */
  events?: { from: string; have: string };
  body: Html;
}

const map = importMap(['idiomorph', '@xterm/xterm', '@xterm/addon-fit']);

/** What a page may load: from here. Terminals and drawings bring styles of their own; scripts come as files, but for the import map. */
export const contentPolicy = `script-src 'self' ${map.hash}; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self'`;

export function layout({ title, links = [], events, body }: Layout): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Boxwright</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/modules/workshop/page/browser/page.css">
${events ? html`<style>${raw(figureStyle)}</style>` : ''}
<script type="importmap">${raw(map.text)}</script>
<script type="module" src="/modules/workshop/page/browser/page.ts"></script>
</head>
<body${events ? html` data-events="${events.from}" data-have="${events.have}"` : ''}>
<a class="to-text" href="#text">Skip to the text</a>
<header class="top">
<nav aria-label="Workshop"><a class="name" href="/">Boxwright</a>
${links.map(
  ({
    to,
    text,
    label,
    narrow,
  }) => html`<a href="${to}"${narrow ? html` class="narrow"` : ''}${label ? html` aria-label="${label}"` : ''}>${text}</a>
`,
)}</nav>
<p id="lost" class="lost" role="status"></p>
</header>
${body}
</body>
</html>
`);
}
