// Who gets in, and who does not: what other sites, other people in the room and other programs would try.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import anyTest, { type TestFn } from 'ava';
import { type Opened, openIn } from '../testing/copy.ts';
import { makeTree, type Tree } from '../testing/tree.ts';
import { ask, cookieOf } from './testing/ask.ts';

const test = anyTest as TestFn<{ opened: Opened; owner: string; viewer: string }>;
let tree: Tree;

test.before(async t => {
  tree = makeTree();
  const opened = await openIn(tree);
  const [owner, viewer] = [await cookieOf(opened, opened.page), await cookieOf(opened, opened.viewers)];
  t.context = { opened, owner, viewer };
});
test.after.always(t => {
  t.context.opened?.child.kill('SIGTERM');
  tree?.remove();
});

test('a link is exchanged for a cookie that no script reads and no other site sends, and leaves the address', async t => {
  const { opened } = t.context;
  const { status, headers } = await ask(opened, opened.page.slice(opened.origin.length));
  t.is(status, 200);
  t.regex(headers['set-cookie']?.[0] ?? '', /^boxwright-\d+=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/);
  t.is(headers.refresh, '0; url=/');
  const other = await ask(opened, `//evil.example/x?token=${new URL(opened.page).searchParams.get('token')}`);
  t.is(other.headers.refresh, '0; url=/evil.example/x');
});

for (const path of [
  '/',
  '/01',
  '/events/01',
  '/01/solution',
  '/slides/',
  '/xray/1',
  '/terminal/01',
  '/modules/workshop/page/browser/page.ts',
  '/library/idiomorph',
]) {
  test(`${path}: without a token, with a wrong one, with a wrong cookie: 403 and one line`, async t => {
    const { opened, owner } = t.context;
    const wrong = `${owner.split('=')[0]}=AAAAAAAAAAAAAAAAAAAAAA`;
    for (const [where, cookie] of [
      [path, ''],
      [`${path}?token=wrong`, ''],
      [`${path}?token=`, ''],
      [path, wrong],
      [path, `boxwright-1=${owner.split('=')[1]}`],
    ]) {
      const { status, body } = await ask(opened, where ?? '', { headers: { cookie } });
      t.is(status, 403, `${where} ${cookie}`);
      t.regex(body, /^[^\n]+\n$/);
    }
  });

  test(`${path}: a name that points here (DNS rebinding) and another site’s page are refused, cookie or not`, async t => {
    const { opened, owner: cookie } = t.context;
    t.is((await ask(opened, path, { headers: { cookie, host: 'evil.example' } })).status, 421);
    t.is(
      (await ask(opened, path, { headers: { cookie, host: `evil.example:${new URL(opened.origin).port}` } })).status,
      421,
    );
    t.is((await ask(opened, path, { headers: { cookie, origin: 'http://evil.example' } })).status, 403);
    t.is((await ask(opened, path, { headers: { cookie, origin: 'null' } })).status, 403);
    t.is((await ask(opened, path, { headers: { cookie, origin: 'http://127.0.0.1:1' } })).status, 403);
  });
}

