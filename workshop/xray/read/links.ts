// Network interfaces as ip(8) tells them, in its JSON; and as the x-ray does.
import type { LinkView } from '../types.ts';
import { Refused } from './reading.ts';
import { ask } from './run.ts';

/** What `ip -json -details -statistics address` says of one. */
export interface RawLink {
  ifindex: number;
  ifname: string;
  flags: string[];
  mtu: number;
  link_type: string;
  address?: string;
  /** The bridge that it is a port of. */
  master?: string;
  /** The other end, or the interface below: by name in the same network, else by number in the one with this id here. */
  link?: string;
  link_index?: number;
  link_netnsid?: number;
  linkinfo?: { info_kind?: string };
  addr_info: { local: string; prefixlen: number }[];
  stats64?: Record<'rx' | 'tx', { packets: number; bytes: number }>;
}

interface Where {
  /** A process in the network; null: in ours. */
  net: number | null;
  signal: AbortSignal | undefined;
}

export async function readLinks(where: Where): Promise<RawLink[]> {
  return parse<RawLink>(await ask(['ip', '-json', '-details', '-statistics', 'address'], where)).filter(
    link => link.ifname,
  );
}

interface RawRoute {
  dst: string;
  gateway?: string;
  via?: { host?: string };
  dev?: string;
  nexthops?: RawRoute[];
}

/** Of the main table, of both versions. */
export async function readRoutes(where: Where) {
  const families = await Promise.all(['-4', '-6'].map(family => ask(['ip', '-json', family, 'route'], where)));
  const routes = families.flatMap(text => parse<RawRoute>(text));
  return routes.flatMap(route => {
    const hops = route.nexthops ?? [route];
    return hops.map(hop => ({
      ...{ destination: route.dst, via: hop.gateway ?? hop.via?.host ?? null },
      link: hop.dev ?? route.dev ?? '',
    }));
  });
}

export function viewOf(link: RawLink): LinkView {
  const { rx, tx } = link.stats64 ?? {};
  return {
    ...{ name: link.ifname, index: link.ifindex, kind: link.linkinfo?.info_kind ?? link.link_type },
    ...{ up: link.flags.includes('UP'), mac: link.address ?? null, mtu: link.mtu, addresses: addressesOf(link) },
    received: { packets: rx?.packets ?? 0, bytes: rx?.bytes ?? 0 },
    sent: { packets: tx?.packets ?? 0, bytes: tx?.bytes ?? 0 },
    peer: null,
  };
}

export const addressesOf = ({ addr_info }: RawLink) =>
  addr_info.filter(({ local }) => local).map(({ local, prefixlen }) => `${local}/${prefixlen}`);

/** Where there is nothing to tell, some versions print nothing at all. An interface's name may hold almost anything, as it is. */
function parse<T>(text: string): T[] {
  if (text.trim() === '') return [];
  try {
    return JSON.parse(text.replace(/[^\P{Cc}\n]/gu, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
  } catch {
    throw new Refused('ip: what it answers is no JSON');
  }
}
