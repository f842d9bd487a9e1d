// From saving a file to the verdict on the page: `boxwright open` serves a copy of the repository, Chromium shows a lesson, and the file is
// saved again and again, right and wrong in turn. Beside it the same saves as `boxwright watch` tells of them, and what the page weighs.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { allLessons, type Lesson } from '../workshop/lessons.ts';
import { noBrowser, openBrowser } from '../workshop/testing/browser.ts';
import { type Copy, copyWorkshop, type Opened, openIn } from '../workshop/testing/copy.ts';
import { weigh } from '../workshop/testing/weight.ts';
import { median, table } from './measure.ts';
import { timeLesson } from './verdict.ts';

const rounds = Number(process.env.ROUNDS ?? 9);

interface Timed {
  times: number[];
  /** Of the page with its terminal open, by address too. */
  bytes: number;
  parts: Map<string, number>;
}

export async function benchPage(): Promise<void> {
  if (noBrowser) return console.log(`\nNothing of the page: ${noBrowser}`);
  const copy = copyWorkshop();
  const browser = await openBrowser();
  const rows: (string | number)[][] = [];
  let heaviest: Omit<Timed, 'times'> | null = null;
  try {
    for (const lesson of allLessons().slice(0, 5)) {
      // A server for each, as `watch` is: its sandboxes are gone when the other is timed.
      const opened = await openIn(copy, lesson.number);
      const { times, ...weight } = await timePage(lesson, copy, browser, opened).finally(() => end(opened));
      const watch = await timeLesson(lesson, copy);
      heaviest = heaviest && heaviest.bytes > weight.bytes ? heaviest : weight;
      const [page, own] = [median(times), median(watch)];
      rows.push([`${lesson.number} ${lesson.title}`, Math.min(...times), page, own, page / own, weight.bytes / 1000]);
    }
  } finally {
    await browser.close();
    copy.remove();
  }
  console.log(
    `\nFrom save to verdict, milliseconds, ${rounds} saves each; and the page with its terminal open, kB as received\n`,
  );
  console.log(table(['', 'least', 'on the page', 'watch', 'ratio', 'kB'], rows));
  const parts = [...(heaviest?.parts ?? [])].sort(([, a], [, b]) => b - a).slice(0, 6);
  console.log(
    `\nThe heaviest one’s parts, kB\n\n${table(
      ['', 'kB'],
      parts.map(([name, bytes]) => [name, bytes / 1000]),
    )}`,
  );
}

async function timePage({ files }: Lesson, copy: Copy, browser: Browser, opened: Opened): Promise<Timed> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const weight = await weigh(page);
  const times: number[] = [];
  try {
    await page.goto(opened.page);
    await page.locator('#status', { hasText: /points/ }).waitFor({ timeout: 60_000 });
    // As soon as all is there; the curves go on for as long as somebody looks.
    await page.locator('#running', { hasText: /process \d+ of|does not start/ }).waitFor({ timeout: 60_000 });
    await page.getByRole('tab', { name: 'Terminal' }).click();
    await page.locator('.xterm').waitFor();
    const [bytes, parts] = [weight.bytes(), weight.parts()];
    const texts = [files.solution, files.lesson].map(file => readFileSync(file, 'utf8'));
    const file = copy.of(files.lesson);
    for (let round = 0; round < rounds; round++) {
      // A learner types for a while between two saves; meanwhile the next sandbox is made ready.
      await sleep(1500);
      const seen = page.evaluate<number>(whenSeen);
      // It looks by now.
      await page.evaluate('0');
      writeFileSync(`${file}.new`, `${texts[round % 2]}// page ${round}\n`);
      const saved = Date.now();
      renameSync(`${file}.new`, file);
      times.push((await seen) - saved);
    }
    return { times, bytes, parts };
  } finally {
    await page.close();
  }
}

/** When the line above the tasks has become another: what is put in place is seen with the next frame. */
const whenSeen = `new Promise(done => {
  const status = document.querySelector('#status');
  const watcher = new MutationObserver(() => {
    watcher.disconnect();
    requestAnimationFrame(() => done(Date.now()));
  });
  watcher.observe(status, { childList: true, subtree: true, characterData: true });
})`;

async function end({ child }: Opened): Promise<void> {
  child.kill('SIGTERM');
  await new Promise(resolve => child.once('exit', resolve));
}
