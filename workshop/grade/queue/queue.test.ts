// The queue on a real server, with workers as processes that are killed, stopped, late, of another version, or too few.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { UserError } from '../../errors.ts';
import { ownPort } from '../../testing/port.ts';
import type { Mark, Submission } from '../types.ts';
import { readAddress } from './address.ts';
import { type CollectOptions, throughQueue } from './collect.ts';
import { connect } from './connect.ts';
import {
  lesson,
  passedBy,
  type Server,
  standIn,
  startServer,
  startServerAt,
  startWorker,
  submissionOf,
  type WorkerProcess,
} from './kit.ts';

const bounds = { seconds: 10, memory: 512, output: 1e6 };

async function serve(t: ExecutionContext, ...settings: string[]): Promise<Server> {
  const server = await startServer(settings);
  t.teardown(server.stop);
  return server;
}

/** Where workers look for the file that lets an order `until` it go on. */
function makeGate(t: ExecutionContext): { gate: string; open(of?: string): void } {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-gate-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { gate: `${folder}/gate`, open: (of = '') => writeFileSync(`${folder}/gate${of}`, '') };
}

/** The options of workers that are soon believed to be dead. */
const mortal = ['a', '2', '2000'];

function hire(t: ExecutionContext, url: string, ...options: string[]): WorkerProcess {
  const worker = startWorker(url, ...options);
  t.teardown(async () => {
    if (worker.child.exitCode === null && worker.child.signalCode === null) worker.child.kill('SIGKILL');
    await worker.gone;
  });
  return worker;
}

function collect(submissions: Submission[], url: string, more: Partial<CollectOptions> = {}): AsyncGenerator<Mark> {
  const signal = AbortSignal.timeout(180_000);
  const common = { marker: standIn(), lessons: [lesson], bounds, signal, say: () => {}, look: 50, worry: 1000 };
  return throughQueue(submissions, { address: readAddress(url), ...common, ...more });
}

async function allOf(marks: AsyncGenerator<Mark>): Promise<Mark[]> {
  const all: Mark[] = [];
  for await (const mark of marks) all.push(mark);
  return all;
}

const textOf = (submission: Submission) => submission.files[lesson.name] ?? '';
const passed = (mark: Mark) => mark.lessons[0]?.tasks.filter(task => task.status === 'pass').length;

test.serial(
  'forty submissions, four workers, one of them killed every 300 ms: each is marked once, and right',
  async t => {
    const { url, ask } = await serve(t);
    const { gate, open } = makeGate(t);
    // The last two are not through before the killing is over, so that there is something to kill, however slow this test is.
    const submissions = Array.from({ length: 40 }, (_, i) =>
      submissionOf(`s${i}`, `${i < 38 ? `slow ${randomInt(20, 400)}` : `until ${gate}`} // ${i}`),
    );
    const workers = Array.from({ length: 4 }, () => hire(t, url, ...mortal));
    /** Orders that a killed worker had begun. */
    const met = new Set<string>();
    const kill = async () => {
      await sleep(300);
      // An order may meet a death three times only: of those that have met one, none meets another here.
      const fit = workers.filter(worker => heldBy(worker).every(order => !met.has(order)));
      const busy = fit.filter(worker => heldBy(worker).length > 0);
      const choice = busy.length > 0 ? busy : fit;
      const worker = choice[randomInt(choice.length)] as WorkerProcess;
      worker.child.kill('SIGKILL');
      await worker.gone;
      for (const order of heldBy(worker)) met.add(order);
      workers[workers.indexOf(worker)] = hire(t, url, ...mortal);
    };
    const killing = (async () => {
      await Promise.all(workers.map(worker => worker.says(/takes submissions/)));
      for (let killed = 0; killed < 8; killed++) await kill();
      open();
    })();
    const marks = new Map<string, Mark[]>();
    const marking = (async () => {
      for await (const mark of collect(submissions, url)) {
        marks.set(mark.submission.id, [...(marks.get(mark.submission.id) ?? []), mark]);
      }
    })();
    await Promise.all([killing, marking]);

    t.log(`8 workers killed, and ${met.size} orders with them`);
    t.true(met.size > 0);
    for (const submission of submissions) {
      const [mark, ...more] = marks.get(submission.id) ?? [];
      t.deepEqual(more, [], `${submission.id} once`);
      t.is(mark?.outcome, 'marked');
      t.is(mark && passed(mark), passedBy(textOf(submission)), `${submission.id} is given what it is worth`);
      t.deepEqual(mark?.submission, {
        id: submission.id,
        from: submission.from,
        at: submission.at,
        refused: submission.refused,
      });
    }
    const left = (await ask('KEYS', 'bull:*')) as string[];
    t.deepEqual(
      left.filter(key => /[0-9a-f]{64}/.test(key)),
      [],
      'the server keeps no submission',
    );
  },
);

