// The board as processes: a server on a real socket, learners that join and send, and those that mean ill.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ownPort } from '../testing/port.ts';
import { lessonFile, makeTree, type Tree } from '../testing/tree.ts';
import type { Board } from './board.ts';
import { newSecret } from './member.ts';
import type { ClassFile } from './store.ts';

interface Served {
  child: ChildProcess;
  url: string;
  code: string;
  page: string;
  token: string;
}

const made = (t: ExecutionContext): Tree => {
  const tree = makeTree();
  t.teardown(tree.remove);
  return tree;
};

async function serve(t: ExecutionContext, tree: Tree, listen = '127.0.0.1:0'): Promise<Served> {
  const child = tree.start('class', '--serve', '--json', '--listen', listen);
  t.teardown(() => child.kill('SIGKILL'));
  const { value } = await createInterface({ input: child.stdout as Readable })
    [Symbol.asyncIterator]()
    .next();
  const { urls, code, page } = JSON.parse(value ?? '');
  return { child, url: urls[0], code, page, token: new URL(page).searchParams.get('token') ?? '' };
}

const passedOne = { status: 'open', points: 2, tasks: ['own-name'], begunAt: null, movedAt: null, stuck: 60 };
const lesson = {
  ...passedOne,
  triedAt: '2026-01-01T00:00:00.000Z',
  attempts: 3,
  hints: 1,
  diagnoses: { 'too-early': 2 },
};

function progressOf(name: string, more: Record<string, unknown> = {}) {
  return {
    boxwright: 'progress',
    version: 1,
    name,
    at: '2026-01-01T00:00:10.000Z',
    lessons: { '01-first': lesson },
    ...more,
  };
}

