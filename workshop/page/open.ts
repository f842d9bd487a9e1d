// `boxwright open`: the workshop as a page, until a key or a signal ends it.
import chalk from 'chalk';
import { isLoopback, listenNear, type Serving } from '../serve/listen.ts';
import { readKeys } from '../watch/keys.ts';
import { untilSignal } from '../watch/signals.ts';
import type { XrayOptions } from '../xray/index.ts';
import { makeAccess } from './access.ts';
import { browse } from './browse.ts';
import { pageServer } from './server.ts';
import type { Shown } from './xray-routes.ts';

/** The machine's port of the workshop's pages; Vagrant's and Lima's machines forward it (vagrant/pages-port). */
export const defaultPort = 7411;

export interface OpenOptions {
  /** Where in the workshop: '/' or '/05'. */
  path?: string;
  listen?: string | undefined;
  /** Whether to open a browser, where there is one. */
  browser?: boolean;
  json?: boolean;
  /** Processes that the viewers' link may look at; whether it may see the slides. */
  shown?: Shown;
  slides?: boolean;
  /** Where it listens if that is free, and nothing else was asked for. */
  port?: number;
  /** Lines to say before the link, and after it. */
  about?: string[];
  keys?: string;
}

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function openPages(options: OpenOptions): Promise<number> {
  const { path = '/', browser = true, json = false, port: usual = defaultPort, shown, slides = false } = options;
  const ended = untilSignal();
  let port = 0;
  const access = makeAccess(() => port);
  const pages = pageServer({ access, slides, ...(shown && { shown }) });
  const keys = json ? null : readKeys(key => (key === 'q' ? ended.resolve(0) : key === 'ctrl-c' && ended.resolve(130)));
  try {
    const serving = await listenNear(pages.app, options.listen, usual);
    port = serving.port;
    const link = (token: string) => `${serving.urls[0]}${path}?token=${token}`;
    const links = { page: link(access.tokens.owner), viewers: link(access.tokens.viewer) };
    if (json) console.log(JSON.stringify({ urls: serving.urls, ...links }));
    else say(serving, links, { ...options, usual, opened: browser && browse(links.page), quits: keys !== null });
    try {
      return await ended.status;
    } finally {
      await Promise.all([pages.close(), serving.close()]);
    }
  } finally {
    keys?.suspend();
  }
}

/** The same figures of any process on the machine, live: the link leads to it. */
export const openXrayPage = (pid: number, known: XrayOptions = {}, options: OpenOptions = {}): Promise<number> =>
  openPages({ ...options, path: `/xray/${pid}`, shown: new Map([[pid, known]]) });

interface Around extends Pick<OpenOptions, 'about' | 'keys'> {
  usual: number;
  /** Whether a browser shows it already, and whether q ends it. */
  opened: boolean;
  quits: boolean;
}

function say({ host, port }: Serving, links: Record<'page' | 'viewers', string>, around: Around): void {
  const { about = [], keys = '', usual, opened, quits } = around;
  const lines = [...about, `${opened ? 'Opened' : 'Open'} ${chalk.bold(links.page)}`];
  if (!isLoopback(host)) lines.push(`To look and not touch: ${chalk.bold(links.viewers)}`);
  if (port !== usual && isLoopback(host)) lines.push(chalk.dim(`Something else has port ${usual}.`));
  lines.push(chalk.dim(`${keys}${quits ? 'q or Ctrl-C' : 'Ctrl-C'} ends it.`));
  console.log(lines.join('\n'));
}