/** The orders that a worker has begun and not ended, as far as it has said so. */
function heldBy(worker: WorkerProcess): string[] {
  const held = new Set<string>();
  for (const [, order = '', what] of worker.said().matchAll(/^(\S+) (begun|marked|not marked|given back)/gm)) {
    if (what === 'begun') held.add(order);
    else held.delete(order);
  }
  return [...held];
}

test.serial('an answer of a worker that was thought dead comes too late and counts for nothing', async t => {
  const { url } = await serve(t);
  const { gate, open } = makeGate(t);
  const late = hire(t, url, ...mortal);
  const marks = collect([submissionOf('slow', `until ${gate}`)], url);
  const first = marks.next();
  await late.says(/begun/);
  late.child.kill('SIGSTOP');
  const other = hire(t, url, ...mortal);
  await other.says(/begun/);
  // It has its answer, and the other has the order.
  open(`.${late.child.pid}`);
  late.child.kill('SIGCONT');
  await late.says(/not marked|Missing|lock/i);
  t.notRegex(other.said(), /marked/);
  open();
  const { value } = await first;
  t.is(value.outcome, 'marked');
  t.true((await marks.next()).done);
  await other.says(/marked/);
});

test.serial('what kills three workers is not given to a fourth', async t => {
  const { url } = await serve(t);
  const workers = Array.from({ length: 5 }, () => hire(t, url, 'a', '1', '2000'));
  await Promise.all(workers.map(worker => worker.says(/takes submissions/)));
  const marks = await allOf(collect([submissionOf('bad', 'poison'), submissionOf('good', 'fine')], url));
  const bad = marks.find(mark => mark.submission.id === 'bad');
  t.is(bad?.outcome, 'error');
  t.regex(bad?.reason ?? '', /3 workers ended/);
  t.is(marks.find(mark => mark.submission.id === 'good')?.outcome, 'marked');
  t.is(workers.filter(worker => worker.child.signalCode === 'SIGKILL').length, 3);
});

test.serial('what a machine cannot mark is tried three times, and then said', async t => {
  const { url } = await serve(t);
  const worker = hire(t, url);
  const [mark] = await allOf(collect([submissionOf('u', 'unlucky')], url));
  t.is(mark?.outcome, 'error');
  t.is(mark?.reason, 'this machine cannot');
  t.is(worker.said().match(/begun/g)?.length, 3);
});

test.serial(
  'a worker that is told to stop finishes what is short, gives back what is long, and ends with no more',
  async t => {
    const { url, ask } = await serve(t);
    const { gate, open } = makeGate(t);
    const submissions = [
      submissionOf('long', `until ${gate}`),
      submissionOf('short', 'until stopped'),
      submissionOf('next', 'slow 10'),
    ];
    const worker = hire(t, url);
    const marks = collect(submissions, url);
    const first = marks.next();
    await worker.says(/begun[\s\S]*begun/);
    worker.child.kill('SIGTERM');
    t.deepEqual(await worker.gone, [0, null]);
    t.is((await first).value.submission.id, 'short');
    t.regex(worker.said(), /given back/);
    t.is(worker.said().match(/begun/g)?.length, 2, 'it takes nothing new');
    // At once, not when its lock has run out, and not as one of its three lives.
    const [active] = (await ask('KEYS', 'bull:*:active')) as string[];
    t.is(active, undefined, 'nobody has it');
    open();
    const second = hire(t, url);
    t.deepEqual(
      (await allOf(marks)).map(mark => mark.outcome),
      ['marked', 'marked'],
    );
    t.notRegex(second.said(), /stalled/);
  },
);

test.serial('who collects may be stopped and come again, and finds what was marked meanwhile', async t => {
  const { url, ask } = await serve(t);
  const submissions = Array.from({ length: 6 }, (_, i) => submissionOf(`s${i}`, `slow 100 // ${i}`));
  const stop = new AbortController();
  const first = collect(submissions, url, { signal: stop.signal });
  const waiting = first.next();
  waiting.catch(() => {});
  while ((await orders(ask)).length < 6) await sleep(20);
  stop.abort(new Error('stopped'));
  await t.throwsAsync(waiting, { message: 'stopped' });
  const worker = hire(t, url);
  while ((await completed(ask)) < 6) await sleep(50);
  worker.child.kill('SIGTERM');
  await worker.gone;
  const marks = await allOf(collect(submissions, url));
  t.deepEqual(
    marks.map(mark => mark.submission.id).sort(),
    submissions.map(({ id }) => id),
  );
  t.is(worker.said().match(/begun/g)?.length, 6);
});

/** The keys of those that the server has. */
const orders = async (ask: Server['ask']) =>
  ((await ask('KEYS', 'bull:*')) as string[]).filter(key => /[0-9a-f]{64}$/.test(key));

async function completed(ask: Server['ask']): Promise<number> {
  const [key] = (await ask('KEYS', 'bull:*:completed')) as string[];
  return key ? Number(await ask('ZCARD', key)) : 0;
}