function post(url: string, path: string, body: unknown, secret: string, method = 'POST'): Promise<Response> {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${secret}`, connection: 'close' },
    ...(method === 'POST' && { body: content }),
  });
}

async function joined({ url, code }: Served, name: string): Promise<{ secret: string; name: string }> {
  const secret = newSecret();
  const response = await post(url, '/join', { code, name }, secret);
  return { secret, ...((await response.json()) as { name: string }) };
}

const board = async ({ url, token }: Served) =>
  (await (await fetch(`${url}/board.json?token=${token}`, { headers: { connection: 'close' } })).json()) as Board;
const kept = (tree: Tree): ClassFile => JSON.parse(tree.read('.progress/class.json'));

/** A request as no browser and no fetch would send it: the answer's first line. */
async function sent(url: string, lines: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  return (await text(socket)).split('\r\n')[0] ?? '';
}

test('forty who send at once are all on the board, also after kill -9, and nobody else can read the file', async t => {
  const tree = made(t);
  const first = await serve(t, tree);
  const learners = await Promise.all(Array.from({ length: 40 }, (_, i) => joined(first, `Learner ${i}`)));
  const send = ({ name, secret }: { name: string; secret: string }) =>
    post(first.url, '/progress', progressOf(name), secret);
  const answers = await Promise.all(learners.map(send));
  t.true(answers.every(({ status }) => status === 204));
  t.is((await board(first)).rows.length, 40);

  // In the midst of writing: what was answered before is there, and what is there is whole.
  const more = learners.map(learner => send(learner).catch(() => null));
  await setTimeout(3);
  process.kill(first.child.pid ?? 0, 'SIGKILL');
  await Promise.all([...more, once(first.child, 'exit')]);
  t.true(kept(tree).people.every(({ progress }) => progress?.lessons['01-first']?.points === 2));
  t.is(statSync(`${tree.path}/.progress/class.json`).mode & 0o777, 0o600);

  const second = await serve(t, tree);
  t.like(second, { code: first.code, token: first.token });
  t.is((await board(second)).rows.length, 40);
  const late = await post(second.url, '/progress', progressOf('x'), learners[0]?.secret ?? '');
  t.is(late.status, 204);
});

test('killed again and again while they send, it never loses a whole entry', async t => {
  const tree = made(t);
  let served = await serve(t, tree);
  const learners = await Promise.all(Array.from({ length: 5 }, (_, i) => joined(served, `Learner ${i}`)));
  const confirmed = new Map<string, number>();
  for (let round = 1; round <= 4; round++) {
    const sending = learners.map(async ({ name, secret }) => {
      for (let i = 1; i <= 5; i++) {
        const attempts = round * 100 + i;
        const progress = progressOf(name, { lessons: { '01-first': { ...lesson, attempts } } });
        const response = await post(served.url, '/progress', progress, secret).catch(() => null);
        if (response?.status !== 204) return;
        confirmed.set(name, attempts);
      }
    });
    await setTimeout(round * 7);
    process.kill(served.child.pid ?? 0, 'SIGKILL');
    await Promise.all([...sending, once(served.child, 'exit')]);
    for (const { name, progress } of kept(tree).people) {
      t.true((progress?.lessons['01-first']?.attempts ?? 0) >= (confirmed.get(name) ?? 0), name);
    }
    served = await serve(t, tree);
  }
  t.is(kept(tree).people.length, 5);
});

test('only the code on the wall lets in, in any case, and guesses are stopped even when they come at once', async t => {
  const tree = made(t);
  const served = await serve(t, tree);
  const join = (code: string) => post(served.url, '/join', { code, name: 'Ana' }, newSecret());
  t.is((await join(` ${served.code.toLowerCase()} `)).status, 200);
  const begun = performance.now();
  const guesses = await Promise.all(Array.from({ length: 40 }, (_, i) => join(`GUESS${i}`)));
  const tried = guesses.filter(({ status }) => status === 403).length;
  // Ten, and one more for each six seconds.
  t.true(tried >= 10 && tried <= 10 + (performance.now() - begun) / 6000, `${tried}`);
  t.true(guesses.every(({ status }) => status === 403 || status === 429));
  // The right one is stopped as well, or it would be found by its answer. A slow machine may be given another guess meanwhile.
  let status = 0;
  for (let i = 0; i < 20 && status !== 429; i++) {
    await join('GUESS');
    ({ status } = await join(served.code));
  }
  t.is(status, 429);
});

test('a second Ana is Ana (2), nobody speaks for the first, and who is known keeps their place under a new name', async t => {
  const tree = made(t);
  const served = await serve(t, tree);
  const first = await joined(served, 'Ana');
  t.is((await joined(served, 'ana')).name, 'ana (2)');
  t.is((await post(served.url, '/progress', progressOf('Ana'), newSecret())).status, 401);
  // What a progress calls itself counts for nothing: the board goes by the secret.
  await post(served.url, '/progress', progressOf('ana (2)'), first.secret);
  const again = await post(served.url, '/join', { code: served.code, name: 'Anna' }, first.secret);
  t.deepEqual(await again.json(), { name: 'Anna' });
  t.deepEqual(
    kept(tree).people.map(({ name, progress }) => [name, progress !== null]),
    [
      ['Anna', true],
      ['ana (2)', false],
    ],
  );
});

test('what is no export is refused in one line, and the board is as it was', async t => {
  const tree = made(t);
  const served = await serve(t, tree);
  const { secret } = await joined(served, 'Ana');
  await post(served.url, '/progress', progressOf('Ana'), secret);
  const before = tree.read('.progress/class.json');
  const inLesson = (change: object) => progressOf('Ana', { lessons: { '01-first': { ...lesson, ...change } } });
  for (const [what, body, status] of [
    ['far too large', `"${'x'.repeat(70_000)}"`, 413],
    ['deeply nested', '['.repeat(30_000), 400],
    [
      'deeply nested and whole',
      `{"boxwright":"progress","version":1,"name":${'['.repeat(9000)}${']'.repeat(9000)}}`,
      400,
    ],
    ['a list', [], 400],
    ['null', 'null', 400],
    ['no text', '\u0000\u0001', 400],
    ['a newer version', progressOf('Ana', { version: 2 }), 400],
    ['a name of HTML and a newline', progressOf('<script>\n'), 400],
    ['a name that clears the screen', progressOf('\u001b[2JAna'), 400],
    ['a name that turns the writing', progressOf('\u202eanA'), 400],
    ['an endless name', progressOf('A'.repeat(41)), 400],
    ['points of text', inLesson({ points: '2' }), 400],
    ['points beyond all', inLesson({ points: 1e9 }), 400],
    ['points that are none', inLesson({ points: -1 }), 400],
    ['tasks with escapes', inLesson({ tasks: ['\u001b[31m'] }), 400],
    ['a diagnosis with HTML', inLesson({ diagnoses: { '<img src=x>': 1 } }), 400],
    ['a time that is none', inLesson({ triedAt: 'yesterday' }), 400],
    ['a strange lesson', progressOf('Ana', { lessons: { '../../etc': lesson } }), 400],
    [
      'too many lessons',
      progressOf('Ana', {
        lessons: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`${i + 10}-x`.slice(-4), lesson])),
      }),
      400,
    ],
    [
      '__proto__ as a lesson',
      '{"boxwright":"progress","version":1,"name":"Ana","at":"2026-01-01T00:00:00Z","lessons":{"__proto__":{"a":1}}}',
      400,
    ],
    ['__proto__ as a diagnosis', JSON.stringify(inLesson({})).replace('too-early', '__proto__'), 400],
  ] as const) {
    const response = await post(served.url, '/progress', body, secret);
    const said = await response.text();
    t.is(response.status, status, `${what}: ${said}`);
    t.regex(said, /^[ -~“”]{3,160}\n$/, what);
  }
  t.is(tree.read('.progress/class.json'), before);
  t.is((await board(served)).rows.length, 1);
});

test('a name of HTML that is a name is text on the page, which asks nobody else for anything', async t => {
  const tree = made(t);
  const served = await serve(t, tree);
  const { secret } = await joined(served, '<img onerror=alert(1)>&"');
  await post(served.url, '/progress', progressOf('x'), secret);
  const response = await fetch(served.page);
  const page = await response.text();
  t.true(page.includes('&lt;img onerror=alert(1)&gt;&amp;&quot;'));
  t.false(page.includes('<img'));
  // Nothing with an address but the link to the CSV, and the empty icon that keeps browsers from asking for one.
  t.deepEqual(
    [...page.matchAll(/\b(?:src|href|action|url|import)\s*[=(]\s*["']?([^"')\s>]*)/g)].map(
      ([, to]) => to?.split('?')[0],
    ),
    ['data:,', '/board.csv'],
  );
  // The one that is to be typed, as text.
  t.deepEqual([...new Set(page.match(/\w*:?\/\/\w[^\s<"']*/g))], [served.url]);
  t.regex(page, new RegExp(`npx boxwright join ${served.url} ${served.code}`));
  for (const tag of ['html', 'head', 'body', 'main', 'table', 'thead', 'tbody', 'tr', 'td', 'style', 'script']) {
    t.is(page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length, page.match(new RegExp(`</${tag}>`, 'g'))?.length, tag);
  }
  const policy = response.headers.get('content-security-policy') ?? '';
  t.regex(
    policy,
    /^default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-/,
  );
  t.notRegex(policy, /unsafe|\*|http/);
  t.like(Object.fromEntries(response.headers), { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
});

test('it answers to its address and its link alone', async t => {
  const served = await serve(t, made(t));
  const { host } = new URL(served.url);
  const link = `GET /?token=${served.token} HTTP/1.1`;
  for (const [lines, status] of [
    [[link, `Host: ${host}`], 200],
    [[link, `Host: localhost:${new URL(served.url).port}`], 200],
    [[link, 'Host: evil.example'], 421],
    [[link, 'Host: 127.0.0.1.evil.example'], 421],
    [[link, 'Host: localhost.evil.example'], 421],
    [[link, `Host: ${host}`, 'Origin: http://evil.example'], 403],
    [[link, `Host: ${host}`, 'Origin: null'], 403],
    [[link, `Host: ${host}`, `Origin: http://${host}`], 200],
    [['GET / HTTP/1.1', `Host: ${host}`], 403],
    [['GET /?token= HTTP/1.1', `Host: ${host}`], 403],
    [[`GET /?token=${served.token}x HTTP/1.1`, `Host: ${host}`], 403],
    [['GET /board.csv HTTP/1.1', `Host: ${host}`], 403],
    [['GET /board.json HTTP/1.1', `Host: ${host}`], 403],
    [[`GET /class.json?token=${served.token} HTTP/1.1`, `Host: ${host}`], 404],
    [[`GET /../../etc/passwd?token=${served.token} HTTP/1.1`, `Host: ${host}`], 404],
    [[`PUT / HTTP/1.1`, `Host: ${host}`], 404],
    [['nonsense'], 400],
  ] as const) {
    t.regex(await sent(served.url, [...lines]), new RegExp(`^HTTP/1.1 ${status}`), lines.join(' | '));
  }
});

