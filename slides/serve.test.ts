// The server of the slides, as a stranger, as a presenter, and as the command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import test from 'ava';
import { home } from '../workshop/paths.ts';
import { slidesRoutes, speakerScript } from './serve.ts';
import { serveSlides } from './testing.ts';

const command = (...args: string[]) =>
  spawn(process.execPath, [`${home}/workshop/boxwright.mjs`, 'slides', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

async function all(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const data of stream) text += data;
  return text;
}

test('without the whole link there is nothing to see, and none for other names and other sites', async t => {
  const { origin, token } = await serveSlides(t);
  t.is((await fetch(`${origin}/slides/05`)).status, 403);
  t.is((await fetch(`${origin}/slides/05?token=wrong`)).status, 403);
  t.is((await fetch(`${origin}/modules/slides/browser/deck.ts`)).status, 403);
  const first = await fetch(`${origin}/slides/05?token=${token}`);
  const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const asked = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; policy: string }>(resolve => {
      request(`${origin}${path}`, { headers: { cookie, ...headers } }, answer => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, policy: String(answer.headers['content-security-policy']) });
      }).end();
    });
  const { status, policy } = await asked('/slides/05');
  t.is(status, 200);
  t.regex(policy, /^default-src 'none'/);
  t.notRegex(policy, /https?:|script-src[^;]*('unsafe-inline'|'unsafe-eval')/);
  t.true(policy.includes(speakerScript()));
  t.is((await asked('/slides/05', { host: 'evil.example' })).status, 421);
  t.is((await asked('/slides/05', { origin: 'http://evil.example' })).status, 403);
  t.is((await asked('/slides/')).status, 200);
  t.is((await asked('/slides/no-such')).status, 404);
  t.is((await asked('/slides/../package.json')).status, 404);
});

test('where there is a workshop, its terminal is on the slide with the live one', async t => {
  const page = async (options: Parameters<typeof slidesRoutes>[0], name: string) =>
    (await slidesRoutes(options).request(`/${name}`)).text();
  const shell = (lesson: string | null) => (lesson ? `/terminal/${lesson.slice(0, 2)}` : '');
  t.regex(await page({ shell }, '13-veth-bridge'), /<live-terminal [^>]*data-shell="\/terminal\/13"/);
  t.notRegex(await page({}, '13-veth-bridge'), /data-shell/);
});

test('the command lists, and tells the outline', async t => {
  const list = command();
  t.regex(await all(list.stdout), /half-day +3:\d\d .*[\s\S]*05-pivot-root/);
  const outline = JSON.parse(await all(command('05', '--json').stdout));
  t.is(outline.name, '05-pivot-root');
  const [first, second] = outline.steps;
  t.is(second.at, first.at + first.minutes);
});

for (const [args, message] of [
  [['no-such'], /no deck or cut "no-such"/],
  [['05', '--notes'], /--notes goes with --pdf/],
  [['--pdf', 'x.pdf'], /--pdf wants a deck or a cut/],
  [['05', '--pdf', 'x.pdf', '--out', 'x'], /do not go together/],
] as const) {
  test(`wrong usage ends with 2: slides ${args.join(' ')}`, async t => {
    const child = command(...args);
    t.regex(await all(child.stderr), message);
    t.is(child.exitCode ?? (await once(child, 'exit'))[0], 2);
  });
}

test('it serves until a signal, and then ends with that signal’s status', async t => {
  const child = command('05', '--listen', '127.0.0.1:0');
  const link = await new Promise<string>(resolve => {
    let text = '';
    child.stdout.on('data', data => {
      text += data;
      const [, found] = /Open (\S+)/.exec(text) ?? [];
      if (found) resolve(found);
    });
  });
  t.is((await fetch(link)).status, 200);
  child.kill('SIGINT');
  t.is((await once(child, 'exit'))[0], 130);
  await t.throwsAsync(fetch(link));
});
