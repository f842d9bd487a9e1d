// Lesson 13: a wire and a switch. Read README.md beside this file; save, and watch the verdict.
import { mkdir, writeFile } from 'node:fs/promises';
import { $ as zx } from 'zx/core';
import { type Spec as AloneSpec, contain as containAlone } from '#12-network-namespace';
import { nthAddress, type Process, readStartTime, withLock } from '#linux';

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
  // TODO 1: what the files of the pool say, as far as their holders live; the files of others go.
  return new Map();
}

/** Finds a number that nobody has, and writes down whose it is. */
async function takeNumber(bridge: Bridge, lease: Lease): Promise<number> {
  // TODO 1: a number that nobody has, though many ask at once, and written down before the next one asks.
  return bridge.numbers[0] + 1;
}

/** Makes the switch, with the gateway's addresses, or takes it away. What was left half made is made anew. */
async function setBridge(bridge: Bridge, wanted: boolean): Promise<void> {
  // TODO 2: the switch, up, with the gateway’s addresses; or no switch. With `vxlan`, it is stretched.
}

/** The wire: one end in the switch, the other in the container as eth0, with its addresses and the ways out. veth(4) */
async function plug(box: Process, { name, subnets, numbers }: Bridge, number: number): Promise<void> {
  // TODO 2: two ends, one in the switch, one in the container as eth0, both up; two addresses, two ways out.
}

/** All rules for those who are there, in place of all before; none, and no table, when nobody is. nft(8) */
async function setRules({ name, subnets: [v4, v6] }: Bridge, leases: Map<number, Lease>): Promise<void> {
  // TODO 3: the host passes packets on; to the world in its own name, and from its published ports to containers.
}

/** Answers on the host's ::1, port by port: from there the kernel translates nothing that comes back. TCP only. */
async function answerOnLoopback(box: Process, { subnets }: Bridge, number: number, ports: Port[]): Promise<void> {
  // TODO 3: for each port a server that passes on what it hears, both ways, until the container ends.
}

/** In the container, /etc/hosts is the bridge's, and /etc/resolv.conf says who is asked for all other names. */
async function showNames(box: Process, { pool }: Bridge, number: number, dns?: string[]): Promise<void> {
  // TODO 4: a resolv.conf for this container, in the pool; both files mounted. The box does not see the pool: who sees both?
}

/** An interface of its own, eth0, beside one of the host's: one more machine in the host's network. ip-link(8), MACVLAN */
async function plugBeside(box: Process, { macvlan }: Spec): Promise<void> {
  // TODO 5: the interface, with its address and its way out.
}

/** One more wire in the switch, which leads through the network between the hosts to the same switch on others. */
async function stretch({ name, vxlan }: Bridge): Promise<void> {
  // TODO 5: the interface, in the switch, and to whom its frames go. What it packs, it makes longer.
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