test('who sends all the time is slowed, and the others are not', async t => {
  const served = await serve(t, made(t));
  const [eager, other] = [await joined(served, 'Eager'), await joined(served, 'Other')];
  // Thirty, and one more for each second: a slow machine takes more of them.
  let refused = 0;
  for (let round = 0; round < 20 && refused < 10; round++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(served.url, '/progress', progressOf('x'), eager.secret)),
    );
    refused += answers.filter(({ status }) => status === 429).length;
  }
  t.true(refused >= 10);
  t.is((await post(served.url, '/progress', progressOf('x'), other.secret)).status, 204);
});

test('forgetting deletes, one or all, while it is served and after kill -9, and nothing comes back unasked', async t => {
  const tree = made(t);
  const served = await serve(t, tree);
  const [ana, ben] = [await joined(served, 'Ana Unmistakable'), await joined(served, 'Ben')];
  await post(served.url, '/progress', progressOf('x'), ana.secret);
  t.is((await tree.boxwright('class', '--forget', 'Ana Unmistakable')).status, 2);
  t.is((await tree.boxwright('class', '--forget', 'Nobody', '--yes')).status, 1);
  t.is((await tree.boxwright('class', '--forget', 'Ana Unmistakable', '--yes')).status, 0);
  t.is((await post(served.url, '/progress', progressOf('x'), ana.secret)).status, 401);
  t.false(tree.read('.progress/class.json').includes('Unmistakable'));
  t.is((await post(served.url, '/progress', progressOf('x'), ben.secret)).status, 204);
  t.is((await post(served.url, '/progress', '', ben.secret, 'DELETE')).status, 204);
  t.deepEqual(kept(tree).people, []);

  await joined(served, 'Carla');
  // As a server leaves it that was killed while it wrote.
  writeFileSync(`${tree.path}/.progress/class.json.4711.new`, '{"people":[{"name":"Carla"');
  t.is((await tree.boxwright('class', '--forget', '--yes')).status, 0);
  t.deepEqual(readdirSync(`${tree.path}/.progress`), []);
  t.deepEqual((await board(served)).rows, []);
  // The code on the wall holds.
  t.is((await joined(served, 'Dora')).name, 'Dora');
});

