// Limits and use of control groups: of version 2 in a guest, with crun's container and ours; of version 1 here, with runc's.
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { findProgram, machineFacts } from '../doctor/facts.ts';
import { guestAvailable, runInGuest } from '../guest/index.ts';
import { home } from '../paths.ts';
import { makeBundle } from '../peers/bundle.ts';
import { inside } from './engine-kit.ts';
import type { Xray } from './types.ts';

const facts = await machineFacts();
const page = 4096;
const memory = { max: randomInt(40, 60) << 20, high: randomInt(20, 30) << 20, swap: 0 };
const resources = {
  memory,
  cpu: { quota: randomInt(10, 30) * 1000, period: 100_000, weight: randomInt(101, 999) },
  pids: randomInt(20, 60),
};
const busy = ['/bin/sh', '-c', 'while :; do :; done'];

interface Looked {
  before: Record<string, string>;
  after: Record<string, string>;
  xray: Xray;
  live: Pick<Xray, 'cgroup'>;
}

const noGuest = (() => {
  const guest = guestAvailable({ needs: ['cgroup2'] });
  return (
    (facts.guest && 'this is a guest already') ||
    (!guest.available && guest.reason) ||
    (!findProgram('crun') && 'crun is not installed')
  );
})();

const here = (reason: string | false, title: string, body: (t: ExecutionContext) => Promise<void> | void) =>
  reason ? test.skip(`${title} (skipped: ${reason})`, () => {}) : test.serial(title, body);

here(noGuest, 'version 2: limits, use, throttling and freezing are what the kernel’s files say', async t => {
  const program = `${home}/workshop/xray/guest-side.ts`;
  const command = ['node', '--no-warnings', '--conditions=solution', program, JSON.stringify({ resources, busy })];
  const { status, stdout = '', stderr } = await runInGuest(command, { needs: ['cgroup2'], timeout: 600 });
  t.is(status, 0, stderr);
  const { ours, crun, frozen } = JSON.parse(stdout) as { ours: Looked; crun: Looked; frozen: boolean };
  t.true(frozen);
  for (const [name, { before, after, xray, live }] of Object.entries({ ours, crun })) {
    const group = xray.cgroup;
    const stat = (files: Record<string, string>, key: string) =>
      Number(new RegExp(`^${key} (\\d+)`, 'm').exec(files['cpu.stat'] ?? '')?.[1]) / 1e6;
    t.like(group, { version: 2, path: `/xray/${name}`, inside: '/', frozen: false });
    t.like(group?.memory, {
      max: memory.max - (memory.max % page),
      high: memory.high - (memory.high % page),
      oomKills: 0,
    });
    t.true((group?.memory.current ?? 0) > 0 && (group?.memory.current ?? 0) <= memory.max);
    if (before['memory.peak'] !== undefined) t.true((group?.memory.peak ?? 0) >= Number(before['memory.peak']));
    t.is(group?.cpu.quota, resources.cpu.quota / resources.cpu.period);
    t.is(group?.cpu.weight, resources.cpu.weight);
    t.true(
      stat(before, 'usage_usec') <= (group?.cpu.usage ?? 0) && (group?.cpu.usage ?? 0) <= stat(after, 'usage_usec'),
    );
    t.true(stat(before, 'throttled_usec') <= (group?.cpu.throttled ?? 0) && (group?.cpu.throttled ?? 0) > 0);
    t.true((live.cgroup?.cpu.usage ?? 0) >= (group?.cpu.usage ?? 0));
    t.deepEqual(group?.pids, { current: 1, max: resources.pids });
    t.deepEqual(xray.process.command, busy);
    t.deepEqual(
      xray.namespaces.filter(each => each.own).map(({ kind }) => kind),
      ['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user'],
    );
  }
});

const noRunc =
  (!facts.root && 'it is run as root') ||
  (facts.cgroup === 'v2' && 'version 1 is not mounted here') ||
  (facts.guest && 'this is a guest') ||
  (!findProgram('runc') && 'runc is not installed');

