// The real shell on a slide: whoever presents gets a shell on a sandbox's host, in a browser; who only looks gets none.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import test from 'ava';
import { readChildren } from '#linux';
import { makeAccess } from '../workshop/page/access.ts';
import { pageServer } from '../workshop/page/server.ts';
import { listen } from '../workshop/serve/listen.ts';
import { noBrowser, openBrowser, visit } from '../workshop/testing/browser.ts';
import { eventually } from '../workshop/testing/stage.ts';

const here = noBrowser ? test.skip : test.serial;

async function serve() {
  let port = 0;
  const access = makeAccess(() => port);
  const pages = pageServer({ access, slides: true });
  const serving = await listen(pages.app, { host: '127.0.0.1', port: 0 });
  port = serving.port;
  const cookie = (role: 'owner' | 'viewer') => ({ cookie: `boxwright-${port}=${access.tokens[role]}` });
  const close = () => Promise.all([pages.close(), serving.close()]);
  return { origin: serving.urls[0] ?? '', access, cookie, close };
}

/** Of this process, as deep as they go, but for those that end while we look. */
function descendants(pid = process.pid): number[] {
  try {
    return readChildren(pid).flatMap(child => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

here(
  `keys on a slide reach a shell in a sandbox, and nothing is left of it${noBrowser ? ` (${noBrowser})` : ''}`,
  async t => {
    const { origin, access, close } = await serve();
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const { page, errors } = await visit(t, browser, origin, { viewport: { width: 1280, height: 720 } });
    await page.goto(`${origin}/slides/06?token=${access.tokens.owner}`);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    const id = await page.locator('section:has(live-terminal)').first().getAttribute('id');
    await page.evaluate(`location.hash = '#/${id}'`);
    const slide = page.locator('section.present');
    await slide.getByRole('button', { name: 'On this machine' }).click();
    await slide.getByText('Connected: the shell runs.').waitFor();

    const name = `/tmp/slide-${randomBytes(6).toString('hex')}`;
    const touched = () => descendants().filter(pid => existsSync(`/proc/${pid}/root${name}`));
    t.deepEqual(touched(), []);
    await page.keyboard.type(`box hostname; touch ${name}\n`);
    t.true(await eventually(() => touched().length > 0), 'what was typed was done in there');
    t.false(existsSync(name), 'and not on this machine');
    t.is(await page.locator('section.present').getAttribute('id'), id, 'no key went to the slides');
    t.deepEqual(errors, []);

    const inside = touched();
    await close();
    t.true(await eventually(() => !inside.some(pid => existsSync(`/proc/${pid}`))));
  },
);

test.serial('who only looks sees the slides, and gets no shell', async t => {
  const { origin, cookie, close } = await serve();
  t.teardown(close);
  const get = (path: string, role: 'owner' | 'viewer', more = {}) =>
    fetch(origin + path, { headers: { ...cookie(role), ...more } });
  const [theirs, ours] = await Promise.all(
    (['viewer', 'owner'] as const).map(async role => (await get('/slides/06', role)).text()),
  );
  t.regex(theirs ?? '', /<live-terminal /);
  t.notRegex(theirs ?? '', /data-shell/);
  t.regex(ours ?? '', /data-shell="\/slides\/shell\/06"/);
  t.is((await get('/slides/shell/06', 'viewer')).status, 403);
  t.is((await get('/slides/shell/99', 'owner')).status, 404);
  t.is((await fetch(`${origin}/slides/shell/06`)).status, 403);
});
