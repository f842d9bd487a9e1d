// For the tests of the slides: a server of them, and what a browser can be asked about each slide.
import type { ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { makeAccess } from '../workshop/page/access.ts';
import { pageServer } from '../workshop/page/server.ts';
import { listen } from '../workshop/serve/listen.ts';
import { type Visit, visit } from '../workshop/testing/browser.ts';

export interface Served {
  origin: string;
  /** Query, with which anybody may. */
  token: string;
}

export async function serveSlides(t: Pick<ExecutionContext, 'teardown'>): Promise<Served> {
  let port = 0;
  const access = makeAccess(() => port);
  const pages = pageServer({ access });
  const serving = await listen(pages.app, { host: '127.0.0.1', port: 0 });
  port = serving.port;
  t.teardown(() => Promise.all([pages.close(), serving.close()]));
  return { origin: serving.urls[0] ?? '', token: access.tokens.owner };
}

/** `path`: 'term?dark'. Once reveal.js is ready. */
export async function openTalk(
  t: ExecutionContext,
  browser: Browser,
  { origin, token }: Served,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const found = await visit(t, browser, origin, { viewport: { width: 1280, height: 720 }, ...options });
  await found.page.goto(`${origin}/slides/${path}${path.includes('?') ? '&' : '?'}token=${token}`);
  await found.page.waitForSelector('html[data-ready]', { state: 'attached' });
  return found;
}

/** What is wrong with the slides of a page, each shown in turn: lines for the log. */
export const walk = (page: Page, smallest = 20): Promise<string[]> =>
  page.evaluate(`import('/modules/slides/browser/walk.ts').then(({ walk }) => walk(${smallest}))`);
