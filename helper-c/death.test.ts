// Nobody is left behind: the helper goes with its owner, the container with its supervisor. Told by the pids themselves.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLONE, Process, readStatus } from '../linux/index.ts';
import { alive, eventually, here, notHere, own, start, unless } from '../linux/kit.ts';

const linux = `${import.meta.dirname}/../linux/index.ts`;

/** A Node that starts a process, does this with it, says who there is, and stays. */
async function owner(script: string): Promise<{ pids: number[]; kill(): void }> {
  const program = `
    const { Process, CLONE } = await import(${JSON.stringify(linux)});
    const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
    const pids = [box.pid];
    const note = () => pids.push(box.pid);
    ${script}
    console.log(JSON.stringify(pids));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of child.stdout) return { pids: JSON.parse(String(line)), kill: () => child.kill('SIGKILL') };
  throw new Error('the owner ended without a word');
}

for (const [who, script, count] of [
  ['The helper', 'await box.chdir("/");', 1],
  ['The helper and its child', `await box.clone(${own}); note();`, 2],
  [
    'A chain of pid namespaces',
    `for (let i = 0; i < 3; i++) { await box.clone(CLONE.NEWPID | (i ? 0 : ${own})); note(); }`,
    4,
  ],
] as const) {
  here(`${who}: gone when the owner is killed before execve.`, async t => {
    const { pids, kill } = await owner(script);
    t.is(pids.length, count);
    t.true(pids.every(alive));
    kill();
    t.true(await eventually(() => !pids.some(alive)));
  });
}

here('A command outlives its owner, as any child does, and so does its supervisor.', async t => {
  const { pids, kill } = await owner(
    `await box.clone(${own}); note(); await box.execve("/bin/sleep", ["sleep", "600"]);`,
  );
  kill();
  await sleep(200);
  t.true(pids.every(alive));
  process.kill(pids[1] ?? 0, 'SIGKILL');
  t.true(await eventually(() => !pids.some(alive)));
});

const root = !notHere && own === 0 && /^0 0 0 0$/.test(readStatus('self').uids.join(' '));
const needsRoot = unless(notHere || (!root && 'another user can be become only by root'));

const changes: [name: string, test: typeof here, change: (box: Process) => Promise<unknown>][] = [
  ['that serves', here, async () => {}],
  ['that is a command', here, box => box.execve('/bin/sleep', ['sleep', '600'])],
  [
    'that became another user',
    needsRoot,
    async box => {
      await box.syscall('setresgid', 1000, 1000, 1000);
      await box.syscall('setresuid', 1000, 1000, 1000);
      await box.execve('/bin/sleep', ['sleep', '600']);
    },
  ],
  [
    'that became another user with one number only',
    needsRoot,
    async box => {
      await box.syscall('setfsuid', 1000);
      await box.syscall('setuid', 1000);
    },
  ],
];

for (const [name, run, change] of changes) {
  run(`A supervisor that is killed takes a child along ${name}.`, async t => {
    const box = await start(t);
    const supervisor = box.pid;
    await box.clone(own | CLONE.NEWPID);
    await change(box);
    t.true(alive(box.pid));
    process.kill(supervisor, 'SIGKILL');
    t.true(await eventually(() => !alive(box.pid)));
    t.deepEqual(await box.exited, { code: null, signal: 'SIGKILL' });
  });
}

here('The outermost supervisor takes a whole chain along.', async t => {
  const box = await start(t);
  const pids = [box.pid];
  for (let i = 0; i < 4; i++) {
    await box.clone(i === 0 ? own | CLONE.NEWPID : 0);
    pids.push(box.pid);
  }
  process.kill(pids[0] ?? 0, 'SIGKILL');
  t.true(await eventually(() => !pids.some(alive)));
});

here('However soon the supervisor is killed after clone, the child goes with it.', async t => {
  for (let i = 0; i < 40; i++) {
    const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
    const supervisor = box.pid;
    await box.clone(0).catch(() => {});
    process.kill(supervisor, 'SIGKILL');
    t.true(await eventually(() => !alive(box.pid)));
    await box.exited;
  }
});
