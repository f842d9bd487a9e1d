// `npm run screenshots`: what the pages look like, to be looked at by people. They lie in .cache/screenshots/, and nothing compares them.

import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { shootSlides } from '../../slides/screens.ts';
import { findLesson, type Lesson } from '../lessons.ts';
import { cache } from '../paths.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { copyWorkshop, openIn } from './copy.ts';

const folder = `${cache}/screenshots`;

interface Shot {
  name: string;
  /** '05' */
  lesson: string;
  solved: boolean;
  options?: BrowserContextOptions;
  /** Before it is taken. */
  first?(page: Page): Promise<void>;
}

const wide = { viewport: { width: 1440, height: 900 } };
const dark = { ...wide, colorScheme: 'dark' as const };
const narrow = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

const drawn = (page: Page) =>
  page.waitForSelector('.figure svg', { timeout: 60_000 }).then(() => page.waitForTimeout(3_000));

/** Where a link of the narrow header leads. */
const to = (place: string) => async (page: Page) => {
  if (place === '#container') await drawn(page);
  await page.locator(`.narrow[href="${place}"]`).click();
  await page.waitForTimeout(500);
};

/** A tab, and the container's shell with something typed into it. */
async function atTheTerminal(page: Page): Promise<void> {
  await drawn(page);
  await page.getByRole('tab', { name: 'Terminal' }).click();
  await page.waitForSelector('.xterm-rows');
  await page.locator('.terminal-screen').click();
  await page.waitForTimeout(500);
  for (const line of ['hostname', 'ls /', 'ps', 'cat /proc/self/uid_map']) await page.keyboard.type(`${line}\n`);
  await page.waitForTimeout(1_000);
}

const shots: Shot[] = [
  { name: '05-starter', lesson: '05', solved: false },
  { name: '05-passing', lesson: '05', solved: true, first: drawn },
  { name: '05-dark', lesson: '05', solved: true, options: dark, first: drawn },
  {
    name: '05-figures',
    lesson: '05',
    solved: true,
    options: { viewport: { width: 1440, height: 3600 } },
    first: drawn,
  },
  {
    name: '05-calls',
    lesson: '05',
    solved: true,
    first: async page => {
      await drawn(page);
      await page.getByRole('tab', { name: 'Calls' }).click();
    },
  },
  {
    name: '06-hint-open',
    lesson: '06',
    solved: false,
    options: dark,
    first: async page => {
      await page.locator('.hints summary').click();
      await page.getByRole('button', { name: /nudge|next hint/ }).click();
      await page.waitForSelector('.hints li');
    },
  },
  { name: '13-network', lesson: '13', solved: true, first: drawn },
  { name: '13-network-dark', lesson: '13', solved: true, options: dark, first: drawn },
  { name: '13-terminal', lesson: '13', solved: true, first: atTheTerminal },
  { name: '05-narrow', lesson: '05', solved: false, options: narrow },
  { name: '05-narrow-verdict', lesson: '05', solved: false, options: narrow, first: to('#stage') },
  { name: '05-narrow-container', lesson: '05', solved: true, options: narrow, first: to('#container') },
  {
    name: '13-narrow-dark',
    lesson: '13',
    solved: true,
    options: { ...narrow, colorScheme: 'dark' },
    first: to('#container'),
  },
];

if (noBrowser) {
  console.error(`screenshots: ${noBrowser}\nnext: apt-get install chromium`);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const isWanted = ({ name }: { name: string }) => wanted.length === 0 || wanted.some(each => name.includes(each));
const copy = copyWorkshop();
const [browser, pages] = await Promise.all([openBrowser(), openIn(copy)]);
try {
  mkdirSync(folder, { recursive: true });
  if (isWanted({ name: 'list' })) await shoot('list', '/', wide, page => page.waitForSelector('.list'));
  for (const { name, lesson, solved, options = wide, first } of shots.filter(isWanted)) {
    const found = findLesson(lesson);
    put(found, solved);
    await shoot(name, `/${lesson}`, options, async page => {
      await page.waitForSelector(solved ? '.status.pass' : '.status.fail', { timeout: 120_000 });
      await first?.(page);
    });
  }
  if (isWanted({ name: 'slides' }))
    for (const file of await shootSlides(browser, folder)) console.log(`${folder}/${file}`);
} finally {
  await browser.close();
  pages.child.kill('SIGTERM');
  await new Promise(resolve => pages.child.once('exit', resolve));
  copy.remove();
}

/** The text of the lesson's file. Only where it is another: a save is what brings a verdict. */
function put({ files }: Lesson, solved: boolean): void {
  copyFileSync(solved ? files.solution : files.lesson, copy.of(files.lesson));
}

async function shoot(
  name: string,
  path: string,
  options: BrowserContextOptions,
  ready: (page: Page) => Promise<unknown>,
): Promise<void> {
  const file = `${folder}/${name}.png`;
  rmSync(file, { force: true });
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(pages.page);
    await page.waitForSelector('.list');
    await page.goto(pages.origin + path);
    await ready(page).catch(error => console.error(`${name}: ${String(error).split('\n')[0]}`));
    await page.screenshot({ path: file });
    console.log(file);
  } finally {
    await context.close();
  }
}