test('every answer is sealed: nothing from elsewhere, no framing, nothing kept, scripts from files alone', async t => {
  const { opened, owner: cookie } = t.context;
  for (const path of ['/', '/01', '/99', '/modules/x', '/01/solution']) {
    const { headers } = await ask(opened, path, { headers: { cookie } });
    const policy = String(headers['content-security-policy']);
    t.regex(policy, /^default-src 'none'.*frame-ancestors 'none'/);
    t.regex(policy, /script-src 'self' 'sha256-[^']+'; /);
    t.notRegex(policy, /unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
    t.is(headers['cache-control'], 'no-store');
    t.is(headers['referrer-policy'], 'no-referrer');
  }
});

test('a path does not lead out of the folders for browsers', async t => {
  const { opened, owner: cookie } = t.context;
  const paths = [
    '/modules/package.json',
    '/modules/workshop/page/server.ts',
    '/modules/workshop/page/browser/../server.ts',
    '/modules/workshop/page/browser/..%2fserver.ts',
    '/modules/workshop/page/browser/%2e%2e/server.ts',
    '/modules/..%2f..%2fetc%2fpasswd',
    '/modules/workshop/page/browser/page.ts%00.css',
    '/modules//etc/passwd',
    '/library/../package.json',
    '/library/..%2f..%2fpackage.json',
    '/library/__proto__',
    '/library/constructor',
    '/lessons/..%2f..%2fetc',
    '/01/../../etc/passwd',
    '/xray/..%2f1',
    '/xray/-1',
    '/xray/0',
    '/xray/1e3',
  ];
  for (const path of paths) t.is((await ask(opened, path, { headers: { cookie } })).status, 404, path);
  t.is((await ask(opened, '/modules/workshop/page/browser/page.ts', { headers: { cookie } })).status, 200);
});

test('what acts answers to POST alone, what shows to GET', async t => {
  const { opened, owner: cookie } = t.context;
  t.is((await ask(opened, '/01/hint', { headers: { cookie } })).status, 404);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    t.is((await ask(opened, '/01', { method, headers: { cookie } })).status, 404, method);
  }
  t.is(
    (await ask(opened, `/01/hint?token=${new URL(opened.page).searchParams.get('token')}`, { method: 'POST' })).status,
    403,
  );
  const large = { method: 'POST', headers: { cookie, 'content-length': '1000000' } };
  t.is((await ask(opened, '/02/hint', large)).status, 413);
});

test('the viewers’ link looks, and asks for nothing', async t => {
  const { opened, owner, viewer } = t.context;
  t.regex((await ask(opened, '/03', { headers: { cookie: viewer } })).body, /Nobody has this lesson open/);
  t.is((await ask(opened, '/events/03', { headers: { cookie: viewer } })).status, 404);
  t.is((await ask(opened, '/03', { headers: { cookie: owner } })).status, 200);
  const { body } = await ask(opened, '/03', { headers: { cookie: viewer } });
  t.regex(body, /id="status"/);
  t.regex(body, /data-terminal="\/terminal\/03" data-read-only/);
  t.notRegex(body, /id="hints"|data-post|\/03\/solution/);
  for (const path of ['/03/hint', '/03/check'])
    t.is((await ask(opened, path, { method: 'POST', headers: { cookie: viewer } })).status, 403, path);
  t.is((await ask(opened, '/03/solution', { headers: { cookie: viewer } })).status, 403);
  t.is((await ask(opened, '/slides/', { headers: { cookie: viewer } })).status, 403);
  t.is((await ask(opened, `/xray/${process.pid}`, { headers: { cookie: viewer } })).status, 404);
});

test('the solution is shut until the lesson is passed', async t => {
  const { opened, owner: cookie } = t.context;
  const { status, body } = await ask(opened, '/02/solution', { headers: { cookie } });
  t.is(status, 403);
  t.notRegex(body, /Because the/);
});

test('who asks for hints without end is told to wait', async t => {
  const { opened, owner: cookie } = t.context;
  let statuses: number[] = [];
  for (let i = 0; i < 100 && !statuses.includes(429); i++) {
    const asked = Array.from({ length: 40 }, () => ask(opened, '/02/hint', { method: 'POST', headers: { cookie } }));
    statuses = (await Promise.all(asked)).map(({ status }) => status);
  }
  t.true(statuses.includes(429), String(statuses));
});

test('no request at all, half of one, and nonsense are each let go', async t => {
  const { opened } = t.context;
  const { port } = new URL(opened.origin);
  const said = await Promise.all(
    [
      'GARBAGE\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET /01 HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n',
    ].map(async bytes => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.end(bytes);
      return text(socket);
    }),
  );
  for (const each of said) t.regex(each, /^HTTP\/1\.1 4\d\d /);
});
