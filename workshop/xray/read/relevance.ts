// Which of a host's rules speak of a container's network: those that name its addresses, a network that holds them, the host's ends
// of its wires or the bridges; and those by which a packet comes to such a rule. Pure.
import { BlockList, isIP } from 'node:net';
import type { LinkView, NetworkView } from '../types.ts';

export type Rule = NetworkView['rules'][number];

export interface Subject {
  /** Without prefix. */
  addresses: string[];
  /** The host's names for what leads there. */
  links: string[];
}

export function subjectOf(links: LinkView[], bridges: NetworkView['bridges']): Subject {
  const own = links.filter(({ kind }) => kind !== 'loopback').flatMap(({ addresses }) => addresses);
  const addresses = [...own, ...bridges.flatMap(bridge => bridge.addresses)].map(each => each.split('/')[0] ?? '');
  const ends = links.flatMap(({ peer }) => (peer ? [peer.name, ...(peer.bridge ? [peer.bridge] : [])] : []));
  return { addresses: addresses.filter(each => !/^fe80:/i.test(each)), links: [...new Set(ends)] };
}

/** 'box0', 'box*' (nft) and 'box+' (iptables); '10.13.0.2', '10.13.0.0/24', '10.13.0.1-10.13.0.9'. */
export function isAbout(word: string, { addresses, links }: Subject): boolean {
  if (links.includes(word)) return true;
  if (/[*+]$/.test(word) && links.some(link => link.startsWith(word.slice(0, -1)))) return true;
  const [first = '', last] = word.split('-');
  if (last !== undefined && isIP(first) && isIP(first) === isIP(last))
    return holds(addresses, list => list.addRange(first, last, familyOf(first)));
  const [network = '', prefix] = word.split('/');
  if (!isIP(network)) return false;
  const length = prefix === undefined ? (isIP(network) === 4 ? 32 : 128) : Number(prefix);
  // The whole world is nobody's.
  if (!(length > 0 && length <= (isIP(network) === 4 ? 32 : 128))) return false;
  return holds(addresses, list => list.addSubnet(network, length, familyOf(network)));
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function holds(addresses: string[], fill: (list: BlockList) => void): boolean {
  const list = new BlockList();
  try {
    fill(list);
  } catch {
    // A range whose end is before its beginning.
    return false;
  }
  return addresses.some(address => list.check(address, familyOf(address)));
}

export interface Candidate extends Rule {
  about: boolean;
  /** The chains that it may go on to, in the same table. */
  leadsTo: string[];
}

/** Those that are about it, and those that lead to them; in their order. */
export function relevant(candidates: Candidate[]): Rule[] {
  const chainOf = ({ table, chain }: { table: string; chain: string }) => JSON.stringify([table, chain]);
  const kept = new Set(candidates.filter(({ about }) => about));
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    const chains = new Set([...kept].map(chainOf));
    for (const each of candidates)
      if (each.leadsTo.some(chain => chains.has(chainOf({ table: each.table, chain })))) kept.add(each);
  }
  return candidates.filter(each => kept.has(each)).map(({ about: _, leadsTo: __, ...rule }) => rule);
}
