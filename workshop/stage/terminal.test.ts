// The terminal in a real browser: what is typed there reaches the container, what it answers is drawn and can be heard, and a keyboard
// leads in and out.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { upgradeWebSocket } from '@hono/node-server';
import test, { type ExecutionContext } from 'ava';
import { Hono } from 'hono';
import type { Browser, Page } from 'playwright-core';
import { ownPagesOnly, sealed } from '../serve/guard.ts';
import { listen } from '../serve/listen.ts';
import { importMap, serveModules } from '../serve/modules.ts';
import { axe, noBrowser, openBrowser, patience, visit } from '../testing/browser.ts';
import { ownPort } from '../testing/port.ts';
import { eventually, onStage } from '../testing/stage.ts';
import { terminalSocket } from './socket.ts';
import type { Stage } from './types.ts';

const inBrowser = noBrowser
  ? (title: string, _: unknown) => test.skip(`${title} (${noBrowser})`, () => {})
  : test.serial;
let browser: Browser;
test.before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
test.after.always(() => browser?.close());

const nonce = () => randomBytes(6).toString('hex');
const map = importMap(['@xterm/xterm', '@xterm/addon-fit']);
const policy = `script-src 'self' ${map.hash}; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:`;
const page = (path: string) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Terminal</title>
<script type="importmap">${map.text}</script><link rel="icon" href="data:,">
<script type="module" src="/modules/workshop/testing/browser/terminal.ts" data-path="${path}"></script>
<main><h1>A terminal</h1><button id="before">before</button><div id="here" style="height: 22rem"></div><button id="after">after</button></main></html>`;

async function serve(t: ExecutionContext, stage: Stage, port = 0) {
  const app = new Hono();
  app.use(ownPagesOnly, sealed(policy));
  serveModules(app);
  app.get(
    '/terminal',
    upgradeWebSocket(() => terminalSocket(stage)),
  );
  app.get(
    '/watch',
    upgradeWebSocket(() => terminalSocket(stage, { readOnly: true })),
  );
  app.get('/', c => c.html(page('/terminal')));
  app.get('/viewer', c => c.html(page('/watch')));
  const serving = await listen(app, { host: '127.0.0.1', port });
  t.teardown(() => serving.close());
  return serving;
}

/** What is drawn, row by row, as those hear it who do not see it. */
const drawn = async (page: Page) =>
  (await page.locator('.xterm-accessibility-tree > div').allTextContents()).join('\n');

async function shows(page: Page, pattern: RegExp): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (pattern.test((await drawn(page)).replaceAll('\u00a0', ' '))) return;
    await page.waitForTimeout(20);
  }
  throw new Error(`${pattern} was not drawn; ${JSON.stringify(await drawn(page))} was`);
}

const focused = (page: Page) => page.evaluate('document.activeElement.id || document.activeElement.className');

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(
    `typing reaches the container, the answer is drawn, and nothing is loaded from elsewhere (${colorScheme})`,
    async t => {
      const { stage, pid } = onStage(t, '05');
      const shell = await pid();
      const { urls } = await serve(t, stage);
      const { page, elsewhere, errors } = await visit(t, browser, urls[0] ?? '', { colorScheme });
      await page.goto(urls[0] ?? '');
      await shows(page, /# /);
      const word = nonce();
      await page.locator('#here textarea').focus();
      await page.keyboard.type(`echo ${word} > /tmp/${word}; rev /tmp/${word}`);
      await page.keyboard.press('Enter');
      await shows(page, new RegExp([...word].reverse().join('')));
      t.true(existsSync(`/proc/${shell}/root/tmp/${word}`));
      t.regex((await page.locator('[role=status]').textContent()) ?? '', /runs/);
      t.true(stage.size().rows > 10 && stage.size().columns > 60);
      t.notDeepEqual(stage.size(), { columns: 91, rows: 27 }, 'the terminal has the size that it has on the page');
      t.deepEqual(await axe(page), []);
      t.deepEqual([...elsewhere, ...errors], []);
    },
  );
}

inBrowser('a keyboard leads in, and out again in both directions, and Tab is the shell’s', async t => {
  const { stage, pid } = onStage(t, '05');
  const shell = await pid();
  const { urls } = await serve(t, stage);
  const { page } = await visit(t, browser, urls[0] ?? '');
  await page.goto(urls[0] ?? '');
  await shows(page, /# /);
  await page.locator('#before').focus();
  await page.keyboard.press('Tab');
  t.regex(String(await focused(page)), /xterm-helper-textarea/);
  t.regex((await page.locator('.terminal-note').textContent()) ?? '', /Esc, then Tab leaves/);
  const described = await page.locator('#here textarea').getAttribute('aria-describedby');
  t.is(await page.locator(`#${described}`).count(), 1);

  await page.keyboard.type('touch /tmp/ab');
  await page.keyboard.press('Enter');
  t.true(await eventually(() => existsSync(`/proc/${shell}/root/tmp/ab`)));
  await page.keyboard.type('mv /tmp/a');
  await page.keyboard.press('Tab');
  await page.keyboard.type('/tmp/moved');
  await page.keyboard.press('Enter');
  t.true(await eventually(() => existsSync(`/proc/${shell}/root/tmp/moved`)), 'Tab has completed the name');
  t.regex(String(await focused(page)), /xterm-helper-textarea/);

  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  t.is(await focused(page), 'terminal-again');
  await page.keyboard.press('Tab');
  t.is(await focused(page), 'after');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  t.regex(String(await focused(page)), /xterm-helper-textarea/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  t.is(await focused(page), 'before');
});

