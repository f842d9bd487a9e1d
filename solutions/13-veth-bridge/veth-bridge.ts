// Lesson 13: a wire and a switch. Read README.md beside this file; save, and watch the verdict.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { $ as zx } from 'zx/core';
import { type Spec as AloneSpec, contain as containAlone } from '#12-network-namespace';
import { AT, CLONE, MOVE_MOUNT, nthAddress, O, OPEN_TREE, Process, readStartTime, withLock } from '#linux';

export interface Bridge {
  /** Of the interface on the host, and of the table with its rules. At most 11 bytes, for its wires have longer names. */
  name: string;
  /** '10.13.0.0/24' and 'fd13::/64': whoever has number 7 has 10.13.0.7 and fd13::7. */
  subnets: [v4: string, v6: string];
  /** What this host may give away. The first is the bridge's own, the gateway; one in use has a file in the folder `pool`. */
  numbers: [first: number, last: number];
  pool: string;
  /** The same bridge on other hosts, each by an address of its own. ip-link(8), VXLAN */
  vxlan?: { id: number; local: string; remotes: string[] };
}
const pool = '/run/boxwright/pools/box0';
export const box0: Bridge = { name: 'box0', subnets: ['10.13.0.0/24', 'fd13::/64'], numbers: [1, 254], pool };
export type Port = { hostPort: number; containerPort: number; protocol: 'tcp' | 'udp' };
/** Whose a number is: until this process has ended. */
export type Lease = { pid: number; started: number | null; hostname?: string | undefined; ports: Port[] };

export interface Spec extends Omit<AloneSpec, 'network'> {
  /** Lesson 12's, and two more: a wire to a bridge, or an interface of its own beside one of the host's. */
  network?: AloneSpec['network'] | 'bridge' | 'macvlan';
  bridge?: Bridge;
  macvlan?: { parent: string; address: string; gateway: string };
  /** Ports of the host that lead to the container. `docker run --publish` */
  publish?: Port[];
  /** The addresses of those who know names; when absent, whom the host asks. resolv.conf(5) */
  dns?: string[];
}

/** Not the shell that one has made oneself comfortable in; and not npm's `nft`, which is another program. */
const $ = zx({ quiet: true, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SHLVL: '1' } });

/** Commands of ip(8), one to a line, up to the first that fails: on the host, or where that process has its network. */
async function ip(commands: string, pid?: number): Promise<void> {
  await $({ input: commands })`${pid ? ['nsenter', `--net=/proc/${pid}/ns/net`] : []} ip -batch -`;
}

/** The leases whose holders live, by number. The others' files go. For whoever holds the pool's lock. */
async function readLeases({ pool }: Bridge): Promise<Map<number, Lease>> {
  const leases = new Map<number, Lease>();
  for (const name of await readdir(pool)) {
    if (!/^\d+$/.test(name)) continue;
    const lease: Lease = JSON.parse(await readFile(`${pool}/${name}`, 'utf8'));
    const started = readStartTime(lease.pid);
    if (started !== null && started === lease.started) leases.set(Number(name), lease);
    else for (const file of [name, `${name}.resolv`]) await rm(`${pool}/${file}`, { force: true });
  }
  return leases;
}

/** Finds a number that nobody has, and writes down whose it is. */
async function takeNumber(bridge: Bridge, lease: Lease): Promise<number> {
  const { pool, numbers, subnets } = bridge;
  return withLock(`${pool}/lock`, async () => {
    const leases = await readLeases(bridge);
    const names = ({ ports }: Lease) => ports.map(port => `${port.hostPort}/${port.protocol}`);
    const theirs = [...leases.values()].flatMap(names);
    const twice = names(lease).find(port => theirs.includes(port));
    if (twice) throw new Error(`port ${twice} of the host leads to another container already`);

    for (let number = numbers[0] + 1; number <= numbers[1]; number++) {
      if (leases.has(number)) continue;
      // Renamed when it is whole: who is killed in between leaves no half of a lease.
      await writeFile(`${pool}/new`, JSON.stringify(lease));
      await rename(`${pool}/new`, `${pool}/${number}`);
      return number;
    }
    throw new Error(`no address is left in ${subnets[0]}`);
  });
}

/** `ip link` takes an address of hardware: of our own making, and always the same for the same number. */
const hardware = (number: number) =>
  `02:00:00:00:${[number >> 8, number & 255].map(byte => byte.toString(16)).join(':')}`;

