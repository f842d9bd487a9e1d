// X-rays of the container on a stage: at its start, when its shape changes, and twice a second what changes by the second. In a guest, too.
import test from 'ava';
import { readMountinfo, readNamespaces, readStatus } from '#linux';
import { findLesson } from '../lessons.ts';
import { placeOf } from '../remote/place.ts';
import { eventually, onStage, played } from '../testing/stage.ts';
import type { MountView, Xray } from '../xray/types.ts';
import { openStage } from './index.ts';

// Before the first test: AVA wants them all declared in one go.
const lesson = findLesson('10');
const place = await placeOf(lesson);

const paths = (mount: MountView | null): string[] => (mount ? [mount.path, ...mount.children.flatMap(paths)] : []);

test.serial('at its start all of it, as the kernel has it, with the calls that made it', async t => {
  const { stage, next, pid } = onStage(t, '05');
  const seen = next('xray');
  const shell = await pid();
  const xray = await seen;
  t.is(xray.process.pid, shell);
  t.is(xray.name, 'lesson 05');
  const { parent } = readStatus(shell);
  const [its, hosts] = [readNamespaces(shell), readNamespaces(parent)];
  for (const { kind, inode, own } of xray.namespaces) {
    t.is(inode, its[kind], kind);
    t.is(own, its[kind] !== hosts[kind] || kind === 'mnt', kind);
  }
  t.deepEqual(
    paths(xray.mounts).sort(),
    readMountinfo(shell)
      .map(mount => mount.mountPoint)
      .sort(),
  );
  t.true(xray.calls?.some(({ name }) => name === 'pivot_root'));
  t.is(stage.xray(), xray);
});

test.serial('anew when there is a mount more, and not while nothing is another', async t => {
  const { stage, next, pid, type, until } = onStage(t, '05');
  const seen: Xray[] = [];
  const first = next('xray');
  stage.on('xray', xray => seen.push(xray));
  await pid();
  await until(/# /);
  t.false(paths((await first).mounts).includes('/mnt'));
  for (let ticks = 0; ticks < 3; ticks++) await next('live');
  const quiet = seen.length;
  for (let ticks = 0; ticks < 3; ticks++) await next('live');
  t.is(seen.length, quiet);
  type('mount -t tmpfs none /mnt');
  t.true(await eventually(() => paths(seen.at(-1)?.mounts ?? null).includes('/mnt')));
  type('umount /mnt');
  t.true(await eventually(() => !paths(seen.at(-1)?.mounts ?? null).includes('/mnt')));
});

test.serial('what changes by the second, and nothing while nobody listens', async t => {
  const { stage, next, pid, type, until } = onStage(t, '08');
  const shell = await pid();
  await until(/# /);
  await new Promise(later => setTimeout(later, 1500));
  t.is(stage.xray(), null, 'nobody has listened');
  const one = await next('live');
  t.deepEqual(
    one.processes.map(each => each.pid),
    [shell],
  );
  type('sleep 1000 &');
  let named = one;
  const forget = stage.on('live', live => {
    named = live;
  });
  t.true(await eventually(() => named.processes.some(each => each.name === 'sleep')));
  forget();
  const { at } = named;
  await new Promise(later => setTimeout(later, 1200));
  t.is(named.at, at);
});

const inGuest = place
  ? test.serial
  : (title: string, _: unknown) => test.skip(`${title} (lesson 10 runs here)`, () => {});

inGuest('lesson 10 in a guest: its limits, its curves, its end', async t => {
  const stage = await openStage(lesson, { solution: true, size: { columns: 91, rows: 27 } });
  t.teardown(() => stage.close());
  const { next, type, until, pid } = played(stage);
  const seen = next('xray');
  await pid();
  await until(/# /);
  type('stty size; cat /sys/fs/cgroup/memory.max');
  await until(/^27 91\n67108864$/m);
  const { cgroup, calls, name } = await seen;
  t.is(name, 'lesson 10');
  t.is(cgroup?.version, 2);
  t.deepEqual([cgroup?.memory.max, cgroup?.pids.max, cgroup?.cpu.quota], [64 << 20, 64, 0.5]);
  t.true((calls?.length ?? 0) > 10);

  const before = (await next('live')).cgroup?.memory.current ?? 0;
  type('dd if=/dev/zero of=/dev/shm/some bs=1M count=20');
  let memory = 0;
  stage.on('live', ({ cgroup }) => {
    memory = Math.max(memory, cgroup?.memory.current ?? 0);
  });
  t.true(await eventually(() => memory > before + (15 << 20)), `${before}, then ${memory}`);
  await until(/# $/);
  type('dd if=/dev/zero of=/dev/null bs=100M count=1');
  await until(/Killed/);

  const ended = next('ended');
  type('exit 3');
  t.deepEqual(await ended, { status: 3 });
  const started = next('started');
  stage.write(Buffer.from('\r'));
  await started;
  await until(/# /);
  type('yes');
  await until(/^(y\n){1000}/m);
  stage.write(Buffer.from('\x03'));
  type('echo th"r"ough');
  await until(/^through/m);
  t.true(stage.scrollback().length <= 256 * 1024);
});