test('a learner joins, each verdict tells the board, leaving ends it, and the export holds nothing of the machine', async t => {
  const [teacher, learner] = [made(t), made(t)];
  const served = await serve(t, teacher);
  t.is((await learner.boxwright('join', served.url, 'WRONG1', '--as', 'Ana')).status, 1);
  t.is((await learner.boxwright('join', served.url, served.code)).status, 2);
  const { status, stdout } = await learner.boxwright('join', new URL(served.url).host, served.code, '--as', ' Ana ');
  t.is(status, 0);
  t.regex(stdout, /on the board as Ana\.\n[\s\S]*Not sent: your files/);
  t.is(statSync(`${learner.path}/.progress/member.json`).mode & 0o777, 0o600);
  learner.write(lessonFile, '// true: own-name\n');
  // The board has three seconds to take it. On a machine that is too busy for that, the next verdict tells it.
  for (let tries = 0; tries < 10 && (await board(served)).rows[0]?.points !== 2; tries++) {
    await learner.boxwright('check', '1');
    await until(async () => (await board(served)).rows[0]?.points === 2, 10_000).catch(() => {});
  }
  t.like((await board(served)).rows[0], {
    name: 'Ana',
    state: 'active',
    lesson: '01-first',
    tasks: { passed: 1, of: 3 },
  });

  const sentText = JSON.stringify(kept(teacher).people[0]?.progress);
  const exported = (await learner.boxwright('progress', '--export')).stdout;
  t.deepEqual(JSON.parse(exported).lessons, JSON.parse(sentText).lessons);
  const { hostname, userInfo } = await import('node:os');
  for (const secret of [hostname(), `"${userInfo().username}"`, learner.path, '/'])
    t.false(exported.includes(secret), secret);
  t.regex(
    (await learner.boxwright('progress')).stdout,
    /01-first +1 of 3 tasks +2 of 6 points[\s\S]*as Ana: last \d+ (s|min) ago/,
  );

  await learner.boxwright('leave');
  learner.write(lessonFile, '// true: own-name\n// true: host-kept\n');
  await learner.boxwright('check', '1');
  await setTimeout(700);
  t.is((await board(served)).rows[0]?.points, 2);
});

test('watch says once that the board is not reached, goes on, and tells it all when it is back', async t => {
  const [teacher, learner] = [made(t), made(t)];
  // It comes back at the same address.
  const served = await serve(t, teacher, `127.0.0.1:${await ownPort()}`);
  t.is((await learner.boxwright('join', served.url, served.code, '--as', 'Ana')).status, 0);
  process.kill(served.child.pid ?? 0, 'SIGKILL');
  await once(served.child, 'exit');
  const child = learner.start('watch', '1', '--json');
  t.teardown(() => child.kill('SIGKILL'));
  const verdicts = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  let said = '';
  child.stderr?.on('data', data => {
    said += data;
  });
  for (const words of ['// true: own-name\n', '// true: host-kept\n', '// true: own-name\n// true: host-kept\n']) {
    await verdicts.next();
    await setTimeout(150);
    learner.write(lessonFile, words);
  }
  await verdicts.next();
  await until(async () => said.includes('cannot be reached'));
  t.is(said.match(/cannot be reached/g)?.length, 1, said);
  const again = await serve(t, teacher, new URL(served.url).host);
  // The board has three seconds to take it, as above.
  for (let tries = 0; tries < 10 && (await board(again)).rows[0]?.points !== 6; tries++) {
    learner.write(lessonFile, `// true: long-name\n// true: own-name\n// true: host-kept\n// ${tries}\n`);
    await verdicts.next();
    await until(async () => (await board(again)).rows[0]?.points === 6, 10_000).catch(() => {});
  }
  t.is((await board(again)).rows[0]?.points, 6);
  child.kill('SIGINT');
  t.deepEqual(await once(child, 'exit'), [130, null]);
});

