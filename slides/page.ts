// The HTML of a talk. Where its parts come from (a server, a folder) is the caller's.
import { escapeHtml } from './render/html.ts';
import { type RenderOptions, renderStep } from './render/step.ts';
import type { Talk } from './talk.ts';

export interface PageOptions extends RenderOptions {
  /** Addresses of the style sheets. */
  styles: string[];
  /** For those who have no JavaScript. */
  plain: string;
  /** What goes at the head's end: the import map, the modules. */
  scripts: string;
  /** Chosen by the presenter; otherwise the system's. */
  theme?: 'dark' | 'light' | undefined;
}

export function talkPage(talk: Talk, options: PageOptions): string {
  const { styles, plain, scripts, theme } = options;
  const links = styles.map(href => `<link rel="stylesheet" href="${escapeHtml(href)}">`);
  return `<!doctype html>
<html lang="en"${theme ? ` data-theme="${theme}"` : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(talk.title)} · Boxwright</title>
<link rel="icon" href="data:,">
${links.join('\n')}
<noscript><link rel="stylesheet" href="${escapeHtml(plain)}"></noscript>
${scripts}
</head>
<body>
<main>
<div class="reveal">
<h1 class="hidden">${escapeHtml(talk.title)}</h1>
<div class="slides">
${talk.steps.map(step => renderStep(step, options)).join('\n')}</div>
</div>
</main>
</body>
</html>
`;
}
