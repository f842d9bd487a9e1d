// The live terminal in a real browser: started and stepped by keys alone, reset, left and paused; what it says where it cannot run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { axe, noBrowser, openBrowser, patience, visit } from '../../workshop/testing/browser.ts';
import { bundle } from '../bundle.ts';
import { openTalk, serveSlides } from '../testing.ts';
import { readDemo } from './demos.ts';
import { liveTerminal } from './html.ts';
import { writeLiveAssets } from './serve.ts';
import { live, servePage } from './testing.ts';

const { built, whyNot } = await live();
const reason = noBrowser ?? whyNot;
function here(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  if (reason) test.skip(`${title} (Skipped: ${reason}.)`, () => {});
  else test.serial(title, body);
}

let browser: Browser;
test.before(async () => {
  if (!reason) browser = await openBrowser();
});
test.after.always(() => browser?.close());

async function open(t: ExecutionContext, options: BrowserContextOptions = {}, shell?: string) {
  const server = await servePage(shell);
  t.teardown(() => server.close());
  const visited = await visit(t, browser, server.urls[0] ?? '', options);
  await visited.page.goto(server.urls[0] ?? '');
  await visited.page.waitForFunction('globalThis.deck');
  return { ...visited, terminal: terminalOn(visited.page, 0) };
}

/** The nth live terminal of the page, as somebody in front of it knows it: by names and by what the screen shows. */
function terminalOn(page: Page, n: number) {
  const element = page.locator('live-terminal').nth(n);
  return {
    element,
    start: element.getByRole('button', { name: 'Start' }),
    next: element.getByRole('button', { name: /step/ }),
    reset: element.getByRole('button', { name: 'Reset' }),
    textarea: element.locator('textarea'),
    says: (text: string | RegExp) => element.locator('.live-state').getByText(text).waitFor(),
    screen: () => element.locator('.xterm-rows').innerText(),
    shows: (text: string) => element.locator('.xterm-rows').getByText(text).last().waitFor(),
  };
}

const slide = (page: Page) => page.evaluate('deck.getIndices().h');

here(
  'Keys alone start it, play its steps and set it back; nothing is asked of others, and axe finds nothing.',
  async t => {
    const { page, terminal, elsewhere, errors } = await open(t, { reducedMotion: 'reduce' });
    t.deepEqual(await axe(page), [], 'before the start');
    t.true(await terminal.element.locator('.live-steps').isVisible());

    await terminal.start.focus();
    const began = performance.now();
    await page.keyboard.press('Enter');
    await terminal.says('The shell waits.');
    t.log(`a shell ${((performance.now() - began) / 1000).toFixed(1)} s after Start`);
    t.deepEqual(await axe(page), [], 'while it runs');
    t.false(await terminal.element.locator('.live-steps').isVisible());

    const { steps } = readDemo('namespaces');
    for (const [i, step] of steps.slice(0, 4).entries()) {
      t.is(await terminal.next.innerText(), `Next step (${i + 1} of ${steps.length})`);
      t.is(await terminal.element.locator('.live-say').innerText(), step.say);
      await page.keyboard.press('Enter');
      await terminal.element.getByText(`Next step (${i + 2} of`).waitFor();
      await terminal.says('The shell waits.');
    }
    await terminal.shows('box #');
    t.regex(await terminal.screen(), /uts:\[\d+\][\s\S]*uts:\[\d+\]/);

    await terminal.reset.focus();
    await page.keyboard.press('Space');
    await terminal.says('The shell waits.');
    t.is(await terminal.next.innerText(), `Next step (1 of ${steps.length})`);
    while (/box/.test(await terminal.screen())) await page.waitForTimeout(50);
    await terminal.next.click();
    await terminal.shows('uts:[');
    t.is(await slide(page), 0, 'no key has turned the slide');
    t.deepEqual(elsewhere, []);
    t.deepEqual(errors, []);
  },
);

here(
  'The terminal has its keys to itself, and Escape then Tab leaves it; on a button the slides’ keys are theirs.',
  async t => {
    const { page, terminal } = await open(t);
    await terminal.start.click();
    await terminal.says('The shell waits.');
    await terminal.textarea.focus();
    await page.keyboard.type('echo one two');
    for (const key of ['ArrowLeft', 'ArrowRight', 'Home', 'End', 'Escape', 'Enter']) await page.keyboard.press(key);
    await terminal.shows('one two');
    await page.keyboard.press('PageDown');
    t.is(await slide(page), 0);
    t.false(await page.evaluate('deck.isOverview()'));

    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    t.is(await page.evaluate('document.activeElement.textContent'), await terminal.next.innerText());
    await page.keyboard.press('PageDown');
    t.is(await slide(page), 1);
  },
);

