// One exchange at a time, with servers made on the spot: through a proxy, cut, waited for in vain, not read to its end.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { timeouts } from '../../../images/registry/answer.ts';
import { Http } from '../../../images/registry/http.ts';
import { eventually } from '../../../linux/kit.ts';
import { makeAuthority } from './authority.ts';
import { makeFolder } from './kit.ts';

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const serving = async (t: ExecutionContext, listener: RequestListener) =>
  new URL(`http://127.0.0.1:${await listening(t, createServer(listener))}/`);

test.serial('HTTPS goes through the proxy that the environment names, to a server of one’s own authority', async t => {
  const { ca, certificate, key } = makeAuthority(makeFolder(t));
  const secret = { cert: readFileSync(certificate), key: readFileSync(key) };
  const port = await listening(
    t,
    createSecureServer(secret, (_, response) => void response.end('behind the proxy')),
  );
  const asked: string[] = [];
  const proxy = createServer().on('connect', ({ url = '', headers }, socket: Socket) => {
    asked.push(url, ...Object.keys(headers));
    const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  process.env.HTTPS_PROXY = `http://127.0.0.1:${await listening(t, proxy)}`;
  t.teardown(() => delete process.env.HTTPS_PROXY);

  const http = new Http({ ca: readFileSync(ca, 'utf8'), direct: false });
  const answer = await http.exchange(new URL(`https://localhost:${port}/`), { headers: { authorization: 'Basic x' } });
  t.is(String(await answer.bytes()), 'behind the proxy');
  t.is(asked[0], `localhost:${port}`);
  t.false(asked.includes('authorization'));
  const direct = new Http({ ca: readFileSync(ca, 'utf8'), direct: true });
  await (await direct.exchange(new URL(`https://localhost:${port}/`), {})).bytes();
  t.is(asked.filter(each => each.startsWith('localhost')).length, 1);
});

test('all that came before a connection was cut is handed out, and then the error', async t => {
  const size = 300_000;
  const url = await serving(t, (_, response) => {
    response.writeHead(200, { 'content-length': 2 * size }).write(Buffer.alloc(size, 'x'), () => response.destroy());
  });
  const answer = await new Http({ direct: true }).exchange(url, {});
  // It is cut while nobody reads.
  await new Promise(resolve => setTimeout(resolve, 100));
  let count = 0;
  const error = await t.throwsAsync(async () => {
    for await (const chunk of answer.chunks()) count += chunk.length;
  });
  t.is(count, size);
  t.like(error, { name: 'HttpError', transient: true });
  t.regex(error.message, /the connection was cut$/);
});

test('an answer that is not wanted leaves the connection to the next, unless it is a long one', async t => {
  const sockets = new Set<Socket>();
  const url = await serving(t, ({ socket, url }, response) => {
    sockets.add(socket);
    response.end(Buffer.alloc(url === '/long' ? 4 << 20 : 1000));
  });
  const http = new Http({ direct: true });
  for (let i = 0; i < 3; i++) await (await http.exchange(url, {})).drop();
  t.is(sockets.size, 1);
  await (await http.exchange(new URL('long', url), {})).drop();
  t.true(await eventually(() => [...sockets].every(socket => socket.destroyed)));
});

test('what is to be sent is closed when the server goes away, or answers before it has had all of it', async t => {
  let closed = 0;
  const endless = async function* () {
    try {
      for (;;) yield Buffer.alloc(65_536);
    } finally {
      closed++;
    }
  };
  const body = { size: 1 << 30, open: endless };
  const cutting = await serving(t, ({ socket }) => void socket.destroy());
  const http = new Http({ direct: true });
  await t.throwsAsync(http.exchange(cutting, { method: 'PATCH', body }), { message: /the connection was cut$/ });
  t.true(await eventually(() => closed === 1));

  const refusing = await serving(t, (_, response) => void response.writeHead(403).end('no'));
  const answer = await http.exchange(refusing, { method: 'PATCH', body });
  t.is(answer.status, 403);
  t.is(String(await answer.bytes()), 'no');
  t.true(await eventually(() => closed === 2));
});

test.serial('a server that takes the request and says nothing, or stops, is not waited for without end', async t => {
  const usual = { ...timeouts };
  t.teardown(() => Object.assign(timeouts, usual));
  Object.assign(timeouts, { answer: 200, piece: 200 });
  const http = new Http({ direct: true });
  const mute = await serving(t, () => {});
  await t.throwsAsync(http.exchange(mute, {}), { message: /it does not answer$/ });
  const stopping = await serving(t, (_, response) => void response.writeHead(200).write('{'));
  const answer = await http.exchange(stopping, {});
  await t.throwsAsync(answer.bytes(), { message: /it stopped in the middle of an answer$/ });
});
