// A process's network: its interfaces, routes and sockets, the other ends of its wires, and the host's bridges and rules for it.
import { statSync } from 'node:fs';
import type { LinkView, NetworkView } from '../types.ts';
import { readIptables } from './iptables.ts';
import { addressesOf, type RawLink, readLinks, readRoutes, viewOf } from './links.ts';
import { readCounters, readFromFiles } from './net-files.ts';
import { readNftables } from './nftables.ts';
import { type Beyond, type Found, findPeers } from './peers.ts';
import { type Reading, Refused, sameNamespace } from './reading.ts';
import { type Rule, subjectOf } from './relevance.ts';
import { readListening } from './sockets.ts';

export async function readNetwork(reading: Reading): Promise<NetworkView | null> {
  const { pid, host, signal } = reading;
  const look = () => ({ host: sameNetwork(pid, host), listening: readListening(pid) });
  const base = reading.attempt('its network', look);
  if (!base) return null;
  const isHost = base.host;
  const where = (of: number) => ({ net: sameNetwork(of, process.pid) ? null : of, signal });

  const whole = await reading.attemptAsync('interfaces in full', () =>
    Promise.all([readLinks(where(pid)), readRoutes(where(pid))]),
  );
  if (!whole) {
    const files = reading.attempt('interfaces', () => readFromFiles(pid)) ?? { links: [], routes: [] };
    return { ...base, ...files, bridges: [], rules: [], rulesUnread: 'its interfaces are not known in full' };
  }

  const [links, routes] = whole;
  const outside = isHost ? links : await reading.attemptAsync('the host’s interfaces', () => readLinks(where(host)));
  const nobody: Found = { peers: new Map(), beyond: [] };
  const { peers, beyond } =
    (await reading.attemptAsync('the other ends of its wires', () => findPeers(reading, links, outside))) ?? nobody;
  const views = links.map(link => ({ ...viewOf(link), peer: peers.get(link.ifname) ?? null }));
  const bridges = isHost ? bridgesOf({ in: 'host', links }) : beyond.flatMap(each => bridgesOf(each, views));
  const found = await readRules(where(host), isHost ? null : subjectOf(views, bridges));
  return { ...base, links: views, routes, bridges, ...found };
}

/**
 * What counts, anew; all else as it was at the last reading: to ask for sockets takes the kernel ten times as long. Where the interfaces
 * are others than then, what /proc says.
 */
export function renewNetwork(pid: number, host: number, before: NetworkView | null): NetworkView {
  const counters = readCounters(pid);
  if (before && before.links.length === counters.size && before.links.every(({ name }) => counters.has(name))) {
    return { ...before, links: before.links.map(link => ({ ...link, ...counters.get(link.name) })) };
  }
  const unread = { bridges: [], rules: [], rulesUnread: 'not read at every look' };
  return { host: sameNetwork(pid, host), listening: readListening(pid), ...readFromFiles(pid), ...unread };
}

/** Of another's process it may not be read which network it is in; but the files of one network have numbers of their own. */
function sameNetwork(a: number, b: number): boolean {
  const inode = (pid: number) => statSync(`/proc/${pid}/net/dev`).ino;
  return sameNamespace(a, b, 'net') ?? inode(a) === inode(b);
}

/** All bridges of a network, or those that these links lead to. */
function bridgesOf({ in: place, links }: Beyond, towards?: LinkView[]): NetworkView['bridges'] {
  const wanted = new Set(towards?.map(({ peer }) => (peer?.in === place ? peer.bridge : null)));
  const bridges = links.filter(link => link.linkinfo?.info_kind === 'bridge' && (!towards || wanted.has(link.ifname)));
  return bridges.map((link: RawLink) => ({
    ...{ name: link.ifname, addresses: addressesOf(link), up: link.flags.includes('UP') },
    ports: links.filter(({ master }) => master === link.ifname).map(({ ifname }) => ifname),
  }));
}

/** Beyond this nobody reads on. */
const mostRules = 500;

async function readRules(
  where: { net: number | null; signal: AbortSignal | undefined },
  subject: ReturnType<typeof subjectOf> | null,
): Promise<Pick<NetworkView, 'rules' | 'rulesUnread'>> {
  const rules: Rule[] = [];
  const refusals: string[] = [];
  for (const read of [readNftables, readIptables]) {
    try {
      rules.push(...(await read(where, subject)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusals.push(error.message);
    }
  }
  if (process.geteuid?.() !== 0 && refusals.length > 0) refusals.push('only root may read them: sudo');
  return { rules: rules.slice(0, mostRules), rulesUnread: refusals.length > 0 ? refusals.join('; ') : null };
}