// Alone, because it is about time.
test.serial('a board that takes a connection and says nothing delays no verdict', async t => {
  const learner = made(t);
  const { createServer } = await import('node:net');
  const mute = createServer(() => {});
  t.teardown(() => mute.close());
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `http://127.0.0.1:${(mute.address() as { port: number }).port}`;
  const board = { url, secret: newSecret(), name: 'Ana', reachedAt: null };
  mkdirSync(`${learner.path}/.progress`);
  learner.write('.progress/member.json', JSON.stringify({ version: 1, name: 'Ana', board }));
  const events: string[] = [];
  const given = once(mute, 'connection').then(async ([socket]) => {
    await once(socket.resume(), 'close');
    events.push('given up');
  });
  // Its end, and not that of its output: under load that is seconds later.
  t.deepEqual(await once(learner.start('check', '1'), 'exit'), [1, null]);
  events.push('verdict');
  await given;
  t.deepEqual(events, ['verdict', 'given up']);
});

test('Ctrl-C ends the server with 130, and a busy port is said in a line', async t => {
  const tree = made(t);
  const { child, url } = await serve(t, tree);
  const busy = await tree.boxwright('class', '--serve', '--listen', new URL(url).host);
  t.is(busy.status, 1);
  t.regex(busy.stderr, /listens there already\nnext: /);
  child.kill('SIGINT');
  t.deepEqual(await once(child, 'exit'), [130, null]);
  t.false(existsSync(`${tree.path}/.progress/class.json.lock`));
});

test('exports in files and folders make a board, what is none is named, and other JSON in the folder is not', async t => {
  const tree = made(t);
  tree.write('exports-ana.json', JSON.stringify(progressOf('Ana')));
  tree.write('exports-bad.json', JSON.stringify(progressOf('\u001b[2J')));
  const one = await tree.boxwright('class', 'exports-ana.json', 'exports-ana.json', '--json');
  t.is(one.status, 0);
  t.deepEqual(
    JSON.parse(one.stdout).rows.map(({ name, state }: Record<string, unknown>) => [name, state]),
    [
      ['Ana', 'away'],
      ['Ana (2)', 'away'],
    ],
  );
  const folder = await tree.boxwright('class', tree.path);
  t.is(folder.status, 1);
  t.is(folder.stderr.match(/not taken/g)?.length, 1, folder.stderr);
  t.regex(folder.stdout, /○ Ana +01-first +1\/3 +2 +1 min +1 {2}too-early/);
  t.false(existsSync(`${tree.path}/.progress`));
  t.is((await tree.boxwright('class', 'nowhere')).status, 2);
  t.is((await tree.boxwright('class')).status, 2);
  t.is((await tree.boxwright('class', '--serve', '--csv')).status, 2);
  t.is((await tree.boxwright('class', '--serve', '--listen', 'evil.example:80')).status, 2);
});

test('the CSV has a row a person, and computes nothing', async t => {
  const tree = made(t);
  for (const [i, name] of ['=HYPERLINK("x1")', '+Ana', 'Ben "B", jun.'].entries()) {
    tree.write(`${i}.json`, JSON.stringify(progressOf(name)));
  }
  t.is((await tree.boxwright('class', '0.json', '1.json', '2.json', '--csv', 'class.csv')).status, 0);
  const csv = readFileSync(`${tree.path}/class.csv`, 'utf8');
  const lines = csv.split('\r\n');
  t.is(lines.length, 5);
  t.true(csv.startsWith('\uFEFFname,state,lesson,'));
  t.true(csv.includes(`\r\n"'=HYPERLINK(""x1"")",away,01-first,1,3,0,2,18,1,too-early,1,3,`));
  t.true(csv.includes(`\r\n'+Ana,`));
  t.true(csv.includes('\r\n"Ben ""B"", jun.",'));
});

async function until(holds: () => Promise<boolean>, milliseconds = 120_000): Promise<void> {
  for (const patience = AbortSignal.timeout(milliseconds); !(await holds()); await setTimeout(50))
    patience.throwIfAborted();
}
