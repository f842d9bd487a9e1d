// The page in a real browser, over a small workshop of made-up lessons (testing/tree.ts): what arrives when a file is saved, what the keyboard
// reaches, what is said to those who listen, and what no look may find wrong with it.
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { axe, noBrowser, openBrowser, visit } from '../testing/browser.ts';
import { type Opened, openIn } from '../testing/copy.ts';
import { lessonFile, makeTree, solved, starter, type Tree } from '../testing/tree.ts';

// One after another: each has a server and a browser's page of its own, and would take the machine from the others.
const test = (noBrowser ? anyTest.skip : anyTest.serial) as TestFn;
let browser: Browser;

anyTest.before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
anyTest.after.always(() => browser?.close());

interface Looking {
  tree: Tree;
  opened: Opened;
  page: Page;
  elsewhere: string[];
  errors: string[];
  /** Waits until the line above the tasks matches. The tasks come after it: what is asked of them waits as well. */
  status(pattern: RegExp): Promise<void>;
}

/** At lesson 01 of a workshop of its own. */
async function look(t: ExecutionContext, options: BrowserContextOptions = {}, text = starter): Promise<Looking> {
  const tree = makeTree();
  tree.write(lessonFile, text);
  const opened = await openIn(tree, '01');
  t.teardown(async () => {
    opened.child.kill('SIGKILL');
    tree.remove();
  });
  const { page, elsewhere, errors } = await visit(t, browser, opened.origin, options);
  await page.goto(opened.page);
  await page.waitForURL(`${opened.origin}/01`);
  const status = (pattern: RegExp) => page.locator('#status', { hasText: pattern }).waitFor();
  await status(/points?\./);
  return { tree, opened, page, elsewhere, errors, status };
}

test('the verdict arrives when the file is saved, in place or by rename, and says what has changed', async t => {
  const { tree, page, status, elsewhere, errors } = await look(t);
  await status(/0 of 6 points\. 3 tasks do not hold yet\./);
  await page.locator('.feedback').nth(2).waitFor({ state: 'attached' });
  t.is(await page.locator('.feedback').count(), 3);
  t.true(await page.locator('.feedback').first().isVisible());
  t.regex((await page.locator('.feedback').first().textContent()) ?? '', /did[\s\S]*kernel[\s\S]*means[\s\S]*look/);
  tree.write(lessonFile, '// true: own-name\n');
  await status(/2 of 6 points\. 2 tasks do not hold yet\. 1 better than before\./);
  await page.locator('#task-own-name', { hasText: '▲ newly holds' }).waitFor();
  tree.write('lessons/01-first/.swp', '// true: host-kept\n');
  renameSync(`${tree.path}/lessons/01-first/.swp`, `${tree.path}/${lessonFile}`);
  await status(/1 better, 1 worse than before/);
  await page.locator('#task-own-name', { hasText: '▼ held before' }).waitFor();
  tree.write(lessonFile, '// broken\n');
  await status(/^Your file could not be loaded|points\. Your file could not be loaded/);
  await page.locator('.broken', { hasText: 'SyntaxError' }).waitFor();
  tree.write(lessonFile, solved);
  await status(/6 of 6 points\. Passed/);
  await page.getByRole('link', { name: 'Why it works' }).click();
  await page.getByRole('heading', { name: 'Why it works' }).waitFor();
  t.like(JSON.parse(tree.read('.progress/progress.json')).lessons['01-first'], {
    status: 'passed',
    points: 6,
    attempts: 5,
  });
  t.deepEqual([elsewhere, errors], [[], []]);
});

test('what the reader has opened, focused, scrolled and marked stays so when news comes', async t => {
  const { tree, page, status } = await look(t, { viewport: { width: 1280, height: 500 } });
  // There is something to be scrolled.
  await page.locator('.figure svg').first().waitFor();
  await page.locator('#why-long-name > summary').click();
  await page.locator('#why-own-name > summary').click();
  await page.locator('#hints > summary').focus();
  await page.evaluate(`document.querySelector('.stage').scrollTo(0, 120);
    getSelection().selectAllChildren(document.querySelector('#why-long-name .means dd'))`);
  const marked = await page.evaluate<string>('String(getSelection())');
  tree.write(lessonFile, '// true: host-kept\n');
  await status(/1 better/);
  await page.locator('#task-host-kept', { hasText: '▲ newly holds' }).waitFor();
  const now = await page.evaluate(`({
    focus: document.activeElement.parentElement.id,
    scroll: document.querySelector('.stage').scrollTop,
    marked: String(getSelection()),
    opened: document.querySelector('#why-long-name').open,
    shut: document.querySelector('#why-own-name').open,
  })`);
  t.deepEqual(now, { focus: 'hints', scroll: 120, marked, opened: true, shut: false });
  t.true(marked.length > 0);
});

