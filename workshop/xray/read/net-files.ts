// A network as /proc/PID/net tells it: what counts there, at hardly any cost; and, without ip(8) or the right to enter, the little
// that anybody may see. proc_pid_net(5)
import { readFileSync } from 'node:fs';
import type { LinkView, NetworkView } from '../types.ts';
import { readableAddress } from './sockets.ts';

type Counters = Pick<LinkView, 'received' | 'sent'>;

/** By the interface's name. */
export function readCounters(pid: number): Map<string, Counters> {
  const lines = read(pid, 'dev').split('\n').slice(2).filter(Boolean);
  return new Map(
    lines.map(line => {
      const colon = line.lastIndexOf(':');
      const numbers = line
        .slice(colon + 1)
        .trim()
        .split(/\s+/)
        .map(Number);
      const at = (i: number) => ({ bytes: numbers[i] ?? 0, packets: numbers[i + 1] ?? 0 });
      return [line.slice(0, colon).trim(), { received: at(0), sent: at(8) }];
    }),
  );
}

/** Names, counters, addresses of version 6 and routes of version 4; kinds, hardware and what is beyond stay unknown. */
export function readFromFiles(pid: number): Pick<NetworkView, 'links' | 'routes'> {
  const six = read(pid, 'if_inet6')
    .split('\n')
    .filter(Boolean)
    .map(line => line.trim().split(/\s+/));
  const routes = read(pid, 'route')
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map(line => line.trim().split(/\s+/));
  const trie = read(pid, 'fib_trie');
  const local = [...new Set([...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address))];
  const links = [...readCounters(pid)].map(([name, counters], i) => {
    const own = six.filter(fields => fields[5] === name);
    const addresses = own.map(
      ([hex = '', , prefix = '']) => `${readableAddress(hex, false)}/${Number.parseInt(prefix, 16)}`,
    );
    const isLoopback = name === 'lo';
    // To which interface an address of version 4 belongs is told by the network that leads there.
    const four = local.flatMap(address => {
      if (address.startsWith('127.')) return isLoopback ? [`${address}/8`] : [];
      const route = routes.find(
        ([link, to = '', via, , , , , mask = '']) =>
          link === name && via === zero && mask !== zero && within(address, to, mask),
      );
      return route ? [`${address}/${bits(route[7] ?? '')}`] : [];
    });
    const kind = isLoopback ? 'loopback' : 'unknown';
    const unknown = { kind, up: true, mac: null, mtu: 0, peer: null };
    return {
      name,
      index: Number.parseInt(own[0]?.[1] ?? '', 16) || i + 1,
      ...unknown,
      addresses: [...four, ...addresses],
      ...counters,
    };
  });
  return {
    links,
    routes: routes.map(([link = '', to = '', via = '', , , , , mask = '']) => ({
      destination: mask === zero ? 'default' : `${readableAddress(to)}/${bits(mask)}`,
      via: via === zero ? null : readableAddress(via),
      link,
    })),
  };
}

const zero = '00000000';
const word = (hex: string) => Number.parseInt(hex, 16) >>> 0;
const bits = (mask: string) => word(mask).toString(2).replaceAll('0', '').length;
const within = (address: string, network: string, mask: string) => {
  const number = Buffer.from(address.split('.').map(Number)).readUInt32LE();
  return (number & word(mask)) >>> 0 === word(network);
};

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${file}`, 'utf8');
  } catch (error) {
    // A kernel without version 6.
    if (file === 'if_inet6' && (error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
