// The page over the real thing: lessons, sandbox, container, terminal. In a copy of the workshop, because it writes where a learner writes.
import { once } from 'node:events';
import { copyFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import type { Browser } from 'playwright-core';
import { findLesson } from '../lessons.ts';
import { noBrowser, openBrowser, patience, visit } from '../testing/browser.ts';
import { type Copy, copyWorkshop, openIn } from '../testing/copy.ts';
import { eventually } from '../testing/stage.ts';
import { weigh } from '../testing/weight.ts';

const missing = noBrowser ?? (process.platform === 'linux' ? null : 'no Linux kernel to make containers with');
const test = (missing ? anyTest.skip : anyTest.serial) as TestFn;
let browser: Browser;
let copy: Copy;

anyTest.before(async () => {
  if (!missing) browser = await openBrowser();
});
anyTest.after.always(() => browser?.close());
// Each its own: earlier lessons that passed are the learner's, as they are now.
anyTest.serial.beforeEach(() => {
  if (!missing) copy = copyWorkshop();
});
anyTest.serial.afterEach.always(() => copy?.remove());

/** In the lesson's file: the solution, changed perhaps. */
function solve(number: string, change = (text: string) => text): void {
  const { files } = findLesson(number);
  copy.write(files.lesson, change(readFileSync(files.solution, 'utf8')));
}

/** A part of this machine's processes: those whose working folder is in the copy, or that were started from there. */
function leftovers(): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return (
        /^\d+$/.test(pid) &&
        [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), readlinkSync(`/proc/${pid}/cwd`)].join().includes(copy.path)
      );
    } catch {
      return false;
    }
  });
}

test('lesson 02: what is wrong, then what holds; a shell in the container; and nothing is left when it ends', async t => {
  t.timeout(900_000);
  copyFileSync(findLesson('02').files.lesson, copy.of(findLesson('02').files.lesson));
  const opened = await openIn(copy, '02');
  t.teardown(() => opened.child.kill('SIGKILL'));
  const { page, elsewhere, errors } = await visit(t, browser, opened.origin, {
    viewport: { width: 1440, height: 900 },
  });
  const weight = await weigh(page);
  const begun = performance.now();
  await page.goto(opened.page);
  const status = (pattern: RegExp) => page.locator('#status', { hasText: pattern }).waitFor();
  await status(/^[0-8] of 9 points\. .* not hold yet/);

  const running = page.locator('#running');
  await running.filter({ hasText: /process \d+ of|does not start/ }).waitFor();
  const old = (await running.textContent()) ?? '';
  solve('02');
  await status(/^9 of 9 points\. Passed/);
  await running.filter({ hasText: /process \d+ of/, hasNotText: old }).waitFor();
  await page.locator('#figure-mounts svg').waitFor();
  await page.getByRole('tab', { name: 'Terminal' }).click();
  const screen = page.locator('.xterm-rows');
  await screen.getByText('/ #').first().waitFor();
  // The news that come by the second are as many as the seconds are that this has taken.
  const parts = weight.parts();
  const news = parts.get('/events/02') ?? 0;
  t.true(weight.bytes() - news < 250_000, JSON.stringify([...parts]));
  t.true(news < 250_000 + 20 * (performance.now() - begun), JSON.stringify([...parts]));
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('echo $((6*7)) > /answer; readlink /proc/self/root; cat /answer\n');
  await screen.getByText('42', { exact: true }).waitFor();

  // The kernel is asked: the process that the page names has the file in its root, and this machine has not.
  const [, pid] = /process (\d+) of/.exec((await page.locator('#running').textContent()) ?? '') ?? [];
  t.is(readFileSync(`/proc/${pid}/root/answer`, 'utf8'), '42\n');
  t.throws(() => readFileSync('/answer'), { code: 'ENOENT' });

  solve('02', text => `${text}}`);
  await status(/^0 of 9 points\. Your file could not be loaded/);
  await page.locator('.broken', { hasText: 'Expression expected' }).waitFor();
  await page.locator('#running.bad', { hasText: /does not start/ }).waitFor();

  solve('02', text => text.replace(/export async function contain\([^{]*\{/s, '$&\n  for (;;);\n'));
  await status(/^0 of 9 points\. \d tasks? (do|does) not hold yet/);
  await page.locator('.feedback').first().waitFor();

  solve('02');
  await status(/^9 of 9 points\. Passed/);
  t.deepEqual([elsewhere, errors], [[], []]);

  opened.child.kill('SIGINT');
  t.deepEqual(await once(opened.child, 'exit'), [130, null]);
  // What was killed at the end may take a moment to be gone.
  t.true(await eventually(() => leftovers().length === 0), leftovers().join());
});

test('two lessons at once, each with its container', async t => {
  t.timeout(900_000);
  for (const number of ['01', '06']) solve(number);
  const opened = await openIn(copy);
  t.teardown(() => opened.child.kill('SIGKILL'));
  const { page, context } = await visit(t, browser, opened.origin);
  const other = await context.newPage();
  await page.goto(opened.page);
  await page.locator('.list').waitFor();
  await Promise.all([page.goto(`${opened.origin}/01`), other.goto(`${opened.origin}/06`)]);
  await Promise.all([page, other].map(each => each.locator('#status', { hasText: 'Passed' }).waitFor()));
  const pids = await Promise.all(
    [page, other].map(async each => {
      await each.locator('#running', { hasText: /process \d+ of/ }).waitFor();
      return /process (\d+) of/.exec((await each.locator('#running').textContent()) ?? '')?.[1];
    }),
  );
  const uts = pids.map(pid => readlinkSync(`/proc/${pid}/ns/uts`));
  t.not(uts[0], uts[1]);
  opened.child.kill('SIGTERM');
  t.deepEqual(await once(opened.child, 'exit'), [143, null]);
  // What was killed at the end may take a moment to be gone.
  t.true(await eventually(() => leftovers().length === 0), leftovers().join());
});

test('an x-ray of any process, live', async t => {
  const opened = await openIn(copy);
  t.teardown(() => opened.child.kill('SIGKILL'));
  const { page, errors } = await visit(t, browser, opened.origin);
  await page.goto(opened.page);
  await page.locator('.list').waitFor();
  const { pid } = process;
  await page.goto(`${opened.origin}/xray/${pid}`);
  await page.locator('#figure-namespaces svg').waitFor();
  const net = readlinkSync(`/proc/${pid}/ns/net`).replace(/\D/g, '');
  t.true((await page.locator('#figure-namespaces').textContent())?.includes(net));
  const curve = () => page.locator('#figure-cgroup svg').innerHTML();
  const before = await curve();
  for (const end = Date.now() + patience; (await curve()) === before && Date.now() < end; ) await sleep(100);
  t.not(await curve(), before);
  t.deepEqual(errors, []);
});
