// Our own container on the sandbox's host: what the x-ray says, beside what was asked for and what other programs say.
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { dockerCapabilities } from '#linux';
import { machineFacts } from '../doctor/facts.ts';
import { whyNot } from '../doctor/needs.ts';
import { findLesson } from '../lessons.ts';
import { baseRootfs } from '../paths.ts';
import { readLive, readXray } from './index.ts';
import { flat, said, saidThere, startLesson, type TestContainer, until } from './kit.ts';
import { showXray } from './terminal/show.ts';
import type { Xray } from './types.ts';

const facts = await machineFacts();
const reason =
  (!facts.root && 'the bridge of lesson 13 takes root') ||
  (whyNot(findLesson('13').needs, facts) ?? whyNot(findLesson('14').needs, facts));

const bridge = `x${randomBytes(4).toString('hex')}`;
const net = randomInt(1, 250);
const first = randomInt(2, 200);
const capabilities = dockerCapabilities.filter(() => randomInt(2) === 1);
const text = randomBytes(randomInt(10, 100)).toString('hex');
const spec = {
  hostname: `x-${randomBytes(4).toString('hex')}`,
  network: 'bridge',
  publish: [{ hostPort: randomInt(20_000, 30_000), containerPort: 80, protocol: 'tcp' }],
  bridge: {
    ...{ name: bridge, subnets: [`10.77.${net}.0/24`, `fd77:${net}::/64`], numbers: [first, 250] },
    pool: `/run/boxwright/pools/${bridge}`,
  },
  capabilities,
  command: [
    ...['/bin/sh', '-c'],
    `echo ${text} > /new; rm /etc/passwd; echo >> /etc/group; rm -r /root; mkdir /root; mkdir /made
    /bin/busybox nc -l -p 8080 & ping -c 1 10.77.${net}.${first} & wait $!; : > /ready; wait`,
  ],
};
const ping = (times: number) =>
  saidThere(box.host, `${baseRootfs}/bin/busybox`, 'ping', '-c', String(times), own[0] as string);
const own = [`10.77.${net}.${first + 1}`, `fd77:${net}::${(first + 1).toString(16)}`];

let box: TestContainer;
let xray: Xray;
const serial = reason
  ? (title: string, _: unknown) => test.skip(`${title} (skipped: ${reason})`, () => {})
  : test.serial;

if (!reason) {
  test.before(async () => {
    box = await startLesson('14', spec);
    await until('the container is ready', () => existsSync(`/proc/${box.pid}/root/ready`));
    const rule = `add table inet own; add chain inet own c { type filter hook prerouting priority 0; }
      add rule inet own c ip saddr ${own[0]} counter accept comment "for # handle 1"
      add rule inet own c ip saddr 203.0.113.7 counter drop`;
    saidThere(box.host, 'nft', rule);
    saidThere(box.host, 'iptables-legacy', '-t', 'nat', '-A', 'POSTROUTING', '-s', `10.77.${net}.0/24`, '-j', 'RETURN');
    xray = await readXray(box.pid, {
      ...{ host: box.host, name: 'lesson 14' },
      storage: { lowers: [`/proc/${box.host}/root/run/boxwright/images/base`] },
    });
  });
  test.after.always(() => box?.end());
}

serial('namespaces are those that lsns lists, and what is its own is another than the host’s', t => {
  const listed = JSON.parse(said('lsns', '--json', '--task', String(box.pid), '--output', 'ns,type')).namespaces;
  const theirs = listed.map(({ ns, type }: { ns: number; type: string }) => [type, Number(ns)]).sort();
  t.deepEqual(xray.namespaces.map(({ kind, inode }) => [kind, inode]).sort(), theirs);
  t.deepEqual(
    xray.namespaces.filter(each => each.own).map(({ kind }) => kind),
    ['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user'],
  );
  // The supervisor of lesson 01 stays outside of the process table only.
  const count = JSON.parse(said('lsns', '--json', '--type', 'pid', '--output', 'ns,nprocs')).namespaces;
  const pid = xray.namespaces.find(({ kind }) => kind === 'pid');
  t.true(Math.abs(count.find(({ ns }: { ns: number }) => Number(ns) === pid?.inode).nprocs - (pid?.members ?? 0)) <= 1);
});