test('tasks that cannot be tried here stand in the list too, below the line that sums them up', async t => {
  const { page, status } = await look(t, {}, '// skip\n');
  await status(/cannot try/);
  await page.locator('#verdict .task.skip').nth(2).waitFor();
  const all = await page
    .locator('#status, #verdict .task.skip')
    .evaluateAll(all => all.map(each => [each.getBoundingClientRect().top, each.getBoundingClientRect().bottom]));
  t.is(all.length, 4);
  for (const [i, [top = 0]] of all.entries()) if (i > 0) t.true(top >= (all[i - 1]?.[1] ?? 0), JSON.stringify(all));
});

test('hints climb their ladder, one for each press, and are remembered as the terminal does', async t => {
  const { tree, page } = await look(t);
  await page.locator('#hints > summary').click();
  t.is(await page.locator('#hints li').count(), 0);
  for (const rungs of [1, 2, 3, 4]) {
    await page.locator('#hints button').click();
    await page
      .locator('#hints li')
      .nth(rungs - 1)
      .waitFor();
    t.is(await page.locator('#hints li').count(), rungs);
    t.is(JSON.parse(tree.read('.progress/progress.json')).lessons['01-first'].hintsShown, rungs);
  }
  t.is(await page.locator('#hints button').count(), 0);
  t.regex((await tree.boxwright('hint', '01')).stdout, /You have seen all 4/);
});

