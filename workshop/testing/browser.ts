// A real browser for the tests: Debian's Chromium, driven by playwright-core. Nothing is downloaded; where there is no Chromium, tests say
// so and are skipped.
import type { ExecutionContext } from 'ava';
import axeCore from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../doctor/facts.ts';

const program = findProgram('chromium') ?? findProgram('google-chrome');

/** Null, or why there is none. */
export const noBrowser = program ? null : 'Chromium is not installed';

/** Milliseconds for whatever a page is waited for: a busy machine may take long, and who need not wait does not. */
export const patience = 120_000;

/** One for a test file; it takes half a second. `await using`, or end it by `close`. */
export async function openBrowser(): Promise<Browser> {
  if (!program) throw new Error(noBrowser ?? '');
  // As root Chromium runs only without its own sandbox; what it loads here are pages of ours.
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu'];
  return chromium.launch({ executablePath: program, args, timeout: patience });
}

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Addresses asked for that are not `origin`'s. */
  elsewhere: string[];
  /** Errors of the page's own, and what its console called an error. */
  errors: string[];
}

/** A fresh profile with one empty page, which notes what it asks of others; gone with the test. */
export async function visit(
  t: ExecutionContext,
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.teardown(() => context.close());
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const [elsewhere, errors]: string[][] = [[], []];
  context.on('request', request => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) elsewhere?.push(url);
  });
  page.on('pageerror', error => errors?.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error') errors?.push(message.text());
  });
  return { context, page, elsewhere: elsewhere ?? [], errors: errors ?? [] };
}

interface AxeViolation {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe finds wrong with the page as it stands, WCAG 2 A to AA and its own best practices: an empty list, or lines for the log. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(axeCore.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
    return (await axe.run()).violations;
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(node => `${id}: ${help}: ${node.target.join(' ')}\n${node.failureSummary ?? ''}`),
  );
}
