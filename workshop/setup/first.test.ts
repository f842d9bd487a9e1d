// Set-up's first half, on a clone that holds nothing else, with an npm and a second half that keep a log of their runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const here = fileURLToPath(new URL('.', import.meta.url));

const npm = `#!/bin/sh
echo npm >>log
echo "npm warn noise"
while [ -n "$NPM_WAITS" ] && ! [ -e go ]; do sleep 0.1; done
[ -z "$NPM_FAILS" ] || { echo "npm error the network is down" >&2; exit 7; }
mkdir -p node_modules/.bin
if [ -z "$NPM_LINKS_NOTHING" ]; then ln -sf "$NODE" node_modules/.bin/node
else
  mkdir -p "node_modules/$NPM_LINKS_NOTHING/bin"
  printf '#!/bin/sh\\necho node >>log; exec "$NODE" "$@"\\n' >"node_modules/$NPM_LINKS_NOTHING/bin/node"
fi
cp package-lock.json node_modules/.package-lock.json
`;

const setup = `
import { appendFileSync, writeFileSync } from 'node:fs';
appendFileSync('log', 'setup\\n');
const value = name => process.argv[process.argv.indexOf(name) + 1];
writeFileSync('made', '');
if (process.env.SETUP_FAILS) process.exit(3);
writeFileSync(value('--stamp'), JSON.stringify({ inputs: value('--inputs'), made: [process.cwd() + '/made'] }));
`;

interface Clone {
  folder: string;
  /** `through`: a command that runs the command after it. */
  start(
    env?: Record<string, string>,
    through?: string[],
  ): {
    child: ChildProcess;
    done: Promise<{ status: number | null; said: string }>;
    /** Waits until it has said the words; rejects when it ends without. */
    says(words: string): Promise<void>;
  };
  log(): string[];
}