/** Makes the switch, with the gateway's addresses, or takes it away. What was left half made is made anew. */
async function setBridge(bridge: Bridge, wanted: boolean): Promise<void> {
  const { name, subnets, numbers, vxlan } = bridge;
  const found = await $({ nothrow: true })`ip -j link show ${name}`;
  if (wanted && found.ok && found.json()[0].flags.includes('UP')) return;

  if (vxlan) await $({ nothrow: true })`ip link delete vxlan${vxlan.id}`;
  if (found.ok) await $`ip link delete ${name}`;
  if (!wanted) return;

  const [v4, v6] = subnets.map(subnet => nthAddress(subnet, numbers[0]));
  await ip(`link add ${name} address ${hardware(numbers[0])} type bridge`);
  // Nobody else has these addresses. Without this, IPv6 would first ask around for a second or two.
  await writeFile(`/proc/sys/net/ipv6/conf/${name}/accept_dad`, '0');
  await ip(`addr add ${v4} dev ${name}
    addr add ${v6} dev ${name}`);
  if (vxlan) await stretch(bridge);
  // Last, for it says that all of this is done.
  await ip(`link set ${name} up`);
}

/** The wire: one end in the switch, the other in the container as eth0, with its addresses and the ways out. veth(4) */
async function plug(box: Process, { name, subnets, numbers, vxlan }: Bridge, number: number): Promise<void> {
  const mtu = vxlan ? packedMtu : 1500;
  const [v4, v6] = subnets.map(subnet => nthAddress(subnet, number));
  const gateways = subnets.map(subnet => nthAddress(subnet, numbers[0]).split('/')[0]);
  const end = `${name}-${number}`;

  // That end is made where it belongs. It goes with the container's namespace, and the other end with it.
  const peer = `peer name eth0 address ${hardware(number)} mtu ${mtu} netns ${box.pid}`;
  await ip(`link add ${end} mtu ${mtu} type veth ${peer}
    link set ${end} master ${name}
    link set ${end} type bridge_slave hairpin on
    link set ${end} up`);
  await ip(
    `addr add ${v4} dev eth0
    addr add ${v6} dev eth0 nodad
    link set eth0 up
    route add default via ${gateways[0]}
    route add default via ${gateways[1]}`,
    box.pid,
  );
}

/** All rules for those who are there, in place of all before; none, and no table, when nobody is. nft(8) */
async function setRules({ name, subnets: [v4, v6] }: Bridge, leases: Map<number, Lease>): Promise<void> {
  const removal = `table inet ${name}\ndelete table inet ${name}\n`;
  if (leases.size === 0) {
    await $({ input: removal })`nft -f -`;
    return;
  }
  for (const setting of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding', `ipv4/conf/${name}/route_localnet`]) {
    await writeFile(`/proc/sys/net/${setting}`, '1');
  }

  const elements = (subnet: string) => {
    const list = [...leases].flatMap(([number, { ports }]) => {
      const address = nthAddress(subnet, number).split('/')[0];
      return ports.map(port => `${port.protocol} . ${port.hostPort} : ${address} . ${port.containerPort}`);
    });
    return list.length > 0 ? `elements = { ${list.join(', ')} }` : '';
  };
  // One transaction: nobody ever sees the old rules gone and the new ones not yet there.
  const rules = `table inet ${name} {
    map ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; ${elements(v4)} }
    map ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; ${elements(v6)} }
    chain publish {
      dnat ip to meta l4proto . th dport map @ports4
      ip6 daddr != ::1 dnat ip6 to meta l4proto . th dport map @ports6
    }
    chain arriving { type nat hook prerouting priority dstnat; fib daddr type local jump publish; }
    chain from_host { type nat hook output priority -100; fib daddr type local jump publish; }
    chain leaving {
      type nat hook postrouting priority srcnat;
      ip saddr ${v4} oifname != ${name} masquerade
      ip6 saddr ${v6} oifname != ${name} masquerade
      oifname ${name} ct status dnat ip saddr { ${v4}, 127.0.0.0/8 } masquerade
      oifname ${name} ct status dnat ip6 saddr ${v6} masquerade
    }
    chain guard { type filter hook prerouting priority raw; iifname ${name} ip daddr 127.0.0.0/8 drop; }
  }`;
  await $({ input: removal + rules })`nft -f -`;
}