here('It stands still while its slide is not shown, and ends when another is started.', async t => {
  const { page, terminal } = await open(t);
  await terminal.start.click();
  await terminal.says('The shell waits.');
  await terminal.textarea.focus();
  await page.keyboard.type('i=0; while usleep 100000; do i=$((i+1)); echo tick $i; done\n');
  await terminal.shows('tick 3');
  await page.evaluate('deck.right()');
  const ticks = () => page.locator('.xterm-rows').first().textContent();
  // What was on its way to the screen arrives, and then nothing does.
  let [before, now] = [null as string | null, await ticks()];
  for (const end = Date.now() + patience; now !== before && Date.now() < end; ) {
    await page.waitForTimeout(2000);
    [before, now] = [now, await ticks()];
  }
  t.is(now, before);
  await page.evaluate('deck.left()');
  for (const end = Date.now() + patience; (await ticks()) === before && Date.now() < end; )
    await page.waitForTimeout(100);
  t.not(await ticks(), before);

  await page.evaluate('deck.right()');
  const second = terminalOn(page, 1);
  await second.start.click();
  await second.says('The shell waits.');
  await second.next.click();
  await second.shows('mkdir lower');
  await page.evaluate('deck.left()');
  await terminal.says(/Another live terminal has been started/);
  t.true(await terminal.element.locator('.live-steps').isVisible());
  await terminal.start.click();
  await terminal.says('The shell waits.');
});

here('Where it cannot run it says why, and the demo stands there as text.', async t => {
  const { page, terminal } = await open(t);
  await page.route('**/live/state.zst', route => route.fulfill({ status: 404, body: '' }));
  await terminal.start.click();
  await terminal.says(/not built yet: run `node slides\/live\/build.ts`/);
  t.true(await terminal.element.locator('.live-steps').isVisible());
  await page.unroute('**/live/state.zst');
  await terminal.start.click();
  await terminal.says('The shell waits.');

  const other = await open(t);
  await other.page.evaluate('delete globalThis.WebAssembly');
  await other.terminal.start.click();
  await other.terminal.says(/no WebAssembly/);
  t.true(await other.terminal.element.locator('.live-steps').isVisible());
});

here('Where there is a real shell, one switches to it and back.', async t => {
  const { page, terminal, errors } = await open(t, {}, '/terminal?lesson=05');
  await page.routeWebSocket(/\/terminal\?lesson=05$/, socket => {
    socket.send(JSON.stringify({ size: [80, 24] }));
    socket.send(JSON.stringify({ started: true }));
    socket.send(Buffer.from('a shell of the machine'));
  });
  const button = (name: string) => terminal.element.getByRole('button', { name });
  await button('On this machine').click();
  await terminal.element.locator('.live-machine').getByText('a shell of the machine').first().waitFor();
  t.is(await button('On this machine').getAttribute('aria-pressed'), 'true');
  t.false(await terminal.start.isVisible());
  t.deepEqual(await axe(page), []);
  await button('In this browser').click();
  await terminal.start.click();
  await terminal.says('The shell waits.');
  t.deepEqual(errors, []);
});

here('It runs in a folder that is opened from the disk, without a server.', async t => {
  if (!built) return t.fail();
  const folder = mkdtempSync(`${tmpdir()}/live-folder-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeLiveAssets(`${folder}/live`, built);
  writeFileSync(`${folder}/modules.js`, bundle('slides/live/browser/element.ts', true));
  writeFileSync(
    `${folder}/index.html`,
    `<!doctype html><title>Live</title><style>live-terminal { height: 700px }</style>
${liveTerminal('overlay')}<script src="modules.js"></script>`,
  );
  const { page, elsewhere, errors } = await visit(t, browser, 'file:', {});
  await page.goto(`file://${folder}/index.html`);
  const terminal = terminalOn(page, 0);
  await terminal.start.click();
  await terminal.says('The shell waits.');
  await terminal.next.click();
  await terminal.shows('echo two > lower/b');
  t.deepEqual(elsewhere, []);
  t.deepEqual(errors, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  here(`In a lesson’s deck it fits its slide, ${colorScheme}, and plays all its steps.`, async t => {
    const options = { colorScheme, reducedMotion: 'reduce' } as const;
    const { page, elsewhere, errors } = await openTalk(t, browser, await serveSlides(t), '04-overlay', options);
    const at = await page.evaluate(
      "[...document.querySelectorAll('.slides > section')].findIndex(each => each.querySelector('live-terminal'))",
    );
    await page.evaluate(`location.hash = '#/${at}'`);
    const terminal = terminalOn(page, 0);
    await terminal.start.click();
    await terminal.says('The shell waits.');
    const { steps } = readDemo('overlay');
    for (const [i] of steps.entries()) {
      await page.keyboard.press('Enter');
      if (i < steps.length - 1) await terminal.element.getByText(`Next step (${i + 2} of`).waitFor();
      await terminal.says('The shell waits.');
    }
    await terminal.element.getByRole('button', { name: 'No step is left' }).waitFor();
    t.regex(await terminal.screen(), /a\s+b\s+one/);
    t.deepEqual(await axe(page), []);
    const bar = await terminal.element.locator('.live-bar').boundingBox();
    t.true(bar !== null && bar.y + bar.height <= 720 && bar.x + bar.width <= 1280, JSON.stringify(bar));
    const cut = await terminal.element.locator('.live-screen').evaluate(screen => {
      const rows = screen.querySelector('.xterm-screen')?.getBoundingClientRect();
      return rows ? rows.bottom - screen.getBoundingClientRect().bottom : null;
    });
    t.true(cut !== null && cut <= 0, `the last line is cut by ${cut} px`);
    t.deepEqual(elsewhere, []);
    t.deepEqual(errors, []);
  });
}
