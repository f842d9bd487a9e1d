// The terminal's WebSocket: who gets one, what is sent, and what a viewer cannot do. Spoken to by ws, and by hand where a request is not
// what a browser would send.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { upgradeWebSocket } from '@hono/node-server';
import test, { type ExecutionContext } from 'ava';
import { Hono } from 'hono';
import { WebSocket } from 'ws';
import { ownPagesOnly, sealed, withToken } from '../serve/guard.ts';
import { listen } from '../serve/listen.ts';
import { openSockets, socketBounds } from '../serve/sockets.ts';
import { eventually, onStage } from '../testing/stage.ts';
import { terminalSocket } from './socket.ts';
import type { Stage } from './types.ts';

const token = 'a-token-of-the-test';

async function serve(t: ExecutionContext, stage: Stage) {
  const app = new Hono();
  app.use(
    ownPagesOnly,
    sealed("style-src 'self'"),
    withToken(() => token),
  );
  app.get(
    '/terminal',
    upgradeWebSocket(() => terminalSocket(stage)),
  );
  app.get(
    '/watch',
    upgradeWebSocket(() => terminalSocket(stage, { readOnly: true })),
  );
  app.get('/page', c => c.text('a page'));
  const serving = await listen(app, { host: '127.0.0.1', port: 0 });
  t.teardown(() => serving.close());
  return serving;
}

/** One who is connected; `text`: all output so far. */
async function join(t: ExecutionContext, port: number, path = '/terminal', acknowledges = true) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}?token=${token}`);
  t.teardown(() => socket.terminate());
  const seen = { text: '', messages: [] as Record<string, unknown>[] };
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) seen.messages.push(JSON.parse(String(data)));
    else seen.text += data;
    if (isBinary && acknowledges) socket.send(JSON.stringify({ taken: data.length }));
  });
  await once(socket, 'open');
  const key = (text: string) => socket.send(Buffer.from(text));
  return { socket, seen, key, say: (message: unknown) => socket.send(JSON.stringify(message)) };
}

/** The first line of the answer to a request to upgrade, with these headers in the place of a browser's. */
async function ask(port: number, path: string, headers: Record<string, string | null> = {}): Promise<string> {
  const usual = {
    ...{ Host: `127.0.0.1:${port}`, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    ...{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
  };
  const lines = Object.entries(usual).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).split('\r\n')[0] ?? '';
}

test.serial('an upgrade is guarded as any request: token, Host, Origin', async t => {
  const { stage, pid } = onStage(t, '03');
  await pid();
  const { port } = await serve(t, stage);
  const path = `/terminal?token=${token}`;
  const own = `http://127.0.0.1:${port}`;
  t.regex(await ask(port, path, { Origin: own }), / 101 /);
  t.regex(await ask(port, path), / 101 /);
  t.regex(await ask(port, '/terminal'), / 403 /);
  t.regex(await ask(port, '/terminal?token=another'), / 403 /);
  for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`])
    t.regex(await ask(port, path, { Origin: origin }), / 403 /, origin);
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example'])
    t.regex(await ask(port, path, { Host: host, Origin: `http://${host}` }), / 421 /, host);
  t.regex(await ask(port, path, { Host: null }), / 4\d\d /);
  // Nothing there to be upgraded, or to another protocol.
  t.regex(await ask(port, `/page?token=${token}`), / (200|400) /);
  t.regex(await ask(port, `/nowhere?token=${token}`), / 404 /);
  t.regex(await ask(port, `/page?token=${token}`, { Upgrade: 'h2c' }), / 200 /);
  t.regex(await ask(port, path, { 'Sec-WebSocket-Key': null }), / 4\d\d /);
  t.regex(await ask(port, path, { 'Sec-WebSocket-Version': '1' }), / 4\d\d /);
});

