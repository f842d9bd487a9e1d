// How much goes through: from container to container, and from a container through the host's translation, beside two network
// namespaces wired by hand with the same commands. All in a network namespace of its own, which nothing leaves.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { searchPath } from '../workshop/doctor/probe.ts';
import { baseRootfs } from '../workshop/paths.ts';
import { median, table } from './measure.ts';

const rounds = 7;
const env = { PATH: searchPath };

export async function benchNetwork(): Promise<void> {
  const node = [process.execPath, '--conditions=solution', '--no-warnings', fileURLToPath(import.meta.url)];
  execFileSync('unshare', ['--net', '--mount', '--propagation=private', ...node], { stdio: 'inherit' });
}

async function measure(): Promise<void> {
  const { contain } = await import('#13-veth-bridge');
  const folder = mkdtempSync(`${tmpdir()}/boxwright-bench-`);
  // The container's root is somebody else on the host, and must get to its folder.
  chmodSync(folder, 0o755);
  const ends: (() => void)[] = [];
  try {
    ip('link set lo up');
    const [world, first, second] = [openNamespace(ends), openNamespace(ends), openNamespace(ends)];
    await sleep(200);
    ip(
      `link add uplink type veth peer name eth0 netns ${world}`,
      'addr add 192.0.2.1/24 dev uplink',
      'link set uplink up',
    );
    inside(world, 'addr add 192.0.2.2/24 dev eth0', 'link set eth0 up');
    wireByHand([first, second]);

    const bridge = {
      name: 'box0',
      subnets: ['10.13.0.0/24', 'fd13::/64'] as [string, string],
      numbers: [1, 254] as [number, number],
    };
    const spec = {
      command: ['/bin/sleep', '3600'],
      layers: [baseRootfs],
      containers: folder,
      network: 'bridge' as const,
    };
    const start = async () => {
      const box = await contain({ ...spec, bridge: { ...bridge, pool: `${folder}/pool` } });
      ends.push(() => box.kill('SIGKILL'));
      return box;
    };
    const [one, two] = [await start(), await start()];
    const pairs = {
      'container to container': {
        ours: () => throughput(one.pid, two.pid, '10.13.0.3'),
        hand: () => throughput(first, second, '10.14.0.3'),
      },
      'through the host, translated': {
        ours: () => throughput(one.pid, world, '192.0.2.2'),
        hand: () => throughput(first, world, '192.0.2.2'),
      },
    };
    const rates = Object.entries(pairs).map(([name, pair]) => ({
      name,
      ...pair,
      a: [] as number[],
      b: [] as number[],
    }));
    for (let round = 0; round < rounds; round++) {
      for (const { ours, hand, a, b } of rates) {
        // Each goes first every other time.
        for (const mine of round % 2 ? [true, false] : [false, true]) {
          if (mine) a.push(await ours());
          else b.push(await hand());
        }
      }
    }
    console.log(`\nOne TCP connection, Gbit/s: medians of ${rounds} rounds in turn, a second each\n`);
    const rows = rates.map(({ name, a, b }) => [name, median(a), median(b), median(a) / median(b)]);
    console.log(table(['', 'Boxwright', 'by hand', 'ratio'], rows));
    for (const box of [one, two]) box.kill('SIGKILL');
    await Promise.all([one.exited, two.exited]);
    await sleep(300);
  } finally {
    for (const end of ends) end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process in a network namespace that has nothing in it yet. */
function openNamespace(ends: (() => void)[]): number {
  const child = spawn('unshare', ['--net', 'sleep', '3600'], { stdio: 'ignore', env });
  ends.push(() => child.kill('SIGKILL'));
  return child.pid ?? 0;
}

/** Commands of ip(8), on the host and in the network of a process. */
const ip = (...lines: string[]) => execFileSync('ip', ['-batch', '-'], { input: lines.join('\n'), env });
const inside = (pid: number, ...lines: string[]) =>
  execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'], { input: lines.join('\n'), env });

/** What lesson 13 makes, with 10.14.0.0/24: numbers 2 and 3 on a bridge, and a mask for what leaves by another interface. */
function wireByHand(places: number[]): void {
  ip('link add hand0 type bridge', 'addr add 10.14.0.1/24 dev hand0', 'link set hand0 up');
  for (const [i, pid] of places.entries()) {
    ip(
      `link add hand0-${i} type veth peer name eth0 netns ${pid}`,
      `link set hand0-${i} master hand0`,
      `link set hand0-${i} up`,
    );
    inside(pid, `addr add 10.14.0.${i + 2}/24 dev eth0`, 'link set eth0 up', 'route add default via 10.14.0.1');
  }
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  const chain = 'type nat hook postrouting priority srcnat; ip saddr 10.14.0.0/24 oifname != "hand0" masquerade;';
  execFileSync('nft', ['-f', '-'], { input: `table ip hand0 {\nchain leaving { ${chain} }\n}\n`, env });
}

/** From one network to a server in another, in Gbit/s. iperf3(1) */
async function throughput(from: number, to: number, address: string): Promise<number> {
  const enter = (pid: number) => [`--net=/proc/${pid}/ns/net`, 'iperf3'];
  const server = spawn('nsenter', [...enter(to), '--server', '--one-off'], { stdio: 'ignore', env });
  const ended = new Promise(resolve => server.once('exit', resolve));
  await sleep(100);
  const args = [...enter(from), '--client', address, '--time', '1', '--json'];
  const { end } = JSON.parse(execFileSync('nsenter', args, { encoding: 'utf8', env }));
  await ended;
  return end.sum_received.bits_per_second / 1e9;
}

if (import.meta.main) await measure();