test.serial('the same texts of two people are marked once, and each has a mark', async t => {
  const { url } = await serve(t);
  const worker = hire(t, url);
  const marks = await allOf(collect([submissionOf('ann', 'same'), submissionOf('bob', 'same')], url));
  t.deepEqual(marks.map(mark => mark.submission.id).sort(), ['ann', 'bob']);
  t.is(worker.said().match(/begun/g)?.length, 1);
});

test.serial('the server learns neither who handed in nor from where', async t => {
  const { url, ask } = await serve(t);
  const stop = new AbortController();
  const waiting = collect([submissionOf('ann-smith', 'text of hers')], url, { signal: stop.signal }).next();
  waiting.catch(() => {});
  let keys: string[] = [];
  while (keys.length === 0) {
    keys = await orders(ask);
    await sleep(20);
  }
  const job = JSON.stringify(await ask('HGETALL', keys[0] ?? ''));
  stop.abort(new Error('stopped'));
  await t.throwsAsync(waiting);
  t.regex(job, /text of hers/);
  t.notRegex(job, /ann|class\/|2026-11-01|package\.json/);
});

test.serial(
  'a worker with other checks takes nothing, and it is said that nobody of this version is there',
  async t => {
    const { url } = await serve(t);
    const other = hire(t, url, 'b');
    await other.says(/takes submissions/);
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = collect([submissionOf('s', 'text')], url, { signal: stop.signal, say: resolve }).next();
    waiting.catch(() => {});
    t.regex(await promise, /no worker of this version/);
    t.notRegex(other.said(), /begun/);
    stop.abort(new Error('stopped'));
    await t.throwsAsync(waiting);
  },
);

test.serial('a server that goes away and comes back loses nobody’s mark', async t => {
  const port = await ownPort();
  let server = await startServerAt(port);
  t.teardown(() => server.stop());
  const { gate, open } = makeGate(t);
  const said: string[] = [];
  const worker = hire(t, server.url);
  await worker.says(/takes submissions/);
  const submissions = Array.from({ length: 4 }, (_, i) => submissionOf(`s${i}`, `until ${gate} // ${i}`));
  const all = allOf(collect(submissions, server.url, { say: line => said.push(line) }));
  await worker.says(/begun/);
  await server.stop();
  while (!said.some(line => line.includes('does not answer'))) await sleep(20);
  // With nothing of what it had: it kept all in memory.
  server = await startServerAt(port);
  open();
  t.deepEqual(
    (await all).map(mark => [mark.submission.id, mark.outcome]).sort(),
    submissions.map(({ id }) => [id, 'marked']),
  );
  t.regex(said.join('\n'), /does not answer[\s\S]*is back/);
});

const refusals: [string, string[], (url: string) => string, RegExp][] = [
  ['asks for a password', ['--requirepass', 'secret'], url => url, /asks for a password/],
  [
    'asks for another password',
    ['--requirepass', 'secret'],
    url => url.replace('//', '//:wrong@'),
    /asks for a password/,
  ],
  [
    'is a replica',
    ['--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'yes'],
    url => url,
    /replica|still reading/,
  ],
  ['is full', ['--maxmemory', '100kb', '--maxmemory-policy', 'noeviction'], url => url, /is full/],
  ['has no such database', [], url => `${url}/99`, /no database of that number/],
  ['does not speak TLS', [], url => url.replace('redis:', 'rediss:'), /TLS/],
];
for (const [title, settings, change, expected] of refusals) {
  test.serial(`a server that ${title} is told of in one line`, async t => {
    const secret = settings.includes('--requirepass') ? 'secret' : '';
    const server = await startServer(settings, secret);
    t.teardown(server.stop);
    const error = await t.throwsAsync(
      connect(readAddress(change(server.url)), () => {}),
      { instanceOf: UserError },
    );
    t.regex(error?.message ?? '', expected);
    t.notRegex(`${error?.message}${error?.next}`, /wrong|secret|\n/);
  });
}

test.serial('with its password a server lets in', async t => {
  const server = await startServer(['--requirepass', 'se/cret@'], 'se/cret@');
  t.teardown(server.stop);
  const address = readAddress(true, {
    BOXWRIGHT_QUEUE: server.url.replace('//', `//:${encodeURIComponent('se/cret@')}@`),
  });
  const line = await connect(address, () => {});
  t.is(await line.client.ping(), 'PONG');
  t.is(address.shown, server.url);
  line.close();
  await once(line.client, 'end');
});

test.serial('where nobody listens, and what is no address, is told in one line', async t => {
  const error = await t.throwsAsync(
    connect(readAddress('redis://127.0.0.1:1'), () => {}),
    { instanceOf: UserError },
  );
  t.regex(error?.message ?? '', /no queue answers at redis:\/\/127\.0\.0\.1:1 \(.*ECONNREFUSED/);
  for (const wrong of ['localhost:6379', 'http://host', 'redis://h/x', 'work.tar', 'unix://h/x']) {
    t.is(t.throws(() => readAddress(wrong), { instanceOf: UserError })?.status, 2, wrong);
  }
  t.throws(() => readAddress(true, {}), { message: /which queue/ });
});