serial('processes are those of its process table, with the numbers that they have in there', t => {
  const inside = saidThere(
    box.pid,
    'nsenter',
    `--pid=/proc/${box.pid}/ns/pid`,
    `--mount=/proc/${box.pid}/ns/mnt`,
    '/bin/ls',
    '/proc',
  );
  const numbers = inside
    .split('\n')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
  const ours = xray.processes.map(({ nsPids }) => nsPids.at(-1) ?? 0);
  t.is(xray.process.nsPids.at(-1), 1);
  t.true(ours.includes(1));
  // ls itself, and a sleep that has ended, or begun, since.
  t.true(ours.filter(each => !numbers.includes(each)).length <= 1);
  t.true(xray.processes.some(({ command }) => command.includes('8080')));
  t.deepEqual(
    xray.process.uids,
    xray.process.uids.map(() => xray.users?.uids[0]?.outside ?? -1),
  );
});

serial('mounts are those that findmnt draws, as a tree', t => {
  interface Listed {
    id: number;
    target: string;
    fstype: string;
    children?: Listed[];
  }
  const args = ['--json', '--task', String(box.pid), '--output', 'id,target,fstype'];
  const tree = JSON.parse(said('findmnt', ...args)).filesystems[0] as Listed;
  const theirs = (each: Listed): unknown => ({
    ...{ id: each.id, path: each.target, type: each.fstype },
    children: (each.children ?? []).toSorted((a, b) => a.id - b.id).map(theirs),
  });
  const ours = ({ id, path, type, children }: NonNullable<Xray['mounts']>): unknown => ({
    id,
    path,
    type,
    children: children.toSorted((a, b) => a.id - b.id).map(ours),
  });
  t.deepEqual(xray.mounts && ours(xray.mounts), theirs(tree));
  const roles = new Map(xray.mounts && flat(xray.mounts).map(each => [each.path, each.role]));
  const expected = {
    ...{
      '/': 'root',
      '/proc': 'kernel',
      '/sys': 'kernel',
      '/dev': 'memory',
      '/dev/null': 'device',
      '/dev/shm': 'memory',
    },
    ...{
      '/etc/hosts': 'bind',
      '/etc/resolv.conf': 'bind',
      '/proc/keys': 'mask',
      '/proc/acpi': 'mask',
      '/proc/sys': 'kernel',
    },
  };
  for (const [path, role] of Object.entries(expected)) if (roles.has(path)) t.is(roles.get(path), role as never, path);
});

serial('the overlay tells what has been made, changed, replaced and removed, and where the rest comes from', t => {
  const [overlay] = xray.overlays;
  t.is(overlay?.path, '/');
  t.deepEqual(
    overlay?.layers.map(({ kind }) => kind),
    ['upper', 'lower'],
  );
  const kinds = new Map(overlay?.files.map(({ path, kind, layer }) => [path, `${kind} ${layer}`]));
  t.like(Object.fromEntries(kinds), {
    ...{
      '/new': 'new 0',
      '/made': 'new 0',
      '/etc/group': 'changed 0',
      '/etc/passwd': 'whiteout 0',
      '/root': 'opaque 0',
    },
    ...{ '/ready': 'new 0', '/bin/busybox': 'lower 1' },
  });
  t.false(kinds.has('/etc'));
  const base = `/proc/${box.host}/root/run/boxwright/images/base`;
  t.is(overlay?.layers[1]?.entries, said('find', base, '-mindepth', '1').trim().split('\n').length);
});

