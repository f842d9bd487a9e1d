// What a page of the workshop does in the browser: puts news in place, and brings tabs, buttons and the terminal to life. All that it shows
// was made by the server; without this file the page can be read all the same.
import { listen } from './news.ts';
import { openTabs } from './tabs.ts';

const lost = document.querySelector('#lost');

for (const tabs of document.querySelectorAll<HTMLElement>('[data-tabs]')) openTabs(tabs, opened);

const { events, have } = document.body.dataset;
if (events) listen(events, have ?? '', say);

document.addEventListener('click', async click => {
  const button = click.target instanceof Element ? click.target.closest<HTMLButtonElement>('button[data-post]') : null;
  if (!button) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.post ?? '', { method: 'POST' });
    say(answer.ok ? '' : (await answer.text()).trim());
  } catch {
    say('The server does not answer.');
  }
  button.disabled = false;
});

for (const block of document.querySelectorAll<HTMLElement>('.console')) addCopy(block);

const drawings = document.querySelector<HTMLElement>('.boxed, .figures');
if (drawings) {
  const { explain } = await import('../../xray/browser/explain.ts');
  explain(drawings, { linkTo: lesson => (location.pathname === `/${lesson}` ? null : `/${lesson}`) });
}

/** A line at the top: what is wrong with the connection; empty when nothing is. */
function say(text: string): void {
  if (lost && lost.textContent !== text) lost.textContent = text;
}

/** The terminal is loaded when it is looked at for the first time: it weighs more than all the rest. */
async function opened(panel: HTMLElement): Promise<void> {
  const place = panel.querySelector<HTMLElement>('[data-terminal]:not([data-open])');
  if (!place) return;
  place.dataset.open = '';
  const { openTerminal } = await import('./terminal.ts');
  const url = new URL(place.dataset.terminal ?? '', location.href.replace(/^http/, 'ws'));
  openTerminal(place, url.href, { readOnly: place.dataset.readOnly !== undefined });
}

/** What was typed in a session, without prompts and answers, for one's own terminal. */
function addCopy(block: HTMLElement): void {
  const typed = [...block.querySelectorAll('kbd')].map(line => line.textContent).join('\n');
  if (!typed) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy: ${typed.split('\n')[0]}`);
  button.addEventListener('click', async () => {
    button.textContent = (await copy(typed)) ? 'Copied' : 'Not allowed';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  block.append(button);
}

/** Browsers give the clipboard to pages of this machine; to a page of a room only by the old way. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