test('by the keyboard alone: past the header, through the tabs, a hint, and the next check', async t => {
  const { page, status, tree } = await look(t);
  const focused = () => page.evaluate<string>('document.activeElement.textContent.trim().slice(0, 30)');
  await page.keyboard.press('Tab');
  t.is(await focused(), 'Skip to the text');
  t.true(await page.locator('.to-text').evaluate(link => link.getBoundingClientRect().top >= 0));
  await page.keyboard.press('Enter');
  t.is(await page.evaluate('document.activeElement.id'), 'text');
  /** Tab until the focus is on it, and see that it can be seen. */
  const reach = async (text: RegExp) => {
    for (let i = 0; i < 80 && !text.test(await focused()); i++) await page.keyboard.press('Tab');
    t.regex(await focused(), text);
    t.not(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
  };
  await reach(/^Hints/);
  await page.keyboard.press('Enter');
  await reach(/^Give me a nudge/);
  await page.keyboard.press('Space');
  await page.locator('#hints li').first().waitFor();
  await reach(/^Check again/);
  await page.keyboard.press('Enter');
  await reach(/^Container$/);
  await page.keyboard.press('ArrowRight');
  t.is(await focused(), 'Calls');
  t.true(await page.locator('#panel-calls').isVisible());
  t.false(await page.locator('#panel-drawn').isVisible());
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  t.is(await focused(), 'Terminal');
  await page.keyboard.press('Home');
  t.is(await focused(), 'Container');
  tree.write(lessonFile, solved);
  await status(/Passed/);
  t.is(await focused(), 'Container');
});

test('a screen reader hears the verdict in a sentence: the live region holds that and nothing else', async t => {
  const { tree, page, status } = await look(t);
  const regions = page.locator('.judged').locator('[aria-live], [role=status], [role=alert], [role=log]');
  t.deepEqual(await regions.evaluateAll(all => all.map(each => each.id)), ['status']);
  await page.evaluate(`globalThis.heard = [];
    const region = document.querySelector('#status');
    new MutationObserver(() => heard.push(region.textContent)).observe(region, { childList: true, subtree: true, characterData: true });`);
  tree.write(lessonFile, solved);
  await status(/Passed/);
  const heard = await page.evaluate<string[]>('[...new Set(heard)]');
  // The element is the same one: a region that is replaced is not read.
  t.is(heard.at(-1), '6 of 6 points. Passed: all that could be tried holds. 3 better than before.');
  t.true(heard.length <= 2);
});

const looks: [name: string, options: BrowserContextOptions][] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['320 px', { viewport: { width: 320, height: 640 } }],
  ['zoomed to 200 %', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ['less motion, more contrast', { reducedMotion: 'reduce', contrast: 'more' }],
];
for (const [name, options] of looks) {
  test(`${name}: axe finds nothing wrong, whatever is open, and nothing is wider than the window`, async t => {
    const { tree, opened, page, status, errors } = await look(t, options);
    const right = async (state: string) => {
      t.deepEqual(await axe(page), [], state);
      t.true(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'), state);
    };
    await page.locator('.figure svg').first().waitFor();
    await right('failing');
    await page.locator('#hints > summary').click();
    await page.locator('#hints button').click();
    await page.locator('#hints li').first().waitFor();
    for (const summary of await page.locator('.figure details > summary').all()) await summary.click();
    await right('a hint and the words of the figures open');
    await page.getByRole('tab', { name: 'Calls' }).click();
    await right('the calls');
    await page.getByRole('tab', { name: 'Terminal' }).click();
    await page.locator('.xterm').waitFor();
    await right('the terminal');
    tree.write(lessonFile, solved);
    await status(/Passed/);
    await right('passing');
    tree.write(lessonFile, '// broken\n');
    await status(/could not be loaded/);
    await right('broken');
    await page.goto(`${opened.origin}/`);
    await right('the list');
    await page.goto(`${opened.origin}/01/solution`);
    await right('the solution');
    await page.goto(`${opened.origin}/02`);
    await right('before the verdict');
    await page.goto(`${opened.origin}/xray/${process.pid}`);
    await page.locator('.figure svg').first().waitFor();
    await right('an x-ray');
    t.deepEqual(errors, []);
  });
}

test('two lessons at once, each with its own verdicts; the list knows of both', async t => {
  const { tree, opened, page, status } = await look(t);
  const [second, list] = [await page.context().newPage(), await page.context().newPage()];
  await second.goto(`${opened.origin}/02`);
  await list.goto(`${opened.origin}/`);
  await second.locator('#status', { hasText: '0 of 6' }).waitFor();
  tree.write('lessons/02-second/second.ts', solved);
  await second.locator('#status', { hasText: 'Passed' }).waitFor();
  await list.locator('.passed', { hasText: 'The second of its name' }).waitFor();
  t.regex((await page.locator('#status').textContent()) ?? '', /0 of 6/);
  tree.write(lessonFile, solved);
  await status(/Passed/);
  await list.locator('.size', { hasText: '2 of 3 passed · 12 of 18 points' }).waitFor();
  t.pass();
});

test('a file that is not there is said to be away, and checked when it is back', async t => {
  const { tree, page, opened } = await look(t);
  renameSync(`${tree.path}/lessons/02-second/second.ts`, `${tree.path}/lessons/02-second/aside`);
  await page.goto(`${opened.origin}/02`);
  await page.locator('#status', { hasText: 'lessons/02-second/second.ts is not there.' }).waitFor();
  await page.locator('#verdict', { hasText: 'npx boxwright reset 02 gives back the starter' }).waitFor();
  renameSync(`${tree.path}/lessons/02-second/aside`, `${tree.path}/lessons/02-second/second.ts`);
  await page.locator('#status', { hasText: '0 of 6' }).waitFor();
  t.pass();
});

test('a container that does not start says why, and is drawn when it does', async t => {
  const { tree, page } = await look(t, {}, '// no stage\n');
  await page.locator('#running', { hasText: 'It does not start: mount: EINVAL' }).waitFor();
  t.is(await page.locator('.figure').count(), 0);
  tree.write(lessonFile, starter);
  await page.locator('#figure-namespaces svg').waitFor();
  t.regex((await page.locator('#running').textContent()) ?? '', /^It runs: .*node.*process \d+ of the host\.$/);
});

test('a viewer sees what the owner does, and has nothing to press', async t => {
  const { tree, opened, status } = await look(t);
  const { page, errors } = await visit(t, browser, opened.origin);
  await page.goto(opened.viewers);
  await page.waitForURL(`${opened.origin}/01`);
  await page.locator('#status', { hasText: '0 of 6' }).waitFor();
  t.is(await page.locator('[data-post], #hints, #after').count(), 0);
  tree.write(lessonFile, solved);
  await Promise.all([status(/Passed/), page.locator('#status', { hasText: 'Passed' }).waitFor()]);
  t.is(await page.locator('a[href$=solution]').count(), 0);
  t.deepEqual(errors, []);
});

test('when the server ends, with pages open, it ends at once, and the pages say so', async t => {
  const { opened, page } = await look(t);
  const list = await page.context().newPage();
  await list.goto(`${opened.origin}/`);
  opened.child.kill('SIGINT');
  t.deepEqual(await once(opened.child, 'exit'), [130, null]);
  for (const each of [page, list])
    await each.locator('#lost', { hasText: /The workshop has ended|does not answer/ }).waitFor();
});

test('without scripts the page can be read: text, verdict and drawings', async t => {
  const { opened, page } = await look(t);
  await page.locator('.figure svg').first().waitFor();
  const { page: plain } = await visit(t, browser, opened.origin, { javaScriptEnabled: false });
  await plain.goto(opened.page);
  await plain.waitForURL(`${opened.origin}/01`);
  t.regex((await plain.locator('#status').textContent()) ?? '', /0 of 6/);
  t.true(await plain.locator('.prose h2').first().isVisible());
  t.true(await plain.locator('.figure svg').first().isVisible());
  t.false(await plain.locator('[role=tablist]').isVisible());
});
