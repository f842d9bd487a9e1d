// The other ends of veth interfaces: in which network they are, their names, the bridges that they are plugged into. veth(4)
import { readNamespace } from '#linux';
import type { LinkView } from '../types.ts';
import { type RawLink, readLinks } from './links.ts';
import { netnsIds } from './netns-ids.ts';
import { allPids } from './processes.ts';
import type { Reading } from './reading.ts';

/** A network that was looked into on the way. */
export interface Beyond {
  in: 'host' | number;
  links: RawLink[];
}

/** Networks that are searched beside the host's. */
const most = 64;

export interface Found {
  /** By the name of this end. */
  peers: Map<string, NonNullable<LinkView['peer']>>;
  beyond: Beyond[];
}

/** `links` are those of the process's network, and `host` those of the host's; the same where it has none of its own. */
export async function findPeers(reading: Reading, links: RawLink[], host: RawLink[] | null): Promise<Found> {
  const { pid, signal } = reading;
  const beyond: Beyond[] = [];
  const peers: Found['peers'] = new Map();
  const wires = links.filter(link => link.linkinfo?.info_kind === 'veth');
  if (wires.length === 0) return { peers, beyond };

  const own = readNamespace(pid, 'net');
  const hostNet = tryNet(reading.host);
  const add = (link: RawLink, where: Beyond) => {
    // Both ends must say so of each other.
    const other = where.links.find(each => each.ifindex === link.link_index && each.linkinfo?.info_kind === 'veth');
    if (!other || other.link_index !== link.ifindex) return;
    peers.set(link.ifname, { in: where.in, name: other.ifname, bridge: other.master ?? null });
    if (!beyond.includes(where)) beyond.push(where);
  };

  const here: Beyond = { in: hostNet === own ? 'host' : pid, links };
  for (const link of wires.filter(each => each.link_netnsid === undefined)) {
    const other = links.find(each => each.ifname === link.link || each.ifindex === link.link_index);
    if (other) peers.set(link.ifname, { in: here.in, name: other.ifname, bridge: other.master ?? null });
  }

  const away = wires.filter(each => each.link_netnsid !== undefined);
  const others = new Map<number, number>();
  if (hostNet !== null && hostNet !== own) others.set(hostNet, reading.host);
  for (const each of away.length > 0 ? allPids() : []) {
    const net = tryNet(each);
    if (net !== null && net !== own && !others.has(net) && others.size <= most) others.set(net, each);
  }
  const ids = away.length > 0 ? await netnsIds(pid, [...others.values()]) : new Map<number, number>();
  for (const [net, member] of others) {
    const wired = away.filter(link => link.link_netnsid === ids.get(member));
    if (wired.length === 0) continue;
    const isHost = net === hostNet;
    const theirs = isHost && host ? host : await readLinks({ net: member, signal }).catch(() => []);
    const where: Beyond = { in: isHost ? 'host' : member, links: theirs };
    for (const link of wired) add(link, where);
  }
  return { peers, beyond };
}

function tryNet(pid: number): number | null {
  try {
    return readNamespace(pid, 'net');
  } catch {
    return null;
  }
}
