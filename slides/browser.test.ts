// The slides in a real browser: what a room sees, and what a presenter does.
import test, { type ExecutionContext } from 'ava';
import type { Browser } from 'playwright-core';
import { axe, noBrowser, openBrowser, patience } from '../workshop/testing/browser.ts';
import { openTalk, type Served, serveSlides, walk } from './testing.ts';

let browser: Browser;
let served: Served;
const closing: (() => unknown)[] = [];
test.before(async () => {
  if (noBrowser) return;
  browser = await openBrowser();
  served = await serveSlides({ teardown: each => closing.push(each) });
});
test.after.always(async () => {
  await browser?.close();
  for (const each of closing) await each();
});

const inBrowser = (title: string, body: (t: ExecutionContext) => Promise<void>) =>
  (noBrowser ? test.serial.skip : test.serial)(noBrowser ? `${title} (${noBrowser})` : title, async t => {
    t.timeout(900_000);
    await body(t);
  });

for (const talk of ['term', 'day', '90-minutes', 'half-day']) {
  inBrowser(
    `every slide of ${talk} fits its frame, is readable from afar, and has one heading and named pictures`,
    async t => {
      const { page, elsewhere, errors } = await openTalk(t, browser, served, talk);
      t.deepEqual(await walk(page), []);
      t.deepEqual(elsewhere, []);
      t.deepEqual(errors, []);
    },
  );
}

inBrowser('the walk finds what is wrong', async t => {
  const { page } = await openTalk(t, browser, served, 'part-0/01-why');
  await page.evaluate(`{
    const slides = document.querySelectorAll('.slide');
    slides[0].querySelector('p').style.fontSize = '19px';
    slides[1].querySelector('svg').removeAttribute('aria-labelledby');
    slides[2].querySelector('ul').style.marginTop = '600px';
    slides[3].querySelector('.body').innerHTML = '<h2>again</h2><a href="https://example.org">out</a>';
  }`);
  const found = (await walk(page)).join('\n');
  for (const wrong of [
    /type of 19\.0 px/,
    /without a name/,
    /leaves the slide/,
    /has not one heading/,
    /links elsewhere/,
  ]) {
    t.regex(found, wrong);
  }
});

/** One slide of each layout. */
const layouts = {
  title: '05-pivot-root#/05-pivot-root-1',
  pictured: 'part-0/01-why#/part-0-01-why-2',
  plain: 'part-0/01-why#/part-0-01-why-3',
  typed: 'part-0/01-why#/part-0-01-why-5',
  table: 'part-0/02-history#/part-0-02-history-5',
  source: '05-pivot-root#/05-pivot-root-10',
  exercise: '05-pivot-root#/05-pivot-root-exercise',
  agenda: 'day#/day-agenda',
  cut: 'day#/day-title',
};

for (const theme of ['light', 'dark']) {
  inBrowser(`axe finds nothing on any layout, ${theme}`, async t => {
    for (const [layout, address] of Object.entries(layouts)) {
      const [path = '', hash = ''] = address.split('#');
      const { page, context } = await openTalk(t, browser, served, `${path}?${theme}`);
      await page.evaluate(id => {
        Object.assign(globalThis, { location: `#${id}` });
      }, hash);
      await page.waitForSelector(`[id="${hash.slice(1)}"].present`);
      t.deepEqual(await axe(page), [], layout);
      await context.close();
    }
  });
}

inBrowser('the list and the live terminal are free of violations too', async t => {
  const { page } = await openTalk(t, browser, served, '13-veth-bridge');
  const id = await page.locator('section:has(live-terminal)').first().getAttribute('id');
  await page.evaluate(`location.hash = '#/${id}'`);
  await page.waitForSelector(`[id="${id}"].present`);
  t.deepEqual(await axe(page), []);
  await page.goto(`${served.origin}/slides/`);
  t.deepEqual(await axe(page), []);
  await page.getByRole('link', { name: 'half-day' }).click();
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  t.is(await page.title(), 'Build your own container · Boxwright');
});

inBrowser('keys turn the pages, and the agenda’s links lead where they say', async t => {
  const { page } = await openTalk(t, browser, served, '90-minutes');
  const here = () => page.locator('section.present h2').innerText();
  t.is(await here(), 'What is a container?');
  await page.keyboard.press('ArrowRight');
  t.is(await here(), 'What comes');
  await page.keyboard.press('Tab');
  await page.locator('section.present a').nth(3).focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('[id="01-process-1"].present');
  await page.keyboard.press('ArrowLeft');
  t.regex((await page.locator('section.present').getAttribute('id')) ?? '', /part-0-04/);
});

inBrowser('the colours are the system’s, unless the presenter chooses', async t => {
  const ground = async (path: string, colorScheme: 'dark' | 'light') => {
    const { page } = await openTalk(t, browser, served, path, { colorScheme });
    return page.evaluate(
      `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('figure .own')).fill].join()`,
    );
  };
  const name = 'part-0/01-why';
  const [light, dark] = [await ground(name, 'light'), await ground(name, 'dark')];
  t.not(light, dark);
  t.is(await ground(`${name}?dark`, 'light'), dark);
  t.is(await ground(`${name}?light`, 'dark'), light);
});

inBrowser('S opens the speaker view, with notes, minutes and both slides, and it leads', async t => {
  const { page, context, errors } = await openTalk(t, browser, served, '05-pivot-root');
  await page.keyboard.press('ArrowRight');
  const [speaker] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('s')]);
  await speaker.waitForSelector('#current-slide iframe');
  await speaker.waitForSelector('.speaker-controls-notes:not(.hidden)');
  t.regex(await speaker.locator('.speaker-controls-notes').innerText(), /1½ minutes, from 0:00/);
  await speaker.locator('.pacing').waitFor();
  const upcoming = speaker.frameLocator('#upcoming-slide iframe');
  await upcoming.locator('[id="05-pivot-root-3"].present').waitFor();
  await speaker.keyboard.press('ArrowRight');
  await page.waitForSelector('[id="05-pivot-root-3"].present');
  t.deepEqual(errors, []);
});

inBrowser('a narrow screen scrolls, and nothing hangs out at its side', async t => {
  const viewport = { width: 390, height: 800 };
  const { page, errors } = await openTalk(t, browser, served, 'part-0/01-why', { viewport });
  t.true(await page.evaluate(`document.body.classList.contains('reveal-scroll')`));
  const wide = `[...document.querySelectorAll('.slide')].map(each => Math.round(each.getBoundingClientRect().width))`;
  for (const width of (await page.evaluate(wide)) as number[]) t.true(width > 300 && width <= 390, String(width));
  t.true(await page.evaluate(`document.documentElement.scrollWidth <= 390`));
  t.deepEqual(errors, []);
});

inBrowser('without JavaScript the slides can be read', async t => {
  const { origin, token } = served;
  const context = await browser.newContext({ javaScriptEnabled: false });
  t.teardown(() => context.close());
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await page.goto(`${origin}/slides/part-0/01-why?token=${token}`);
  await page.waitForSelector('section');
  for (const heading of await page.locator('h2').all()) t.true(await heading.isVisible());
  t.true(await page.getByText('Give them a whole minute').isVisible());
});
