// What one takes along: a PDF, and a folder that opens from the disk.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { noBrowser, openBrowser, visit } from '../workshop/testing/browser.ts';
import { writeFolder } from './folder.ts';
import { writePdf } from './pdf.ts';
import { findTalk } from './talk.ts';

function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-test-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const inBrowser = noBrowser ? test.serial.skip : test.serial;

/** Chromium writes each page as an object of its own, uncompressed. */
const pagesOf = (file: string) => readFileSync(file, 'latin1').match(/\/Type \/Page\b/g)?.length;

inBrowser('a PDF has a page for each slide, and with notes more', async t => {
  const folder = scratch(t);
  const talk = findTalk('part-0/05-types');
  await writePdf(talk, `${folder}/plain.pdf`, { notes: false });
  t.is(pagesOf(`${folder}/plain.pdf`), talk.steps.length);
  await writePdf(talk, `${folder}/notes.pdf`, { notes: true });
  t.true((pagesOf(`${folder}/notes.pdf`) ?? 0) >= 2 * talk.steps.length);
  t.regex(readFileSync(`${folder}/plain.pdf`, 'latin1'), /MediaBox \[0 0 960 540\]/, '1280 by 720 pixels, in points');
});

test('a file or folder that cannot be written is the user’s mistake, known at once', async t => {
  const folder = scratch(t);
  const talk = findTalk('part-0/05-types');
  if (!noBrowser) {
    const missing = { name: 'UserError', message: /cannot be written: ENOENT/ };
    await t.throwsAsync(writePdf(talk, `${folder}/none/x.pdf`, { notes: false }), missing);
  }
  writeFileSync(`${folder}/mine`, 'x');
  await t.throwsAsync(writeFolder(talk, folder), { name: 'UserError', message: /has something in it/ });
  await t.throwsAsync(writeFolder(talk, `${folder}/mine`), { name: 'UserError', message: /cannot be written: EEXIST/ });
  t.deepEqual([readFileSync(`${folder}/mine`, 'utf8'), existsSync(`${folder}/index.html`)], ['x', false]);
});

inBrowser(
  'a folder opens from the disk: slides, keys, the speaker view; and is written anew where it is ours',
  async t => {
    const folder = `${scratch(t)}/deck`;
    await writeFolder(findTalk('part-0/01-why'), folder);
    await writeFolder(findTalk('05'), folder);
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const origin = pathToFileURL(folder).href;
    const { page, context, elsewhere, errors } = await visit(t, browser, origin);
    await page.goto(`${origin}/index.html?dark`);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('[id="05-pivot-root-2"].present');
    const [speaker] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('s')]);
    await speaker.waitForSelector('.speaker-controls-notes:not(.hidden)');
    await speaker.frameLocator('#current-slide iframe').locator('[id="05-pivot-root-2"].present').waitFor();
    t.deepEqual([elsewhere, errors], [[], []]);
  },
);

inBrowser('a folder’s slides start however slowly the page is read: its scripts wait for the whole of it', async t => {
  const folder = scratch(t);
  await writeFolder(findTalk('05'), folder);
  const [head = '', rest = ''] = readFileSync(`${folder}/index.html`, 'utf8').split(/(?=<main>)/);
  const server = createServer((request, response) => {
    if (request.url !== '/') return response.end(readFileSync(`${folder}${request.url}`));
    response.setHeader('content-type', 'text/html').write(head);
    // Long after the scripts are there, and long before anybody gives up.
    return setTimeout(() => response.end(rest), 2000);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const browser = await openBrowser();
  t.teardown(() => Promise.all([browser.close(), server.close()]));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { page, errors } = await visit(t, browser, origin);
  const failed = new Promise(resolve => page.once('pageerror', resolve));
  await page.goto(`${origin}/`);
  await Promise.race([failed, page.waitForSelector('html[data-ready]', { state: 'attached' })]);
  t.deepEqual(errors, []);
});
