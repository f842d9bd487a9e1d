// Lesson 08's init beside tini, Docker's: the same scripts, with the one and with the other as process 1.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { readChildren, readStatus } from '#linux';
import { alive, eventually, notHere, unless } from '../../linux/kit.ts';
import { home } from '../paths.ts';
import { type Kind, startUnder, tini } from './inits.ts';

const beside = unless(notHere || (!existsSync(tini) && 'tini is not installed'));
const inits = ['ours', 'tini'] as const;

async function start(t: ExecutionContext, kind: Kind, script: string) {
  const box = await startUnder(kind, ['/bin/sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => box.end());
  let text = '';
  box.stdout?.setEncoding('utf8').on('data', data => {
    text += data;
  });
  return {
    box,
    /** Waits until the script has printed the word. */
    says: (word: string) => eventually(() => text.includes(word)),
    signal: (name: NodeJS.Signals) => process.kill(box.pid, name),
    zombies: () => readChildren(box.pid).filter(pid => !alive(pid)).length,
    tell: () => box.stdin?.write('go\n'),
  };
}

/** What both do, in the same words; and what happens without an init, where that is something else. */
async function compare<T>(t: ExecutionContext, look: (kind: Kind) => Promise<T>, expected: T, without?: T) {
  for (const kind of inits) t.deepEqual(await look(kind), expected, kind);
  if (without !== undefined) t.deepEqual(await look('none'), without, 'without an init');
}

for (const [script, code] of [
  ['exit 0', 0],
  ['exit 7', 7],
  ['exit 255', 255],
  ['kill -TERM $$; sleep 9', 143],
  ['kill -KILL $$; sleep 9', 137],
] as const) {
  beside(`\`${script}\` ends the container with ${code}.`, t =>
    compare(t, async kind => (await (await start(t, kind, script)).box.exited).code, code),
  );
}

for (const [name, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
  ['SIGUSR2', 140],
] as const) {
  beside(`${name} to process 1 ends a command that does not expect it.`, t =>
    compare<unknown>(
      t,
      async kind => {
        const { box, says, signal } = await start(t, kind, 'echo ready; exec sleep 600');
        await says('ready');
        signal(name);
        return Promise.race([box.exited.then(exit => exit.code), sleep(kind === 'none' ? 100 : 120_000, 'lives on')]);
      },
      code,
      'lives on',
    ),
  );
}

beside('A command that expects SIGTERM says good-bye itself.', t =>
  compare(
    t,
    async kind => {
      const { box, says, signal } = await start(t, kind, 'trap "exit 42" TERM; echo ready; sleep 600 & wait');
      await says('ready');
      signal('SIGTERM');
      return (await box.exited).code;
    },
    42,
  ),
);

beside('Orphans are reaped.', t =>
  compare(
    t,
    async kind => {
      const script = 'exec 3<&0; for i in 1 2 3 4 5 6 7 8 9; do (read x <&3 &); done; echo ready; exec sleep 600';
      const { box, says, zombies } = await start(t, kind, script);
      await says('ready');
      // None of them ends while the shell is there, which would reap it in the place of an init.
      await eventually(() => [box.pid, ...readChildren(box.pid)].some(pid => readStatus(pid).name === 'sleep'));
      box.stdin?.end();
      await eventually(() => readChildren(box.pid).filter(alive).length <= (kind === 'none' ? 0 : 1));
      if (kind !== 'none') await eventually(() => zombies() === 0);
      return zombies();
    },
    0,
    9,
  ),
);

beside('What the command leaves behind ends with it.', t =>
  compare(
    t,
    async kind => {
      const { box, says, tell } = await start(t, kind, 'setsid sleep 600 & sleep 600 & echo ready; read go; exit 3');
      await says('ready');
      const all = (pid: number): number[] => readChildren(pid).flatMap(child => [child, ...all(child)]);
      await eventually(() => all(box.pid).length >= 2);
      const pids = all(box.pid);
      tell();
      return [(await box.exited).code, await eventually(() => !pids.some(alive))];
    },
    [3, true],
  ),
);

beside('Stopped and continued, init does its work as before.', t =>
  compare(
    t,
    async kind => {
      const { box, says, signal } = await start(t, kind, 'echo ready; exec sleep 600');
      await says('ready');
      signal('SIGSTOP');
      await eventually(() => readStatus(box.pid).state === 'T');
      signal('SIGCONT');
      await eventually(() => readStatus(box.pid).state !== 'T');
      signal('SIGTERM');
      return (await box.exited).code;
    },
    143,
  ),
);

beside('A thousand orphans that end at once are reaped, and none is left.', async t => {
  for (const kind of inits) {
    const orphans = 'exec 3<&0; i=0; while [ $i -lt 1000 ]; do (read x <&3 &); i=$((i+1)); done';
    const { box, says, zombies } = await start(t, kind, `${orphans}; echo ready; exec sleep 600`);
    t.true(await says('ready'));
    t.true(readChildren(box.pid).length > 1000, `${kind}: ${readChildren(box.pid).length}`);
    const begun = performance.now();
    // The end of what they read from is the end of all of them.
    box.stdin?.end();
    t.true(await eventually(() => readChildren(box.pid).length === 1), `${kind}: ${zombies()} zombies`);
    t.log(`${kind}: ${Math.round(performance.now() - begun)} ms`);
  }
});

beside('A signal to process 1 reaches the command as one to the command itself does, within 50 ms more.', async t => {
  /** In the median: to process 1, and, one after the other, to the command. A busy machine is slow in both. */
  const measure = async (kind: Kind) => {
    const times: Record<'through' | 'direct', number[]> = { through: [], direct: [] };
    for (let i = 0; i < 11; i++) {
      for (const way of ['through', 'direct'] as const) {
        const { box, says } = await start(t, kind, 'echo ready; exec sleep 600');
        await says('ready');
        const [command = 0] = readChildren(box.pid);
        const begun = performance.now();
        process.kill(way === 'through' ? box.pid : command, 'SIGTERM');
        while (alive(command)) await sleep(1);
        times[way].push(performance.now() - begun);
      }
    }
    const median = (list: number[]) => list.sort((a, b) => a - b)[5] ?? Number.POSITIVE_INFINITY;
    return { through: median(times.through), direct: median(times.direct) };
  };
  for (const kind of inits) {
    let { through, direct } = await measure(kind);
    for (let more = 0; more < 9 && through >= 3 * direct + 50; more++) ({ through, direct } = await measure(kind));
    t.log(`${kind}: ${through.toFixed(1)} ms in the median, and ${direct.toFixed(1)} ms without it`);
    t.true(through < 3 * direct + 50, `${kind}: ${through} and ${direct}`);
  }
});

const onTerminal = unless(
  notHere ||
    (!existsSync(tini) && 'tini is not installed') ||
    (spawnSync('script', ['--version']).error ? 'script (bsdutils) is not installed' : false),
);

for (const kind of inits) {
  onTerminal(`Ctrl-C at a terminal reaches the command, and once: ${kind}.`, async t => {
    // It lives until it is told, however late the keys come.
    const script = 'trap "echo caught" INT; echo ready; until read line && [ "$line" = go ]; do :; done; echo over';
    const command =
      kind === 'ours'
        ? `exec '${process.execPath}' '${home}/workshop/peers/init.ts' /bin/sh -c '${script}'`
        : `exec unshare --user --map-root-user --pid --fork ${tini} -- /bin/sh -c '${script}'`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    t.teardown(() => child.kill('SIGHUP'));
    const ended = once(child, 'exit');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', data => {
      text += data;
    });
    t.true(await eventually(() => text.includes('ready')), text);
    child.stdin.write('\u0003');
    t.true(await eventually(() => text.includes('caught')), text);
    // Long enough for a second one.
    await sleep(500);
    child.stdin.write('go\n');
    t.true(await eventually(() => text.includes('over')), text);
    t.is(text.match(/caught/g)?.length, 1, text);
    await ended;
  });
}
