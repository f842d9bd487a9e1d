// `boxwright slides DECK --pdf FILE`: reveal.js lays the slides out for paper, Chromium prints them.
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { findProgram } from '../workshop/doctor/facts.ts';
import { UserError, untilInterrupted } from '../workshop/errors.ts';
import { writeFolder } from './folder.ts';
import type { Talk } from './talk.ts';

export interface PdfOptions {
  /** The presenter's notes too, each on a page after its slide. */
  notes: boolean;
}

/** Milliseconds for Chromium’s start, and for the layout: a machine may be busy, and a term has hundreds of slides. */
const patience = 120_000;

/** What to tell the user. */
export async function writePdf(talk: Talk, file: string, { notes }: PdfOptions): Promise<string> {
  const program = findProgram('chromium') ?? findProgram('google-chrome');
  if (!program)
    throw new UserError(
      'there is no Chromium to print with',
      'apt-get install chromium (Debian), or print from your browser: add ?view=print to the address',
    );
  writable(file);
  const signal = untilInterrupted();
  const folder = mkdtempSync(`${tmpdir()}/boxwright-slides-`);
  let browser: Browser | undefined;
  try {
    await writeFolder(talk, folder);
    browser = await launch(program);
    const printed = print(browser, folder, notes);
    const pdf = await Promise.race([printed, aborted(signal)]);
    writeFileSync(file, pdf);
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return `${file} is written: ${talk.steps.length} slides${notes ? ' with notes' : ''}`;
}

async function print(browser: Browser, folder: string, notes: boolean): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
  page.setDefaultTimeout(patience);
  // A deck that fails is never ready: its error is told at once, and not two minutes later that nothing came.
  const failed = new Promise<never>((_, reject) => page.once('pageerror', reject));
  await Promise.race([laidOut(page, folder, notes), failed]);
  return page.pdf({ preferCSSPageSize: true, printBackground: true });
}

async function laidOut(page: Page, folder: string, notes: boolean): Promise<void> {
  await page.goto(`${pathToFileURL(folder).href}/index.html?view=print${notes ? '&with-notes' : ''}`);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
}

async function launch(executablePath: string): Promise<Browser> {
  const playwright = await import('playwright-core').catch(() => null);
  if (!playwright)
    throw new UserError('what drives Chromium is not installed', 'type `npm install`, which brings playwright-core');
  // As root Chromium runs only without its own sandbox; what it loads here are pages of ours.
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu'];
  return playwright.chromium.launch({
    executablePath,
    args,
    timeout: patience,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

async function aborted(signal: AbortSignal): Promise<never> {
  await wait(2 ** 31 - 1, undefined, { signal, ref: false }).catch(() => {});
  throw signal.reason;
}

/** Found out before the work, not after it. */
function writable(file: string): void {
  try {
    const made = !existsSync(file);
    closeSync(openSync(file, 'a'));
    if (made) rmSync(file);
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`, 'name another file');
  }
}
