// For the tests: a page with a terminal and nothing else.
import { openTerminal } from '../../page/browser/terminal.ts';

const here = document.querySelector<HTMLElement>('#here');
const path = document.querySelector<HTMLElement>('script[data-path]')?.dataset.path ?? '';
const url = new URL(path, location.href.replace(/^http/, 'ws')).href;
if (here) openTerminal(here, url, { readOnly: path === '/watch' });