/** Answers on the host's ::1, port by port: from there the kernel translates nothing that comes back. TCP only. */
async function answerOnLoopback(box: Process, { subnets }: Bridge, number: number, ports: Port[]): Promise<void> {
  const [address = ''] = nthAddress(subnets[1], number).split('/');
  for (const { hostPort, containerPort } of ports.filter(port => port.protocol === 'tcp')) {
    const server = createServer(client => {
      const onward = connect(containerPort, address);
      client.pipe(onward).pipe(client);
      client.on('error', () => onward.destroy());
      onward.on('error', () => client.destroy());
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(hostPort, '::1', resolve));
    box.exited.then(() => server.close());
  }
}

/** In the container, /etc/hosts is the bridge's, and /etc/resolv.conf says who is asked for all other names. */
async function showNames(box: Process, { pool }: Bridge, number: number, dns?: string[]): Promise<void> {
  const host = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  // On the container's loopback nobody answers, though somebody may on the host's.
  const usual = host.replace(/^\s*nameserver\s+(127\.|::1).*\n?/gm, '');
  const resolver = `${pool}/${number}.resolv`;
  await writeFile(resolver, dns ? dns.map(address => `nameserver ${address}\n`).join('') : usual);

  const mounter = await Process.start();
  try {
    const files = [`${pool}/hosts`, resolver];
    const trees = await Promise.all(files.map(file => mounter.syscall('open_tree', AT.FDCWD, file, OPEN_TREE.CLONE)));
    await mounter.setns(await mounter.open(`/proc/${box.pid}/ns/mnt`), CLONE.NEWNS);
    for (const [i, path] of ['/etc/hosts', '/etc/resolv.conf'].entries()) {
      // An image need not have them, and a mount wants something to lie on.
      await box.close(await box.open(path, O.RDONLY | O.CREAT, 0o644));
      await mounter.syscall('move_mount', trees[i], '', AT.FDCWD, path, MOVE_MOUNT.F_EMPTY_PATH);
    }
  } finally {
    await mounter.end();
  }
}

/** An interface of its own, eth0, beside one of the host's: one more machine in the host's network. ip-link(8), MACVLAN */
async function plugBeside(box: Process, { macvlan }: Spec): Promise<void> {
  if (!macvlan) throw new Error('network: macvlan, and nothing says beside which interface');
  await ip(`link add eth0 link ${macvlan.parent} netns ${box.pid} type macvlan mode bridge`);
  await ip(
    `addr add ${macvlan.address} dev eth0
    link set eth0 up
    route add default via ${macvlan.gateway}`,
    box.pid,
  );
}

/** A VXLAN packs what it carries in 50 bytes more, and the whole must fit where 1500 do. */
const packedMtu = 1450;

/** One more wire in the switch, which leads through the network between the hosts to the same switch on others. */
async function stretch({ name, vxlan }: Bridge): Promise<void> {
  if (!vxlan) return;
  const device = `vxlan${vxlan.id}`;
  await ip(`link add ${device} mtu ${packedMtu} type vxlan id ${vxlan.id} local ${vxlan.local} dstport 4789
    link set ${device} master ${name}
    link set ${device} up`);
  // To whom a frame goes whose receiver nobody knows yet: to all of them.
  for (const remote of vxlan.remotes) await $`bridge fdb append 00:00:00:00:00:00 dev ${device} dst ${remote}`;
}

/** Makes the host as the pool says. The names are written in place, for the containers have mounted this very file. */
async function refresh(bridge: Bridge): Promise<void> {
  await withLock(`${bridge.pool}/lock`, async () => {
    const leases = await readLeases(bridge);
    const lines = [...leases].flatMap(([number, { hostname }]) =>
      hostname ? bridge.subnets.map(subnet => `${nthAddress(subnet, number).split('/')[0]} ${hostname}\n`) : [],
    );
    await writeFile(`${bridge.pool}/hosts`, `127.0.0.1 localhost\n::1 localhost\n${lines.join('')}`);
    await setBridge(bridge, leases.size > 0);
    await setRules(bridge, leases);
  });
}

/** Gives the process, which has a network namespace of its own, the network that the container shall have. */
export async function attach(box: Process, spec: Spec): Promise<void> {
  if (spec.network === 'macvlan') await plugBeside(box, spec);
  if (spec.network !== 'bridge') return;
  const { bridge = box0, publish: ports = [], hostname } = spec;
  await mkdir(bridge.pool, { recursive: true });
  const number = await takeNumber(bridge, { pid: box.pid, started: readStartTime(box.pid), hostname, ports });
  box.exited.then(() => refresh(bridge));
  await refresh(bridge);
  await plug(box, bridge, number);
  await answerOnLoopback(box, bridge, number, ports);
  await showNames(box, bridge, number, spec.dns);
}

/** The container so far: it has a wire to the others, and to the world. All is ready before the command is started. */
export async function contain(spec: Spec): Promise<Process> {
  return containAlone({ ...spec, inside: box => attach(box, spec).then(() => spec.inside?.(box)) } as AloneSpec);
}
