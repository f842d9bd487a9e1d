// After fork: two handles, each on a wire of its own, and a parent that learns how its child ended.
import { CLONE, into, type Process, readDescriptors, readStatus, SIG, WireError } from './index.ts';
import { alive, eventually, here, own, start } from './kit.ts';

const descriptors = (box: Process) => [...readDescriptors(box.pid).keys()].sort((a, b) => a - b);

here('Both go on: each handle drives its own process.', async t => {
  const parent = await start(t, { wires: 2 });
  const child = await parent.fork();
  t.is(readStatus(child.pid).parent, parent.pid);
  const [a, b, c, d] = await Promise.all([
    ...[parent.syscall('getpid'), child.syscall('getpid')],
    ...[parent.syscall('getpid'), child.syscall('getppid')],
  ]);
  t.deepEqual([a, b, c, d], [parent.pid, child.pid, parent.pid, parent.pid]);
  // Compared with one that never forked, since a test runner may leave descriptors of its own to everybody.
  const plain = descriptors(await start(t));
  t.deepEqual(descriptors(child), plain);
  t.deepEqual(descriptors(parent), plain);
});

here('Process 1 of a pid namespace forks, the child becomes a command, and the parent reaps it.', async t => {
  const init = await start(t, { wires: 2 });
  await init.clone(own | CLONE.NEWPID);
  const child = await init.fork();
  t.is(readStatus(child.pid).nsPids.at(-1), 2);
  await child.execve('/bin/sh', ['sh', '-c', 'exit 7']);
  const status = new Uint8Array(4);
  t.is(await init.syscall('wait4', 2, into(status), 0, null), 2);
  t.is(status[1], 7);
  await init.syscall('exit_group', 9).catch(() => {});
  t.deepEqual(await init.exited, { code: 9, signal: null });
});

here('A forked handle signals its own process, and dies with its parent.', async t => {
  const parent = await start(t, { wires: 3 });
  const [one, two] = [await parent.fork(), await parent.fork()];
  t.true(one.kill('SIGTERM'));
  const status = new Uint8Array(4);
  t.is(await parent.syscall('wait4', one.pid, into(status), 0, null), one.pid);
  t.is(status[0], SIG.SIGTERM);
  t.false(one.kill('SIGTERM'));
  await parent.end();
  t.true(await eventually(() => !alive(two.pid)));
});

here('Without one more wire there is nothing to drive a child by.', async t => {
  const box = await start(t);
  const error = await t.throwsAsync<WireError>(box.fork(), { instanceOf: WireError });
  t.regex(error?.message ?? '', /wires: 2/);
  t.is(await box.syscall('getpid'), box.pid);
});