function clone(): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'boxwright-first-'));
  mkdirSync(`${folder}/workshop/setup`, { recursive: true });
  for (const file of ['first.mjs', 'step.mjs', 'link.mjs']) cpSync(here + file, `${folder}/workshop/setup/${file}`);
  cpSync(`${here}../machine/where.mjs`, `${folder}/workshop/machine/where.mjs`);
  writeFileSync(`${folder}/workshop/setup/setup.ts`, setup);
  writeFileSync(`${folder}/workshop/boxwright.mjs`, '');
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  writeFileSync(
    `${folder}/package-lock.json`,
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }),
  );
  mkdirSync(`${folder}/programs`);
  writeFileSync(`${folder}/programs/npm`, npm);
  chmodSync(`${folder}/programs/npm`, 0o755);

  const start = (env = {}, through: string[] = []) => {
    const PATH = `${folder}/programs:${process.env.PATH}`;
    const [program = '', ...args] = [...through, process.execPath, `${folder}/workshop/setup/first.mjs`];
    const child = spawn(program, args, {
      env: { PATH, NODE: process.execPath, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, to be interrupted as a terminal does
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk));
    const done = once(child, 'close').then(([status]) => ({ status, said }));
    const says = async (words: string) => {
      while (!said.includes(words)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended, and said ${said}`);
        await sleep(20);
      }
    };
    return { child, done, says };
  };
  const log = () => (existsSync(`${folder}/log`) ? readFileSync(`${folder}/log`, 'utf8').trim().split('\n') : []);
  return { folder, start, log };
}

function withClone(body: (t: ExecutionContext, clone: Clone) => Promise<void>) {
  return async (t: ExecutionContext) => {
    const made = clone();
    t.teardown(() => rmSync(made.folder, { recursive: true, force: true }));
    await body(t, made);
  };
}

test(
  'a fresh clone is made ready once; a second start says and does nothing',
  withClone(async (t, { folder, start, log }) => {
    const first = await start().done;
    t.is(first.status, 0, first.said);
    t.deepEqual(log(), ['npm', 'setup']);
    t.regex(first.said, /packages from npm … \d+\.\d s\n/);
    t.notRegex(first.said, /noise/);
    const before = statSync(`${folder}/.cache/setup.json`).mtimeMs;

    utimesSync(`${folder}/package-lock.json`, 0, 0);
    t.deepEqual(await start().done, { status: 0, said: '' });
    t.deepEqual(log(), ['npm', 'setup']);
    t.is(statSync(`${folder}/.cache/setup.json`).mtimeMs, before);
  }),
);

test(
  'the workshop’s Node is found also when npm installed it and did not link it',
  withClone(async (t, { start, log }) => {
    const name = `node-${process.platform}-${process.arch}`;
    const { status, said } = await start({ NPM_LINKS_NOTHING: name }).done;
    t.is(status, 0, said);
    t.deepEqual(log(), ['npm', 'node', 'setup']);
  }),
);

test(
  'a newer lockfile installs again; a deleted result is made again without npm',
  withClone(async (t, { folder, start, log }) => {
    await start().done;
    rmSync(`${folder}/made`);
    t.is((await start().done).status, 0);
    t.deepEqual(log(), ['npm', 'setup', 'setup']);

    writeFileSync(
      `${folder}/package-lock.json`,
      JSON.stringify({ packages: { 'node_modules/a': { version: '2.0.0' } } }),
    );
    t.is((await start().done).status, 0);
    t.deepEqual(log(), ['npm', 'setup', 'setup', 'npm', 'setup']);
  }),
);

test(
  'when npm fails, all that it said is shown, then one line and what to do; the next start begins anew',
  withClone(async (t, { folder, start, log }) => {
    const failed = await start({ NPM_FAILS: 'yes' }).done;
    t.is(failed.status, 1);
    t.regex(
      failed.said,
      /npm warn noise\nnpm error the network is down\nboxwright: `npm ci` failed with status 7.*\nnext: .*\n$/,
    );
    t.false(existsSync(`${folder}/.cache/setup.json`));
    t.is((await start().done).status, 0);
    t.deepEqual(log(), ['npm', 'npm', 'setup']);
  }),
);

test(
  'when the second half fails, its status is ours and the next start tries again',
  withClone(async (t, { start, log }) => {
    t.is((await start({ SETUP_FAILS: 'yes' }).done).status, 3);
    t.is((await start().done).status, 0);
    t.deepEqual(log(), ['npm', 'setup', 'setup']);
  }),
);

test(
  'of two starts at once one does the work, and the other waits for it',
  withClone(async (t, { folder, start, log }) => {
    const starts = [start({ NPM_WAITS: 'yes' }), start({ NPM_WAITS: 'yes' })];
    // The one that works goes on once the other has said that it waits.
    await Promise.any(starts.map(each => each.says('Another set-up is at work')));
    writeFileSync(`${folder}/go`, '');
    const both = await Promise.all(starts.map(({ done }) => done));
    t.deepEqual(
      both.map(({ status }) => status),
      [0, 0],
    );
    t.deepEqual(log(), ['npm', 'setup']);
    t.is(both.filter(({ said }) => said.includes('Another set-up is at work')).length, 1);
  }),
);

test(
  'a lock whose owner was killed holds nobody up',
  withClone(async (t, { folder, start }) => {
    mkdirSync(`${folder}/.cache`);
    const owner = spawn(
      'flock',
      ['--no-fork', `${folder}/.cache/setup.lock`, 'sh', '-c', 'echo mine; exec sleep 600'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(owner.stdout, 'data');
    const waiting = start();
    await once(waiting.child.stderr as NodeJS.ReadableStream, 'data');
    t.is(await Promise.race([waiting.done, sleep(300, 'still waiting')]), 'still waiting' as never);
    owner.kill('SIGKILL');
    t.is((await waiting.done).status, 0);
    t.true(existsSync(`${folder}/.cache/setup.lock`), 'the file stays; only the lock on it went with its owner');
  }),
);

test(
  'interrupted in the middle, it leaves nothing that the next start cannot continue from',
  withClone(async (t, { start, log }) => {
    const { child, done } = start({ NPM_WAITS: 'yes' });
    while (!log().includes('npm')) await sleep(20);
    process.kill(-(child.pid as number), 'SIGINT');
    t.not((await done).status, 0);
    t.is((await start().done).status, 0);
    t.deepEqual(log(), ['npm', 'npm', 'setup']);
  }),
);

test(
  'a folder that this user may not write to is one line, not a stack',
  withClone(async (t, { folder, start }) => {
    const user = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const seal = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"';
    const { status, said } = await start({}, ['unshare', ...user, '--mount', 'sh', '-ec', seal, folder]).done;
    t.is(status, 1);
    t.regex(said, /^boxwright: .* cannot be written by this user\nnext: .*\n$/);
  }),
);
