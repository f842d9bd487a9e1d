// Pictures of some slides, for `npm run screenshots`.
import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { makeAccess } from '../workshop/page/access.ts';
import { pageServer } from '../workshop/page/server.ts';
import { listen } from '../workshop/serve/listen.ts';

/** Of which talk, and which slide of it. */
const shots: Record<string, [talk: string, id: string]> = {
  'slide-cut': ['day', 'day-title'],
  'slide-agenda': ['day', 'day-agenda'],
  'slide-history': ['part-0/02-history', 'part-0-02-history-1'],
  'slide-who-calls-whom': ['part-0/04-who-calls-whom', 'part-0-04-who-calls-whom-2'],
  'slide-session': ['05', '05-pivot-root-2'],
  'slide-figure': ['05', '05-pivot-root-6'],
  'slide-source': ['05', '05-pivot-root-10'],
  'slide-exercise': ['05', '05-pivot-root-exercise'],
};

/** Writes `NAME-light.png` and `NAME-dark.png` to the folder, and the speaker view; the files' names. */
export async function shootSlides(browser: Browser, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  let port = 0;
  const access = makeAccess(() => port);
  const pages = pageServer({ access });
  const serving = await listen(pages.app, { host: '127.0.0.1', port: 0 });
  port = serving.port;
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const files: string[] = [];
  const page = await context.newPage();
  const open = async (path: string, id: string) => {
    await page.goto('about:blank');
    await page.goto(`${serving.urls[0]}/slides/${path}&token=${access.tokens.owner}#/${id}`);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    // What follows the token's exchange is a new load, without the address's end.
    await page.evaluate(`location.hash = ${JSON.stringify(`#/${id}`)}`);
    await page.waitForSelector(`[id="${id}"].present`);
  };
  try {
    for (const [name, [talk, id]] of Object.entries(shots)) {
      for (const theme of ['light', 'dark']) {
        await open(`${talk}?${theme}`, id);
        files.push(`${name}-${theme}.png`);
        await page.screenshot({ path: `${folder}/${files.at(-1)}` });
      }
    }
    const [speaker] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('s')]);
    await speaker.setViewportSize({ width: 1280, height: 800 });
    await speaker.waitForSelector('.speaker-controls-notes:not(.hidden)');
    await speaker.frameLocator('#upcoming-slide iframe').locator('section.present').waitFor();
    files.push('slide-speaker-view.png');
    await speaker.screenshot({ path: `${folder}/${files.at(-1)}` });
    return files;
  } finally {
    await context.close();
    await Promise.all([pages.close(), serving.close()]);
  }
}