serial('a layer that cannot be seen from here is said to be so, and a changed file is known all the same', async t => {
  const { overlays, unread } = await readXray(box.pid, { host: box.host });
  const [overlay] = overlays;
  if (overlay?.layers[1]?.entries === null) t.regex(unread.map(({ what }) => what).join(), /1 of the 2 layers of \//);
  else t.true((overlay?.layers[1]?.entries ?? 0) > 10, 'a machine on which layers are not shifted');
  const kinds = Object.fromEntries(overlay?.files.map(({ path, kind }) => [path, kind]) ?? []);
  t.like(kinds, { '/etc/group': 'changed', '/new': 'new', '/etc/passwd': 'whiteout' });
});

serial('users are the map that the kernel holds', t => {
  const map = readFileSync(`/proc/${box.pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number);
  t.deepEqual(
    xray.users?.uids.map(({ inside, outside, count }) => [inside, outside, count]),
    [map],
  );
  t.false(xray.users?.identity);
});

serial('the network has the addresses that were given, a wire to the bridge, and both ends say so', t => {
  const eth0 = xray.network?.links.find(({ name }) => name === 'eth0');
  t.false(xray.network?.host);
  t.like(eth0, { kind: 'veth', up: true, mtu: 1500 });
  t.deepEqual(eth0?.addresses.slice(0, 2), [`${own[0]}/24`, `${own[1]}/64`]);
  t.deepEqual(eth0?.peer, { in: 'host', name: `${bridge}-${first + 1}`, bridge });
  t.like(xray.network?.bridges, [{ name: bridge, up: true, ports: [`${bridge}-${first + 1}`] }]);
  t.true(xray.network?.bridges[0]?.addresses.includes(`10.77.${net}.${first}/24`));
  const routes = xray.network?.routes.map(({ destination, via, link }) => `${destination} ${via} ${link}`);
  t.true(routes?.includes(`default 10.77.${net}.${first} eth0`), routes?.join());
  t.deepEqual(xray.network?.listening.filter(({ port }) => port === 8080).map(({ protocol }) => protocol)[0], 'tcp');
});

serial('counters are the kernel’s; the second reading has the new ones, and so has the quick one', async t => {
  const count = () => Number(said('cat', `/proc/${box.pid}/root/sys/class/net/eth0/statistics/rx_packets`));
  const low = count();
  const again = await readXray(box.pid, { host: box.host });
  const between = again.network?.links.find(({ name }) => name === 'eth0')?.received.packets ?? -1;
  t.true(low <= between && between <= count());
  ping(3);
  const live = await readLive(box.pid, again, box.host);
  const eth0 = live.network?.links.find(({ name }) => name === 'eth0');
  t.true((eth0?.received.packets ?? 0) >= between + 3);
  t.is(eth0?.peer?.bridge, bridge);
});

serial('rules that speak of it are there with their packets, others are not', async t => {
  ping(4);
  const again = await readXray(box.pid, { host: box.host });
  const rules = again.network?.rules ?? [];
  const counted = rules.find(({ table }) => table === 'inet own');
  const listed = JSON.parse(saidThere(box.host, 'nft', '--json', 'list', 'chain', 'inet', 'own', 'c')).nftables;
  const expr = listed.map(({ rule }: { rule?: { expr: unknown[] } }) => rule?.expr).find(Boolean);
  t.is(counted?.packets, expr.find((each: { counter?: unknown }) => each.counter).counter.packets);
  t.true((counted?.packets ?? 0) >= 4);
  t.is(counted?.text, `ip saddr ${own[0]} counter accept comment "for # handle 1"`);
  t.false(rules.some(({ text }) => text.includes('203.0.113.7')));
  // The port that was published is in a map: the rule that asks it, and the one that leads to that rule.
  const chains = rules.filter(({ table }) => table === `inet ${bridge}`).map(({ chain }) => chain);
  for (const chain of ['publish', 'arriving', 'leaving', 'guard']) t.true(chains.includes(chain), chain);
  t.is(rules.find(({ table }) => table === `inet ${bridge}`)?.packets, null);
  t.like(
    rules.find(({ table }) => table === 'iptables nat'),
    { chain: 'POSTROUTING', text: `-s 10.77.${net}.0/24 -j RETURN` },
  );
});

serial('privileges are those that were asked for', t => {
  const { capabilities: sets, seccomp, noNewPrivileges } = xray.privileges;
  const wanted = capabilities.map(name => name.slice('CAP_'.length).toLowerCase()).sort();
  t.deepEqual(sets.effective.toSorted(), wanted);
  t.deepEqual(sets.bounding.toSorted(), wanted);
  t.deepEqual(sets.ambient, []);
  // '4711: cap_chown,cap_kill=ep'
  const listed = said('getpcaps', String(box.pid))
    .trim()
    .replace(/^\d+: ?/, '')
    .replace(/=\w*$/, '')
    .split(',');
  t.deepEqual(
    sets.permitted.toSorted(),
    listed
      .filter(Boolean)
      .map(name => name.slice('cap_'.length))
      .sort(),
  );
  t.deepEqual(seccomp, { mode: 'filter', filters: 1 });
  t.true(noNewPrivileges);
});

serial('as text it fits the columns, and has no control character', t => {
  for (const width of [80, 60, 40]) {
    for (const line of showXray(xray, width).split('\n')) t.true([...line].length <= width, `${width}: ${line}`);
  }
  t.notRegex(showXray(xray, 80), /[^\P{Cc}\n]/u);
});

serial('the host’s own process is seen as sharing all', async t => {
  const { namespaces, network } = await readXray(box.host, { host: box.host });
  t.true(namespaces.every(each => !each.own));
  t.true(network?.host);
  t.true(network?.bridges.some(({ name }) => name === bridge));
  // From that side, the other end is the container's.
  const link = network?.links.find(({ name }) => name === `${bridge}-${first + 1}`);
  const there = link?.peer?.in;
  t.is(link?.peer?.name, 'eth0');
  t.true(typeof there === 'number' && saidThere(there, 'ip', '-4', 'address').includes(`${own[0]}/24`));
});
