// The page of all decks and cuts, with minutes.
import { isCourse, outline } from './outline.ts';
import { escapeHtml } from './render/html.ts';
import { clock } from './talk.ts';

export function listPage(prefix: string, styles: string[]): string {
  const { cuts, decks } = outline();
  const link = (name: string, text: string) => `<a href="${escapeHtml(prefix + name)}">${escapeHtml(text)}</a>`;
  const row = (name: string, title: string, minutes: number, slides: number) =>
    `<tr><td>${link(name, name)}</td><td>${escapeHtml(title)}</td><td>${clock(minutes)}</td><td>${slides}</td></tr>`;
  const table = (caption: string, rows: string[]) =>
    `<table><caption>${caption}</caption>\n<thead><tr><th scope="col">name</th><th scope="col">title</th><th scope="col">h:min</th><th scope="col">slides</th></tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody></table>`;
  const cutRows = cuts
    .flatMap(cut => [cut, ...(isCourse(cut) ? cut.weeks : [])])
    .map(({ name, title, minutes, slides }) => row(name, title, minutes, slides));
  const deckRows = decks.map(({ name, title, minutes, slides }) => row(name, title, minutes, slides));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Slides · Boxwright</title>
<link rel="icon" href="data:,">
${styles.map(href => `<link rel="stylesheet" href="${escapeHtml(href)}">`).join('\n')}
</head>
<body>
<main>
<h1>Slides</h1>
<p>Keys: <kbd>S</kbd> opens the speaker view, <kbd>F</kbd> the whole screen, <kbd>Esc</kbd> shows all slides, <kbd>?</kbd> the others.</p>
${table('Cuts, for the time that you have', cutRows)}
${table('Decks', deckRows)}
</main>
</body>
</html>
`;
}
