// `boxwright open` as a command.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { makeTree } from '../testing/tree.ts';
import { browse } from './browse.ts';

function made(t: ExecutionContext) {
  const tree = makeTree();
  t.teardown(tree.remove);
  return tree;
}

test('--json prints the links, a signal ends it with the shell’s status', async t => {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const child = made(t).start('open', '2', '--json', '--listen', '127.0.0.1:0');
    t.teardown(() => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
    const { urls, page, viewers } = JSON.parse((await lines.next()).value ?? '');
    t.regex(page, new RegExp(`^${urls[0]}/02\\?token=[\\w-]{22}$`));
    t.regex(viewers, new RegExp(`^${urls[0]}/02\\?token=[\\w-]{22}$`));
    t.not(page, viewers);
    child.kill(signal);
    t.deepEqual(await once(child, 'exit'), [status, null]);
  }
});

test('without --json the owner’s link alone, for this machine; a room is told of the viewers’ too', async t => {
  const tree = made(t);
  const say = async (...args: string[]) => {
    const child = tree.start('open', '--no-browser', ...args);
    t.teardown(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout?.on('data', data => {
      text += data;
      if (/ends it/.test(text)) child.kill('SIGTERM');
    });
    await once(child, 'exit');
    return text;
  };
  t.regex(await say('--listen', '127.0.0.1:0'), /^Open http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{22}\n(?!To look)/);
  t.regex(await say('--listen', '0.0.0.0:0'), /To look and not touch: http:\/\/[^\n]+\n/);
});

test('a port that was asked for and is taken is a mistake; the usual one gives way to another', async t => {
  const tree = made(t);
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { status, stderr } = await tree.boxwright('open', '--listen', `127.0.0.1:${port}`);
  t.is(status, 1);
  t.regex(stderr, /something listens there already\nnext: choose another port/);

  // Somebody else may have it, and give it up before the command looks: it is taken when we have it.
  const usual = createServer();
  t.teardown(() => usual.close());
  for (const end = Date.now() + 300_000; !usual.listening && Date.now() < end; ) {
    usual.listen(7411, '127.0.0.1');
    await once(usual, 'listening').catch(() => sleep(200));
  }
  t.true(usual.listening);
  const child = tree.start('open', '--json');
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const { urls } = JSON.parse((await lines.next()).value ?? '');
  t.regex(urls[0], /^http:\/\/127\.0\.0\.1:\d+$/);
  t.not(urls[0], 'http://127.0.0.1:7411');
});

test('a lesson that is not there, an address that is none: 2, and what to do', async t => {
  const tree = made(t);
  for (const args of [['99'], ['--listen', 'evil.example:80'], ['--listen', '']]) {
    const { status, stderr } = await tree.boxwright('open', ...args);
    t.is(status, 2, args.join(' '));
    t.regex(stderr, /\nnext: /);
  }
});

test('a browser is opened where somebody sits in front of one', t => {
  t.false(browse('http://127.0.0.1/', {}));
});
