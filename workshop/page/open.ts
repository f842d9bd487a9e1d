// `boxwright open`: the workshop as a page, until a key or a signal ends it.
import chalk from 'chalk';
import { UserError } from '../errors.ts';
import { isLoopback, listen, type Place, placeFrom, type Serving } from '../serve/listen.ts';
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
  /** Processes that the viewers' link may look at. */
  shown?: Shown;
}

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function openPages({ path = '/', listen: address, browser = true, json = false, shown }: OpenOptions) {
  const ended = untilSignal();
  let port = 0;
  const access = makeAccess(() => port);
  const pages = pageServer({ access, ...(shown && { shown }) });
  const keys = json ? null : readKeys(key => (key === 'q' ? ended.resolve(0) : key === 'ctrl-c' && ended.resolve(130)));
  try {
    const serving = await listenSomewhere(pages.app, address);
    port = serving.port;
    const link = (token: string) => `${serving.urls[0]}${path}?token=${token}`;
    const links = { page: link(access.tokens.owner), viewers: link(access.tokens.viewer) };
    if (json) console.log(JSON.stringify({ urls: serving.urls, ...links }));
    else say(serving, links, browser && browse(links.page), keys !== null);
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

/** Where it was asked to; else on its own port, or on any when that is taken. */
async function listenSomewhere(app: Parameters<typeof listen>[0], address: string | undefined): Promise<Serving> {
  const place: Place = placeFrom(address, defaultPort);
  try {
    return await listen(app, place);
  } catch (error) {
    if (address !== undefined || !(error instanceof UserError)) throw error;
    return listen(app, { ...place, port: 0 });
  }
}

function say({ host, port }: Serving, links: Record<'page' | 'viewers', string>, opened: boolean, keys: boolean): void {
  const lines = [`${opened ? 'Opened' : 'Open'} ${chalk.bold(links.page)}`];
  if (!isLoopback(host)) lines.push(`To look and not touch: ${chalk.bold(links.viewers)}`);
  if (port !== defaultPort && isLoopback(host)) lines.push(chalk.dim(`Something else has port ${defaultPort}.`));
  lines.push(chalk.dim(keys ? 'q or Ctrl-C ends it.' : 'Ctrl-C ends it.'));
  console.log(lines.join('\n'));
}
