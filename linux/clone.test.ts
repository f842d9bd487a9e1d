// After clone: whose pid it is, who supervises, and how the end is told.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CLONE,
  ERRNO,
  type Process,
  RLIMIT,
  readChildren,
  readDescriptors,
  readNamespaces,
  readStatus,
  type SyscallError,
} from './index.ts';
import { alive, eventually, forbid, here, notHere, output, own, start, unless } from './kit.ts';

const descriptors = (pid: number) => [...readDescriptors(pid).keys()].sort((a, b) => a - b);
const sh = (box: Process, script: string) => box.execve('/bin/sh', ['sh', '-c', script], { PATH: '/usr/bin:/bin' });

here(
  'The child takes over: the handle drives it, in its namespaces, and its parent stays in the old ones.',
  async t => {
    const box = await start(t);
    const supervisor = box.pid;
    const pid = await box.clone(own | CLONE.NEWUTS | CLONE.NEWPID);
    t.is(pid, box.pid);
    t.is(readStatus(box.pid).parent, supervisor);
    t.is(await box.syscall('getpid'), 1);
    t.is(box.trace.at(-1)?.pid, pid);
    t.not(readNamespaces(pid).uts, readNamespaces('self').uts);
    t.is(readNamespaces(supervisor).uts, readNamespaces('self').uts);
  },
);

here('A clone that fails says why, leaves no descriptor behind, and no signal blocked.', async t => {
  const box = await start(t);
  const before = [...readDescriptors(box.pid)];
  for (let i = 0; i < 50; i++) {
    t.is((await t.throwsAsync<SyscallError>(box.clone(CLONE.VM)))?.code, 'EINVAL');
    t.is((await t.throwsAsync<SyscallError>(box.clone(CLONE.INTO_CGROUP, 99)))?.code, 'EBADF');
  }
  t.deepEqual([...readDescriptors(box.pid)], before);
  t.is(readStatus(box.pid).fields.SigBlk, '0000000000000000');
  t.is(await box.syscall('getpid'), box.pid);
});

here(
  'Two hundred clones in a row, each with a call sent right behind it: every pid is right, in every order.',
  async t => {
    const box = await start(t);
    for (let i = 0; i < 200; i++) {
      const before = box.pid;
      const [pid, self, parent] = await Promise.all([box.clone(0), box.syscall('getpid'), box.syscall('getppid')]);
      if (pid !== self || pid !== box.pid || parent !== before)
        t.fail(`${pid}, ${self}, ${box.pid}; ${parent}, ${before}`);
    }
    t.deepEqual(
      box.trace.slice(-2).map(call => call.pid),
      [box.pid, box.pid],
    );
    t.deepEqual(await box.end(), { code: null, signal: 'SIGKILL' });
  },
);

here('A pid namespace within a pid namespace: pids are as this process sees them.', async t => {
  const box = await start(t);
  await box.clone(own | CLONE.NEWPID);
  const outer = box.pid;
  t.is(await box.clone(CLONE.NEWPID), 2, 'what its parent calls it');
  t.is(readStatus(box.pid).parent, outer);
  t.deepEqual(readStatus(box.pid).nsPids, [box.pid, 2, 1]);
  t.is(await box.syscall('getpid'), 1);
  await box.clone(0);
  t.deepEqual(readStatus(box.pid).nsPids, [box.pid, 3, 2]);
  await sh(box, 'exit 9');
  t.deepEqual(await box.exited, { code: 9, signal: null });
});

for (const status of [0, 1, 2, 126, 127, 128, 255]) {
  here(`The supervisor ends with ${status} when the command does.`, async t => {
    const box = await start(t);
    await box.clone(own | CLONE.NEWPID);
    await sh(box, `exit ${status}`);
    t.deepEqual(await box.exited, { code: status, signal: null });
  });
}

for (const signal of ['SIGTERM', 'SIGKILL', 'SIGABRT', 'SIGSEGV', 'SIGALRM'] as const) {
  here(`A command that ${signal} ended ends its supervisor by ${signal}.`, async t => {
    const box = await start(t);
    await box.clone(own | CLONE.NEWUTS);
    await sh(box, `ulimit -c 0; kill -${signal.slice(3)} $$`);
    t.deepEqual(await box.exited, { code: null, signal });
  });
}

here('A supervisor that is itself process 1 cannot end by a signal, and says 128 + n.', async t => {
  const box = await start(t);
  await box.clone(own | CLONE.NEWPID);
  await box.clone(0);
  await sh(box, 'kill -TERM $$');
  t.deepEqual(await box.exited, { code: 128 + constants.signals.SIGTERM, signal: null });
});

const pattern = notHere ? '' : readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();

unless(notHere || (/^[|/@]/.test(pattern) && 'core files of this machine do not go into the working folder'))(
  'The supervisor that ends as its child did leaves no core file of its own.',
  async t => {
    const dir = mkdtempSync(`${tmpdir()}/boxwright-core-`);
    t.teardown(() => rmSync(dir, { recursive: true }));
    const box = await start(t);
    await box.chdir(dir);
    const [, hard = 'unlimited'] =
      /^Max core file size\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    const limit = hard === 'unlimited' ? 2n ** 64n - 1n : BigInt(hard);
    if (limit === 0n) return t.pass(); // then there is none by anybody
    await box.syscall('prlimit64', 0, RLIMIT.CORE, Buffer.from(BigUint64Array.of(limit, limit).buffer), null);
    await box.clone(own | CLONE.NEWUTS);
    await sh(box, 'ulimit -c 0; kill -SEGV $$');
    t.deepEqual(await box.exited, { code: null, signal: 'SIGSEGV' });
    t.deepEqual(readdirSync(dir), []);
  },
);