test.serial('keys, answers, size, the scrollback for who comes later, the end, and a new one', async t => {
  const { stage, pid } = onStage(t, '05');
  const first = await pid();
  const { port } = await serve(t, stage);
  const one = await join(t, port);
  t.true(await eventually(() => /# /.test(one.seen.text)));
  one.say({ resize: [101, 33] });
  one.key('stty size; echo >/tmp/typed\r');
  t.true(await eventually(() => /^33 101\r$/m.test(one.seen.text)));
  t.true(existsSync(`/proc/${first}/root/tmp/typed`));

  const two = await join(t, port);
  t.true(await eventually(() => two.seen.text.includes('33 101') && two.seen.messages.length >= 3));
  t.deepEqual(two.seen.messages, [{ size: [101, 33] }, { replay: true }, { started: true }]);
  one.say({ restart: true });
  t.true(await eventually(() => two.seen.messages.length >= 4 && /new container/.test(two.seen.text)));
  t.not(await pid(), first);
  t.true(await eventually(() => /# [^#]*$/.test(two.seen.text.split('new container')[1] ?? '')));
  two.key('exit 5\r');
  t.true(await eventually(() => one.seen.messages.some(each => 'ended' in each)));
  t.deepEqual(one.seen.messages.at(-1), { ended: { status: 5 } });
});

test.serial('who may only look sees it all, and changes nothing', async t => {
  const { stage, pid } = onStage(t, '05');
  const shell = await pid();
  const { port } = await serve(t, stage);
  const [owner, viewer] = [await join(t, port), await join(t, port, '/watch')];
  t.true(await eventually(() => /# /.test(viewer.seen.text)));
  viewer.key('echo > /tmp/viewer\r');
  viewer.say({ resize: [40, 10] });
  viewer.say({ restart: true });
  await setTimeout(300);
  owner.key('echo > /tmp/owner; stty size\r');
  t.true(await eventually(() => /^27 91\r$/m.test(viewer.seen.text)));
  t.true(existsSync(`/proc/${shell}/root/tmp/owner`));
  t.false(existsSync(`/proc/${shell}/root/tmp/viewer`));
});

test.serial('nonsense is left out, and too much of it ends the connection, not the stage', async t => {
  const { stage, pid } = onStage(t, '05');
  const shell = await pid();
  const { port } = await serve(t, stage);
  const one = await join(t, port);
  const senseless = [
    { resize: 'all' },
    { resize: [1e9, -4] },
    { resize: [null] },
    { taken: -1e9 },
    { taken: 'x' },
    null,
    7,
  ];
  for (const message of [...senseless, { restart: 1 }]) one.say(message);
  for (const text of ['{', '', 'x'.repeat(5000)]) one.socket.send(text);
  const closed = once(one.socket, 'close');
  one.key('x'.repeat(socketBounds.message + 1));
  // What came before it has been read by then.
  t.is((await closed)[0], 1009);
  t.deepEqual(stage.size(), { columns: 80, rows: 24 });
  t.is(await pid(), shell);
  t.true(existsSync(`/proc/${shell}`));
});

test.serial('one who never says what was drawn holds nobody up, and is given the end when they do', async t => {
  const { stage, pid } = onStage(t, '05');
  await pid();
  const { port } = await serve(t, stage);
  const [one, asleep] = [await join(t, port), await join(t, port, '/watch', false)];
  t.true(await eventually(() => /# /.test(one.seen.text)));
  one.key('yes | head -c 3000000; echo last of all\r');
  t.true(await eventually(() => /^last of all\r$/m.test(one.seen.text)));
  t.true(one.seen.text.length > 3_000_000);
  t.true(asleep.seen.text.length < 1_500_000, String(asleep.seen.text.length));
  t.false(/^last of all\r$/m.test(asleep.seen.text));
  asleep.say({ taken: asleep.seen.text.length });
  t.true(await eventually(() => /^last of all\r$/m.test(asleep.seen.text)));
  t.is(asleep.seen.messages.filter(each => each.replay).length, 2);
});

test.serial('the server’s end is told to all, and one that hangs is cut off', async t => {
  const { stage, pid } = onStage(t, '03');
  await pid();
  const serving = await serve(t, stage);
  const one = await join(t, serving.port);
  const closed = once(one.socket, 'close');
  // A browser that has been suspended answers nothing.
  const hung = connect(serving.port, '127.0.0.1');
  hung.on('error', () => {});
  hung.write(
    `GET /terminal?token=${token} HTTP/1.1\r\nHost: 127.0.0.1:${serving.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(hung, 'data');
  const gone = once(hung, 'close');
  hung.pause();
  await serving.close();
  t.is((await closed)[0], 1001);
  hung.resume();
  await gone;
  t.pass();
});

test('who answers no ping is gone', async t => {
  // Long enough for one that lives to answer, however busy the machine is.
  const sockets = openSockets(2000);
  const app = new Hono();
  app.get(
    '/',
    upgradeWebSocket(() => ({})),
  );
  const { createAdaptorServer } = await import('@hono/node-server');
  const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: sockets.server } });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const [polite, silent] = [
    new WebSocket(`ws://127.0.0.1:${port}`),
    new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false }),
  ];
  await Promise.all([once(polite, 'open'), once(silent, 'open')]);
  await once(silent, 'close');
  t.is(polite.readyState, WebSocket.OPEN);
  polite.terminate();
  sockets.close();
  server.close();
});
