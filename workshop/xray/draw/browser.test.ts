// The drawings in a real browser: what is where, by measuring it; nothing over anything else, however much there is; nothing hostile ever
// becomes more than text; screen readers, light, dark, narrow. And the panel that explains: by pointer, keyboard, touch, under live changes.
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import test, { type ExecutionContext } from 'ava';
import { Hono } from 'hono';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { home } from '../../paths.ts';
import { listen } from '../../serve/listen.ts';
import { serveModules } from '../../serve/modules.ts';
import { axe, noBrowser, openBrowser, visit } from '../../testing/browser.ts';
import type { Xray } from '../types.ts';
import { empty, evils, hostile, many, nothing } from './extremes.ts';
import { asDocument, explanations, figureStyle, figures, type More } from './index.ts';
import { docker, history, images, lesson05, lesson13, samples } from './samples.ts';

const here = noBrowser ? test.serial.skip : test.serial;
let browser: Browser;
let content = '';
const app = new Hono();
serveModules(app);
app.get('/', c => c.html(content));
app.get('/xray/*', c => {
  const text = stripTypeScriptTypes(readFileSync(`${home}/workshop${c.req.path}`, 'utf8'));
  return c.body(text, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
});
app.get('/lesson/:number', c => c.text('a lesson'));
const server = await listen(app, { host: '127.0.0.1', port: 0 });
const origin = server.urls[0] ?? '';

test.before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
test.after.always(async () => {
  await browser?.close();
  await server.close();
});

const body = (xray: Xray, more: More) =>
  figures(xray, { history, images, ...more })
    .map(({ id, title, svg }) => `<section id="figure-${id}"><h2>${title}</h2>${svg}</section>`)
    .join('\n');
const whole = (inside: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>${figureStyle}
body { margin: 0; background: #fff; color: #1f2328; font: 16px system-ui } @media (prefers-color-scheme: dark) { body { background: #14171a; color: #e6edf3 } }</style></head>
<body><main><h1>Figures</h1><div id="figures">${inside}</div></main>
<script type="module">
import { explain } from '/modules/workshop/xray/browser/explain.ts';
import { faults } from '/modules/workshop/testing/browser/looks.ts';
Object.assign(globalThis, { faults, end: explain(document.querySelector('#figures'), { linkTo: lesson => '/lesson/' + lesson }) });
</script></body></html>`;

async function open(t: ExecutionContext, xray: Xray, more: More = {}, options: BrowserContextOptions = {}) {
  content = whole(body(xray, more));
  const visited = await visit(t, browser, origin, options);
  await visited.page.goto(origin);
  await visited.page.waitForFunction('globalThis.end');
  return visited;
}

const faultsOf = (page: Page) => page.evaluate('faults()') as Promise<string[]>;
const replace = (page: Page, inside: string) =>
  page.evaluate(`document.querySelector('#figures').innerHTML = ${JSON.stringify(inside)}`);
const widths = [320, 460, 620, 780, 1100];

here(
  'In every drawing of every sample each text is in its place and can be read: light, dark, five widths.',
  async t => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, errors } = await open(t, lesson13, {}, { colorScheme });
      for (const [name, xray] of Object.entries(samples)) {
        for (const width of widths) {
          await replace(page, body(xray, { width }));
          t.deepEqual(await faultsOf(page), [], `${name}, ${colorScheme}, ${width}`);
        }
      }
      t.deepEqual(errors, []);
    }
  },
);

here('And so it is with nothing, with a hundred times too much, and with names of every kind.', async t => {
  const { page, elsewhere, errors } = await open(t, lesson13);
  const all = { nothing, empty, three: many(3), eight: many(8), sixty: many(60), 'three hundred': many(300) };
  const evil = Object.fromEntries(Object.entries(evils).map(([name, each]) => [name, hostile(each)]));
  for (const [name, xray] of Object.entries({ ...all, ...evil })) {
    for (const width of widths) {
      await replace(page, body(xray, { width }));
      t.deepEqual((await faultsOf(page)).slice(0, 5), [], `${name}, ${width}`);
    }
  }
  t.deepEqual(elsewhere, []);
  t.deepEqual(errors, []);
});

here('The check itself finds what is wrong.', async t => {
  const { page } = await open(t, lesson13);
  const wrong =
    '<g class="part"><rect width="50" height="20" fill="#fff"/><text x="5" y="15">a text that is longer</text></g><text x="20" y="18" style="fill: #ccc">over it</text><rect width="40" height="30"/>';
  await replace(page, `<svg class="xray" viewBox="0 0 60 60" width="60" height="60">${wrong}</svg>`);
  const found = (await faultsOf(page)).join('\n');
  for (const words of ['lies over', 'leaves its box', 'leaves the picture', 'is covered', 'contrast'])
    t.true(found.includes(words), `${words} in ${found}`);
});

here('Hostile names stay text: no element, no attribute, no request comes of them.', async t => {
  for (const evil of [evils.markup, evils.attribute, evils.style, evils.entity]) {
    const { page, elsewhere, errors } = await open(t, hostile(evil ?? ''), { width: 1100 });
    const odd = await page.evaluate(`[...document.querySelectorAll('#figures *')].filter(each =>
      !['section', 'h2', 'svg', 'g', 'rect', 'text', 'path', 'circle'].includes(each.localName) ||
      [...each.attributes].some(({ name }) => /^on|style|href/.test(name))).map(each => each.outerHTML.slice(0, 200))`);
    t.deepEqual(odd, []);
    await page.locator('.part').first().focus();
    t.deepEqual(await page.evaluate(`[globalThis.hit, document.querySelectorAll('.explanation *:not(p, a)').length]`), [
      undefined,
      0,
    ]);
    t.deepEqual(elsewhere, []);
    t.deepEqual(errors, []);
  }
});

here('Each namespace is drawn once: its own inside the container’s box, a shared one across its border.', async t => {
  for (const [name, xray] of Object.entries(samples)) {
    for (const width of [320, 780]) {
      const { page } = await open(t, xray, { width });
      const drawn = (await page.evaluate(`(() => {
        const figure = document.querySelector('[data-figure=namespaces]');
        const frame = figure.querySelector('rect.container').getBBox();
        return [...figure.querySelectorAll('.part')].map(part => {
          const box = part.querySelector('rect').getBBox();
          const right = box.x + box.width < frame.x + frame.width && box.y > frame.y && box.y + box.height < frame.y + frame.height;
          return { id: part.dataset.part, words: part.textContent, inside: right && box.x > frame.x, across: right && box.x < frame.x && box.x + box.width > frame.x };
        });
      })()`)) as { id: string; words: string; inside: boolean; across: boolean }[];
      t.is(drawn.length, 8);
      for (const [i, each] of xray.namespaces.entries()) {
        const { id = '', words = '', inside, across } = drawn[i] ?? {};
        t.deepEqual(
          { id, inside, across },
          { id: `ns.${each.kind}`, inside: each.own, across: !each.own },
          `${name} ${width}`,
        );
        t.true(words.includes(String(each.inode)));
        if (each.own && each.host !== null) t.true(words.includes(String(each.host)));
      }
    }
  }
});

here('Mounts, layers, maps, limits, rules, capabilities and refusals are where they belong.', async t => {
  const { page } = await open(t, lesson13);
  const told = (await page.evaluate(`(() => {
    const box = (selector, within = document) => within.querySelector(selector).getBBox();
    const kind = part => document.querySelector('[data-part="' + part + '"] rect').getAttribute('class');
    const curve = document.querySelector('[data-part=memory] .curve').getBBox();
    const limit = document.querySelector('[data-part=memory] .limit').getBBox();
    const file = path => [...document.querySelectorAll('[data-figure=overlay] .part')].find(each => each.dataset.part.endsWith(path)).querySelector('rect').getBBox();
    return {
      masks: kind(document.querySelector('[data-explain="mount:mask"]').dataset.part),
      upper: box('[data-explain=upper]').y < box('[data-explain=lower]').y,
      changed: file('/etc/hostname').y < box('[data-explain=lower]').y,
      untouched: file('/bin/sh').y > box('[data-explain=lower]').y,
      under: curve.y >= limit.y - 1,
      wire: box('[data-explain="link:veth"]').y < box('[data-explain=peer]').y && box('[data-explain=peer]').y < box('[data-explain=bridge]').y,
      chown: kind('cap.chown'), admin: kind('cap.sys_admin'),
      refused: [...document.querySelectorAll('[data-explain=call-refused]')].map(each => each.querySelector('rect').getAttribute('class') + each.textContent.includes('ENOENT')),
      band: document.querySelectorAll('[data-figure=users] .band').length,
    };
  })()`)) as Record<string, unknown>;
  const refused = lesson13.calls?.filter(({ code }) => code).map(() => 'errortrue');
  t.deepEqual(told, {
    masks: 'mask',
    upper: true,
    changed: true,
    untouched: true,
    under: true,
    wire: true,
    chown: 'own',
    admin: 'absent',
    refused,
    band: 1,
  });
});

here('axe finds nothing wrong: light, dark, and 320 pixels wide; a phone need not scroll sideways.', async t => {
  for (const [colorScheme, width] of [
    ['light', 780],
    ['dark', 780],
    ['light', 304],
    ['dark', 304],
  ] as const) {
    const viewport = { width: width === 304 ? 320 : 1000, height: 800 };
    const { page } = await open(t, lesson13, { width }, { colorScheme, viewport });
    t.deepEqual(await axe(page), [], `${colorScheme} ${width}`);
    await page.locator('[data-part="ns.mnt"]').focus();
    await page.locator('.explanation a').waitFor();
    t.deepEqual(await axe(page), [], `${colorScheme} ${width}, explained`);
    t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
    for (const last of ['ns.time', 'label']) {
      await page.locator(`[data-part="${last}"]`).focus();
      // When its explanation is there, it is beside it.
      const isFree = `(() => {
        const [part, panel] = [document.activeElement, document.querySelector('.explanation')].map(each => each.getBoundingClientRect());
        return part.bottom <= panel.top || part.top >= panel.bottom || part.right <= panel.left;
      })()`;
      const free = page.waitForFunction(isFree);
      await t.notThrowsAsync(free, `${last} is not covered by its explanation`);
    }
  }
});

here('A screen reader has a name for each drawing and for each part, with its values.', async t => {
  const { page } = await open(t, docker);
  await page.getByRole('group', { name: 'Namespaces' }).waitFor();
  await page.getByRole('img', { name: /^mnt, mounts: its own, 4026532201; the host’s is 4026531834/ }).waitFor();
  await page.getByRole('img', { name: /^Memory: 8.9 MiB now, limit 512 MiB/ }).waitFor();
  await page.getByRole('img', { name: /frozen/ }).waitFor();
  await page.getByRole('img', { name: 'CAP_SYS_ADMIN: gone for good' }).waitFor();
  t.pass();
});

const panel = (page: Page) => page.getByRole('status');

here(
  'The pointer: a part explains itself with its values and a link to its lesson, and one can move onto the panel.',
  async t => {
    const { page, errors } = await open(t, lesson13);
    const part = page.locator('[data-part="ns.pid"]');
    await part.hover();
    const { text = '', lesson } = explanations['namespace:pid'] ?? {};
    await panel(page).getByText(text).waitFor();
    await panel(page)
      .getByText(/its own, 4026532205/)
      .waitFor();
    t.is(await panel(page).getByRole('link').getAttribute('href'), `/lesson/${lesson}`);
    await panel(page).hover();
    await page.waitForTimeout(500);
    t.true(await panel(page).getByRole('link').isVisible());
    await page.mouse.move(1, 1);
    await panel(page).getByRole('link').waitFor({ state: 'hidden' });
    t.deepEqual(errors, []);
  },
);

here('The keyboard: Tab to a part, arrows to the next, Enter to the link, Escape back and away.', async t => {
  const { page } = await open(t, lesson13);
  const at = () => page.evaluate(`document.activeElement.dataset.part ?? document.activeElement.localName`);
  await page.keyboard.press('Tab');
  t.is(await at(), 'node');
  await panel(page)
    .getByText(explanations.node?.text ?? '')
    .waitFor();
  await page.locator('[data-part="effective"]').focus();
  await page.keyboard.press('ArrowDown');
  t.is(await at(), 'cap.chown');
  await panel(page).getByText('CAP_CHOWN').waitFor();
  await page.keyboard.press('End');
  t.is(await at(), 'label');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  t.is(await at(), 'a');
  await page.keyboard.press('Escape');
  t.is(await at(), 'effective');
  t.is(await panel(page).textContent(), '');
  await page.keyboard.press('Tab');
  t.is(await at(), 'capabilities:bounding', 'minor parts are passed over by Tab');
  await page.keyboard.press('Escape');
  t.is(await panel(page).textContent(), '');
});

here('A finger: a touch explains, a touch elsewhere closes.', async t => {
  const { page } = await open(
    t,
    lesson13,
    { width: 304 },
    { hasTouch: true, isMobile: true, viewport: { width: 320, height: 700 } },
  );
  await page.locator('[data-part="ns.net"]').tap();
  await panel(page).getByRole('link').waitFor();
  // Beside the drawing.
  await page.touchscreen.tap(316, 350);
  await panel(page).getByRole('link').waitFor({ state: 'hidden' });
  t.pass();
});

here(
  'A drawing that is replaced under the panel keeps the focus where it was, and the values are the new ones.',
  async t => {
    const { page, errors } = await open(t, lesson13);
    const part = page.locator('[data-part="memory"]');
    await part.focus();
    await panel(page).getByText('39 MiB now').waitFor();
    const cgroup = lesson13.cgroup as NonNullable<Xray['cgroup']>;
    await replace(
      page,
      body({ ...lesson13, cgroup: { ...cgroup, memory: { ...cgroup.memory, current: 52_428_800 } } }, {}),
    );
    await panel(page).getByText('50 MiB now').waitFor();
    t.is(await page.evaluate('document.activeElement.dataset.part'), 'memory');
    t.true(await panel(page).getByRole('link').isVisible());
    t.true(await part.evaluate(each => each.classList.contains('explained')));
    // Focus elsewhere stays elsewhere.
    await panel(page).getByRole('link').focus();
    await replace(page, body(lesson13, {}));
    await panel(page).getByText('39 MiB now').waitFor();
    t.is(await page.evaluate('document.activeElement.localName'), 'a');
    await replace(page, '');
    await page.waitForFunction(`document.querySelector('.explanation').textContent === ''`);
    await page.evaluate('end()');
    t.is(await page.locator('.explanation').count(), 0);
    t.deepEqual(errors, []);
  },
);

here('So it is when the page is morphed and a part’s element becomes another part’s.', async t => {
  const { page, errors } = await open(t, docker);
  const last = docker.processes.at(-1)?.pid;
  await page.locator(`[data-part="process.${last}"]`).focus();
  const fewer = body({ ...docker, processes: docker.processes.filter((_, i) => i !== 1) }, {});
  await page.evaluate(
    `import('/library/idiomorph').then(({ Idiomorph }) => Idiomorph.morph(document.querySelector('#figures'), ${JSON.stringify(fewer)}, { morphStyle: 'innerHTML' }))`,
  );
  await page.waitForFunction(`document.activeElement.dataset.part === 'process.${last}'`);
  await panel(page).getByText(`${last} outside`).waitFor();
  t.is(await page.locator('.explained').getAttribute('data-part'), `process.${last}`);
  t.deepEqual(errors, []);
});

here('The drawings are made in a browser as in Node: the same strings.', async t => {
  const { page, errors } = await open(t, lesson13);
  for (const [name, xray] of Object.entries({ ...samples, eight: many(8) })) {
    const more = { history, images, width: 500 };
    const there = await page.evaluate(
      `import('/xray/draw/index.ts').then(({ figures }) => figures(${JSON.stringify(xray)}, ${JSON.stringify(more)}))`,
    );
    t.deepEqual(there, figures(xray, more), name);
  }
  t.deepEqual(errors, []);
});

here('The document is drawn by a browser on its own, and every part says what it is.', async t => {
  const { page, elsewhere, errors } = await visit(t, browser, origin);
  await page.goto(`data:image/svg+xml;base64,${Buffer.from(asDocument(figures(lesson05))).toString('base64')}`);
  const told = (await page.evaluate(`({
    texts: document.querySelectorAll('text').length,
    titles: [...document.querySelectorAll('g > title')].map(each => each.textContent),
    font: getComputedStyle(document.querySelector('text.code')).fontSize,
    buttons: document.querySelectorAll('[tabindex], [role=button]').length,
  })`)) as { texts: number; titles: string[]; font: string; buttons: number };
  t.true(told.texts > 100);
  t.true(told.titles.some(each => each.startsWith('mnt, mounts: its own') && each.includes('propagation is private')));
  t.deepEqual([told.font, told.buttons], ['12px', 0]);
  for (const xray of [nothing, many(60), ...Object.values(evils).map(hostile)]) {
    const wrong = await page.evaluate(
      ([text]) => {
        const { DOMParser } = globalThis as unknown as {
          DOMParser: new () => {
            parseFromString(
              text: string,
              type: string,
            ): { querySelector(selector: string): { textContent: string } | null };
          };
        };
        return (
          new DOMParser().parseFromString(text ?? '', 'image/svg+xml').querySelector('parsererror')?.textContent ?? null
        );
      },
      [asDocument(figures(xray))],
    );
    t.is(wrong, null);
  }
  t.deepEqual(elsewhere, []);
  t.deepEqual(errors, []);
});