here(
  noRunc,
  'version 1, controller by controller: runc’s bundle, with a group below that has no limits of its own',
  t => {
    const work = mkdtempSync(`${tmpdir()}/boxwright-bundle-`);
    // The container’s root is somebody else out here, and must get to its files.
    chmodSync(work, 0o755);
    t.teardown(() => rmSync(work, { recursive: true, force: true }));
    const order = { command: busy, env: { PATH: '/bin' }, rlimits: [] };
    const { high: _, ...plain } = memory;
    const { weight: __, ...cpu } = resources.cpu;
    // Where the container is to be is known in there only.
    const bundle = makeBundle(work, {
      ...order,
      cgroup: '/GROUP/box',
      resources: { ...resources, memory: plain, cpu },
    });
    const said = inside(`
    sed -i "s|/GROUP|/$GROUP|" ${bundle}/config.json
    runc --root $F/runc run --detach --bundle ${bundle} box < /dev/null > log 2>&1
    pid=$(runc --root $F/runc state box | sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p')
    i=0; until grep -q '^throttled_time [1-9]' /sys/fs/cgroup/cpu/$GROUP/box/cpu.stat; do sleep 0.1; i=$((i+1)); test $i -lt 3000; done
    for g in memory cpu cpuacct pids freezer; do mkdir -p files/$g; for f in /sys/fs/cgroup/$g/$GROUP/box/*; do cat $f > files/$g/\${f##*/} 2>/dev/null || true; done; done
    xray $pid --json > xray.json
    cat /proc/$pid/uid_map > map
    lsns --json --task $pid --output ns,type > lsns.json
    # Down into a group below: the limits that hold are still those of the group above.
    mkdir /sys/fs/cgroup/memory/$GROUP/box/below; echo $pid > /sys/fs/cgroup/memory/$GROUP/box/below/cgroup.procs
    xray $pid --json > below.json
    # A process that is being held back comes late to where it can be frozen, and runc does not wait for it for long.
    echo -1 > /sys/fs/cgroup/cpu/$GROUP/box/cpu.cfs_quota_us
    i=0; until runc --root $F/runc pause box 2>> log; do i=$((i+1)); test $i -lt 100; done
    xray $pid --json > frozen.json; runc --root $F/runc resume box
    runc --root $F/runc delete --force box; rmdir /sys/fs/cgroup/memory/$GROUP/box/below || true`);
    t.teardown(said.end);
    const { cgroup, namespaces, users, unread } = said.json<Xray>('xray.json');
    const file = (name: string) => Number(said.read(`files/${name}`));
    t.like(cgroup, { version: 1, path: `/boxwright-xray-${process.pid}/box`, frozen: false });
    t.is(cgroup?.memory.max, memory.max - (memory.max % page));
    t.is(cgroup?.memory.high, null);
    t.true((cgroup?.memory.peak ?? 0) >= file('memory/memory.max_usage_in_bytes'));
    t.true((cgroup?.cpu.usage ?? 0) >= file('cpuacct/cpuacct.usage') / 1e9);
    t.true((cgroup?.cpu.throttled ?? 0) > 0);
    t.is(cgroup?.cpu.quota, resources.cpu.quota / resources.cpu.period);
    t.is(cgroup?.cpu.weight, file('cpu/cpu.shares'));
    t.deepEqual(cgroup?.pids, { current: 1, max: resources.pids });
    t.deepEqual(unread, []);
    const listed = said.json<{ namespaces: { ns: number; type: string }[] }>('lsns.json').namespaces;
    t.deepEqual(
      namespaces.map(({ kind, inode }) => [kind, inode]).sort(),
      listed.map(({ ns, type }) => [type, Number(ns)]).sort(),
    );
    t.deepEqual(users?.uids.map(Object.values), [said.read('map').trim().split(/\s+/).map(Number)]);
    const below = said.json<Xray>('below.json').cgroup;
    t.regex(below?.path ?? '', /\/below$/);
    t.is(below?.memory.max, cgroup?.memory.max as number);
    t.true(said.json<Xray>('frozen.json').cgroup?.frozen);
  },
);
