// A room full of people, and people who misbehave: a hundred readers of one page, reloads without end, readers that take nothing.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HttpBindings } from '@hono/node-server';
import test from 'ava';
import { Hono } from 'hono';
import { listen } from '../serve/listen.ts';
import { noBrowser, openBrowser, visit } from '../testing/browser.ts';
import { openIn } from '../testing/copy.ts';
import { lessonFile, makeTree, solved } from '../testing/tree.ts';
import { openChannel } from './channel.ts';
import { openRooms, type Room } from './rooms.ts';
import { ask, cookieOf, type Events, follow } from './testing/ask.ts';

const crowd = 100;

/** Bytes of memory that a process has. proc_pid_status(5), VmRSS */
function memoryOf(pid: number | undefined): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

test.serial('a hundred viewers and a browser: all see each verdict, and the curves of the container', async t => {
  t.timeout(900_000);
  const tree = makeTree();
  const opened = await openIn(tree, '01');
  const readers: Events[] = [];
  t.teardown(async () => {
    for (const reader of readers) reader.close();
    opened.child.kill('SIGKILL');
    tree.remove();
  });
  const [owner, viewer] = [await cookieOf(opened, opened.page), await cookieOf(opened, opened.viewers)];
  await ask(opened, '/01', { headers: { cookie: owner } });
  const before = memoryOf(opened.child.pid);
  for (let i = 0; i < crowd; i += 20) {
    readers.push(...(await Promise.all(Array.from({ length: 20 }, () => follow(opened, '/events/01', viewer)))));
  }
  await Promise.all(readers.map(reader => reader.fragment('status', /0 of 6/)));
  await Promise.all(readers.map(reader => reader.fragment('figure-namespaces', /<svg/)));

  const browser = noBrowser ? null : await openBrowser();
  try {
    const page = browser && (await visit(t, browser, opened.origin)).page;
    await page?.goto(opened.viewers);
    await page?.locator('#status', { hasText: '0 of 6' }).waitFor();
    for (const [text, says] of [
      ['// true: own-name\n', /2 of 6/],
      [solved, /Passed/],
      ['// broken\n', /could not be loaded/],
    ] as const) {
      tree.write(lessonFile, text);
      await Promise.all([
        ...readers.map(reader => reader.fragment('status', says)),
        page?.locator('#status', { hasText: says }).waitFor(),
      ]);
    }
  } finally {
    await browser?.close();
  }
  const curve = await readers[0]?.fragment('figure-cgroup', /<svg/);
  await Promise.all(
    readers.map(reader => reader.fragment('figure-cgroup', { test: (html: string) => html !== curve })),
  );
  // Some 50 kB of fragments to each of a hundred, twice a second, kept for whoever is slow would be far more.
  const more = memoryOf(opened.child.pid) - before;
  t.log(`${Math.round(more / 1e6)} MB more for ${crowd} readers`);
  t.true(more < 200e6);

  opened.child.kill('SIGINT');
  t.deepEqual(await once(opened.child, 'exit'), [130, null]);
  await Promise.all(readers.map(({ ended }) => ended));
});

test.serial('a thousand reloads at once are answered, each whole, and the next verdict comes', async t => {
  t.timeout(900_000);
  const tree = makeTree();
  const opened = await openIn(tree, '01');
  t.teardown(() => {
    opened.child.kill('SIGKILL');
    tree.remove();
  });
  const cookie = await cookieOf(opened, opened.page);
  const reader = await follow(opened, '/events/01', cookie);
  t.teardown(reader.close);
  await reader.fragment('status', /0 of 6/);
  const reload = async () => {
    const { status, body } = await ask(opened, '/01', { headers: { cookie } });
    return status === 200 && body.endsWith('</html>\n');
  };
  let whole = 0;
  for (let i = 0; i < 10; i++) whole += (await Promise.all(Array.from({ length: 100 }, reload))).filter(Boolean).length;
  t.is(whole, 1000);
  tree.write(lessonFile, solved);
  await reader.fragment('status', /Passed/);
});

test('who asks for news and never reads them is let go, and nothing is kept for them', async t => {
  const channel = openChannel(() => {}, 500);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/', c => {
    const { socket } = c.env.incoming;
    const stream = channel.follow({ role: 'viewer', have: '', lost: () => socket.destroy() });
    return c.body(stream, 200, { 'Content-Type': 'text/event-stream' });
  });
  const serving = await listen(app, { host: '127.0.0.1', port: 0 });
  t.teardown(serving.close);
  const socket = connect(serving.port, '127.0.0.1');
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  socket.pause();
  while (channel.followers() === 0) await sleep(10);
  // What is kept, and not what nobody has swept up yet.
  setFlagsFromString('--expose-gc');
  const sweep = runInNewContext('gc') as () => void;
  const kept = () => {
    sweep();
    return process.memoryUsage().external + process.memoryUsage().arrayBuffers;
  };
  const before = kept();
  // 200 MB, much more than sockets hold; after a while nobody follows any more.
  let most = 0;
  for (let i = 0; i < 200 && channel.followers() > 0; i++) {
    channel.set('big', `${i}${'x'.repeat(1 << 20)}`);
    await sleep(20);
    most = Math.max(most, kept() - before);
  }
  for (const end = Date.now() + 120_000; channel.followers() > 0 && Date.now() < end; ) await sleep(20);
  t.is(channel.followers(), 0);
  t.true(most < 50e6, String(most));
});

test('a room is open for as long as somebody is in it, and a while', async t => {
  const closed: string[] = [];
  const rooms = openRooms<Room>(100);
  const open = (name: string) => (changed: () => void) => {
    const channel = openChannel(changed);
    return {
      channel,
      refresh() {},
      async close() {
        closed.push(name);
      },
    };
  };
  const reader = rooms.enter('01', open('01')).channel.follow({ role: 'owner', have: '' }).getReader();
  rooms.enter('02', open('02'));
  const toClose = async (rooms: number) => {
    for (const end = Date.now() + 60_000; closed.length < rooms && Date.now() < end; ) await sleep(20);
  };
  await toClose(1);
  await sleep(200);
  t.deepEqual(closed, ['02']);
  const left = reader.cancel();
  t.truthy(rooms.find('01'));
  await left;
  await toClose(2);
  t.deepEqual(closed, ['02', '01']);
  t.is(rooms.find('01'), undefined);
});

test('of many rooms the empty ones make place, and when all are in use there is none', async t => {
  const rooms = openRooms<Room>();
  const closed: string[] = [];
  const enter = (name: string) =>
    rooms.enter(name, changed => {
      const channel = openChannel(changed);
      return {
        channel,
        refresh() {},
        async close() {
          closed.push(name);
        },
      };
    });
  for (let i = 0; i < 9; i++) enter(`room ${i}`);
  t.deepEqual(closed, ['room 0']);
  for (const room of rooms.all()) void room.channel.follow({ role: 'owner', have: '' });
  t.throws(() => enter('one more'), { message: /8 lessons are open at once/ });
  await rooms.close('over');
  t.is(closed.length, 9);
});
