// Sockets that wait for others, in a process's network. proc_pid_net(5), tcp
import { readFileSync } from 'node:fs';
import type { NetworkView } from '../types.ts';

/** include/net/tcp_states.h: TCP_LISTEN; a socket of UDP that is connected to nobody has TCP_CLOSE. */
const waiting = { tcp: '0A', udp: '07' };

export function readListening(pid: number): NetworkView['listening'] {
  const found = (['tcp', 'udp'] as const).flatMap(protocol =>
    ['', '6'].flatMap(version => {
      const lines = read(`/proc/${pid}/net/${protocol}${version}`).split('\n').slice(1).filter(Boolean);
      return lines.flatMap(line => {
        const [, local = '', , state] = line.trim().split(/\s+/);
        const [address = '', port = ''] = local.split(':');
        if (state !== waiting[protocol]) return [];
        return [{ protocol, address: readableAddress(address), port: Number.parseInt(port, 16) }];
      });
    }),
  );
  // Several processes may wait at one place.
  const different = new Map(found.map(each => [`${each.protocol} ${each.address} ${each.port}`, each]));
  return [...different.values()].toSorted((a, b) => a.port - b.port);
}

/** '0100007F' → '127.0.0.1'. Words of 32 bits, printed as numbers of this machine, whose lowest byte comes first in memory. */
export function readableAddress(hex: string, asWords = true): string {
  const bytes = Buffer.from(hex, 'hex');
  if (asWords) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = bytes.toString('hex').match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