inBrowser('a viewer sees what the owner types, cannot type, and is not kept by Tab', async t => {
  const { stage, pid } = onStage(t, '05');
  const shell = await pid();
  const { urls } = await serve(t, stage);
  const owner = (await visit(t, browser, urls[0] ?? '')).page;
  const narrow = await visit(t, browser, urls[0] ?? '', { viewport: { width: 420, height: 700 } });
  const viewer = narrow.page;
  await Promise.all([owner.goto(urls[0] ?? ''), viewer.goto(`${urls[0]}/viewer`)]);
  await Promise.all([shows(owner, /# /), shows(viewer, /# /)]);
  await viewer.locator('#here textarea').focus();
  await viewer.keyboard.type('touch /tmp/viewer');
  await viewer.keyboard.press('Enter');
  const word = nonce();
  await owner.locator('#here textarea').focus();
  await owner.keyboard.type(`touch /tmp/${word}; echo ${word} | rev`);
  await owner.keyboard.press('Enter');
  await shows(viewer, new RegExp([...word].reverse().join('')));
  t.true(existsSync(`/proc/${shell}/root/tmp/${word}`));
  t.false(existsSync(`/proc/${shell}/root/tmp/viewer`));
  const width = async () => (await viewer.locator('.xterm-screen').boundingBox())?.width ?? 999;
  for (const end = Date.now() + patience; (await width()) > 420 && Date.now() < end; ) await viewer.waitForTimeout(20);
  t.true((await width()) <= 420, 'the owner’s columns fit in smaller letters');
  await viewer.keyboard.press('Tab');
  t.is(await focused(viewer), 'after');
  t.is(await viewer.locator('.terminal-again').count(), 0);
  t.deepEqual([...(await axe(viewer)), ...narrow.errors], []);
});

inBrowser('what runs in the container does not reach out of the terminal', async t => {
  const { stage, pid } = onStage(t, '05');
  await pid();
  const { urls } = await serve(t, stage);
  const { page, context, elsewhere } = await visit(t, browser, urls[0] ?? '', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.goto(urls[0] ?? '');
  await shows(page, /# /);
  await page.evaluate("navigator.clipboard.writeText('mine')");
  const evil = [']0;evil', ']2;evil', `]52;c;${Buffer.from('evil').toString('base64')}`, ']8;;http://evil.example'];
  stage.write(
    Buffer.from(`printf '${evil.map(each => `\\033${each}\\007`).join('')}click\\033]8;;\\007'; echo; echo do''ne\r`),
  );
  await shows(page, /^done/m);
  t.is(await page.title(), 'Terminal');
  t.is(await page.evaluate('navigator.clipboard.readText()'), 'mine');
  const row = page.locator('.xterm-rows > div', { hasText: /^click/ }).last();
  const { x = 0, y = 0 } = (await row.boundingBox()) ?? {};
  const asked: string[] = [];
  page.on('dialog', dialog => {
    asked.push(dialog.message());
    void dialog.accept();
  });
  await page.mouse.move(x + 10, y + 5);
  await page.mouse.click(x + 12, y + 5);
  await page.waitForTimeout(200);
  t.deepEqual([asked, context.pages().length], [[], 1]);
  t.deepEqual(elsewhere, []);
});

inBrowser('when the server comes back, so does the terminal; a button and Enter give a new container', async t => {
  const { stage, pid } = onStage(t, '05');
  const first = await pid();
  const serving = await serve(t, stage, await ownPort());
  const [url = ''] = serving.urls;
  const { page } = await visit(t, browser, url);
  await page.goto(url);
  await shows(page, /# /);
  await serving.close();
  await page.locator('[role=status]', { hasText: 'Disconnected' }).waitFor();
  await serve(t, stage, serving.port);
  await page.locator('[role=status]', { hasText: 'runs' }).waitFor();
  // When this is drawn, all that came before it is.
  await page.locator('#here textarea').focus();
  await page.keyboard.type('echo ag"a"in');
  await page.keyboard.press('Enter');
  await shows(page, /^again/m);
  t.is((await drawn(page)).match(/BusyBox/g)?.length, 1, 'drawn once, not once more');

  await page.getByRole('button', { name: 'New container' }).click();
  t.true(await eventually(() => !existsSync(`/proc/${first}`)));
  await shows(page, /new container[\s\S]*# /);
  t.regex(String(await focused(page)), /xterm-helper-textarea/);
  await page.keyboard.type('exit 6');
  await page.keyboard.press('Enter');
  await shows(page, /ended, status 6/);
  await page.locator('[role=status]', { hasText: 'has ended' }).waitFor();
  await page.keyboard.press('Enter');
  t.true(await eventually(() => stage.state().is === 'running'));
});

inBrowser('a container that writes without end leaves the page alive, and ^C reaches it', async t => {
  const { stage, pid } = onStage(t, '05');
  await pid();
  const { urls } = await serve(t, stage);
  const { page, errors } = await visit(t, browser, urls[0] ?? '');
  await page.goto(urls[0] ?? '');
  await shows(page, /# /);
  await page.locator('#here textarea').focus();
  await page.keyboard.type('yes');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(2000);
  await page.keyboard.press('Control+c');
  await page.keyboard.type('echo sur"v"ived');
  await page.keyboard.press('Enter');
  await shows(page, /^survived/m);
  t.deepEqual(errors, []);
});