/** All that can be caught, but SIGCHLD, which the supervisor needs for itself. */
const catchable = Object.keys(constants.signals).filter(
  name => !['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name),
) as NodeJS.Signals[];

here('Every signal that can be caught is passed on to the command, once.', async t => {
  const box = await start(t, { stdio: ['ignore', 'pipe', 'inherit'] });
  await box.clone(own | CLONE.NEWPID);
  const traps = catchable.map(name => `trap 'echo ${name}' ${constants.signals[name]}`);
  await sh(box, `${traps.join('\n')}\necho ready\nwhile :; do sleep 0.01; done`);
  const lines = box.stdout?.setEncoding('utf8')[Symbol.asyncIterator]();
  t.is((await lines?.next())?.value, 'ready\n');
  t.true(catchable.length > 25);
  for (const name of catchable) {
    box.kill(name);
    t.is((await lines?.next())?.value, `${name}\n`);
  }
});

here('A command that is stopped and continued is neither given up nor ended.', async t => {
  const box = await start(t, { stdio: ['pipe', 'ignore', 'inherit'] });
  const supervisor = box.pid;
  await box.clone(own | CLONE.NEWPID);
  await sh(box, 'read line; exit 7');
  for (let i = 0; i < 5; i++) {
    process.kill(box.pid, 'SIGSTOP');
    t.true(await eventually(() => readStatus(box.pid).state === 'T'));
    process.kill(box.pid, 'SIGCONT');
    t.true(await eventually(() => readStatus(box.pid).state === 'S'));
  }
  t.true(alive(supervisor));
  box.stdin?.end('\n');
  t.deepEqual(await box.exited, { code: 7, signal: null });
});

here('A supervisor that is process 1 reaps orphans.', async t => {
  const box = await start(t, { stdio: ['pipe', 'inherit', 'inherit'] });
  await box.clone(own | CLONE.NEWPID);
  const first = box.pid;
  await box.clone(0);
  await sh(box, 'exec 3<&0; for i in 1 2 3 4 5 6 7 8; do (read x <&3 &) ; (exit 3 &) ; done; exec sleep 600');
  // That there were orphans is seen before it is seen that they have gone: eight live until what they read from ends.
  t.true(await eventually(() => readChildren(first).length === 1 + 8));
  box.stdin?.end();
  t.true(await eventually(() => readChildren(first).length === 1));
  t.deepEqual(readChildren(first), [box.pid]);
});

here('The command has no signal blocked and none ignored.', async t => {
  const box = await start(t);
  await box.clone(own | CLONE.NEWPID);
  await box.clone(0);
  await box.execve('/bin/sleep', ['sleep', '60']);
  const { SigBlk, SigIgn, SigPnd, ShdPnd } = readStatus(box.pid).fields;
  t.deepEqual([SigBlk, SigIgn, SigPnd, ShdPnd], Array(4).fill('0000000000000000'));
});

for (const hidden of ['clone3', 'close_range', 'nothing'] as const) {
  here(
    `Where a filter hides ${hidden}, there is a process and a supervisor with three descriptors all the same.`,
    async t => {
      for (const errno of hidden === 'clone3' ? [ERRNO.ENOSYS, ERRNO.EPERM] : [ERRNO.ENOSYS]) {
        const box = await start(t, { stdio: ['ignore', 'pipe', 'inherit'], pass: ['pipe', 'pipe'] });
        const supervisor = box.pid;
        await box.open('/dev/null');
        if (hidden !== 'nothing') await Promise.all(forbid(box, errno, hidden));
        await box.clone(own | CLONE.NEWPID | CLONE.NEWUTS);
        t.is(await box.syscall('getpid'), 1);
        t.deepEqual(descriptors(supervisor), [0, 1, 2]);
        t.deepEqual(descriptors(box.pid).slice(0, 6), [0, 1, 2, 3, 4, 5]);
        await sh(box, 'echo works; exit 3');
        t.is(await output(box.stdout), 'works\n');
        t.deepEqual(await box.exited, { code: 3, signal: null });
      }
    },
  );
}

here('A supervisor needs no standard descriptors, and holds none that were closed.', async t => {
  const box = await start(t);
  const supervisor = box.pid;
  await Promise.all([box.close(0), box.close(1), box.close(2)]);
  await box.clone(own | CLONE.NEWPID);
  t.deepEqual(descriptors(supervisor), []);
  t.is(descriptors(box.pid)[0], 3);
  t.is(await box.open('/dev/null'), 0);
  await sh(box, 'exit 4');
  t.deepEqual(await box.exited, { code: 4, signal: null });
});

here('A signal that arrives while clone is under way is not lost between the two.', async t => {
  for (let i = 0; i < 30; i++) {
    const box = await start(t);
    const supervisor = box.pid;
    await box.syscall('getpid');
    const cloned = box.clone(own).catch(() => {});
    if (i % 3 > 0) await sleep(i % 3);
    process.kill(supervisor, 'SIGTERM');
    // Before clone it ends the helper, after it the child, and by it the supervisor.
    t.deepEqual(await box.exited, { code: null, signal: 'SIGTERM' });
    await cloned;
    t.true(await eventually(() => !alive(box.pid)));
  }
});
