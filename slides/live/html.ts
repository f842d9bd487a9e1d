// A live terminal as HTML: the demo's steps as text, which is what paper and a browser without JavaScript show, in the element that
// browser/element.ts makes a terminal of.
import { escapeHtml } from '../render/html.ts';
import { readDemo } from './demos.ts';

export interface LiveOptions {
  /** The address of the workshop's terminal, where there is one. */
  shell?: string | undefined;
}

/** Throws where there is no such demo. */
export function liveTerminal(name: string, { shell }: LiveOptions = {}): string {
  const { title, steps } = readDemo(name);
  const attributes = [
    `demo="${escapeHtml(name)}" data-title="${escapeHtml(title)}" data-prevent-swipe`,
    ...(shell === undefined ? [] : [`data-shell="${escapeHtml(shell)}"`]),
  ];
  const items = steps.map(({ say, command, output }) => {
    const answer = output === '' ? '' : `\n<samp>${escapeHtml(output)}</samp>`;
    return `<li><p>${escapeHtml(say)}</p><pre><kbd>${escapeHtml(command)}</kbd>${answer}</pre></li>`;
  });
  // Longer than its place: who has no mouse scrolls it as well, so it takes the focus and has a name.
  const text = `<div class="live-text" tabindex="0" role="group" aria-label="${escapeHtml(`${title}: the steps`)}">`;
  return `<live-terminal ${attributes.join(' ')}>\n${text}<ol class="live-steps">\n${items.join('\n')}\n</ol></div>\n</live-terminal>\n`;
}
