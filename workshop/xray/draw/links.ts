// Links, routes and sockets as words, and as chips: rounded boxes in rows, the last of which stands for what there is no room for.
import type { LinkView, NetworkView } from '../types.ts';
import { box, flow, label, part } from './shapes.ts';
import { cut, widthOf } from './text.ts';
import { bytes, list, number } from './words.ts';

const traffic = ({ received, sent }: LinkView) =>
  `in ${number(received.packets)} (${bytes(received.bytes)}), out ${number(sent.packets)} (${bytes(sent.bytes)})`;

export function describeLink(link: LinkView): string {
  const addresses = link.addresses.length > 0 ? list(link.addresses) : 'no address';
  const peer = !link.peer
    ? ''
    : `; its other end is ${link.peer.name}, ${link.peer.in === 'host' ? 'on the host' : `in the network of process ${link.peer.in}`}${link.peer.bridge ? `, in the bridge ${link.peer.bridge}` : ''}`;
  return `${link.name}, ${link.kind}, ${link.up ? 'up' : 'down'}: ${addresses}; ${traffic(link)} packets${peer}`;
}

export const explainLink = ({ kind }: LinkView) =>
  ['loopback', 'veth', 'bridge', 'macvlan', 'vxlan'].includes(kind) ? `link:${kind}` : 'link:other';
export const socketOf = ({ address, port, protocol }: NetworkView['listening'][number]) =>
  `${protocol} ${address.endsWith(`:${port}`) ? address : `${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port}`}`;
export const routeOf = ({ destination, via, link }: NetworkView['routes'][number]) =>
  `${destination === '0.0.0.0/0' ? 'default' : destination} ${via ? `via ${via}` : 'direct'} on ${link}`;

export interface Chip {
  explain: string;
  id: string;
  words: string;
  shown: string;
}

/** The first ones, and one for the rest. */
function firsts(all: Chip[], most: number): Chip[] {
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  const first = rest[0] as Chip;
  return [
    ...all.slice(0, most - 1),
    {
      ...first,
      id: `${first.explain}.more`,
      words: rest.map(({ words }) => words).join('; '),
      shown: `and ${rest.length} more`,
    },
  ];
}

export const drawChips = (all: Chip[], most: number, x: number, y: number, width: number, kind: string) =>
  flow(firsts(all, most), x, y, width, ({ explain, id, words, shown }, left, top, room) => {
    const text = cut(shown, room - 20, 'code', 'middle');
    const wide = Math.min(widthOf(text, 'code') + 20, room);
    return [
      part(
        explain,
        id,
        words,
        box(left, top, wide, 22, kind, 11) + label('code', left + 10, top + 15.5, text, { width: wide - 18 }),
      ),
      wide,
    ];
  });

export const linkChips = (links: LinkView[]): Chip[] =>
  links.map(link => ({
    explain: explainLink(link),
    id: `link.${link.index}`,
    words: describeLink(link),
    shown: [link.name, link.addresses[0] ?? '', link.up ? '' : 'down'].filter(Boolean).join(' '),
  }));
export const socketChips = ({ listening }: NetworkView): Chip[] =>
  // Several processes may listen on one.
  [...new Set(listening.map(socketOf))].map(each => ({
    explain: 'listening',
    id: `socket.${each}`,
    words: `it listens on ${each}`,
    shown: each,
  }));
export const routeChips = ({ routes }: NetworkView): Chip[] =>
  routes.map((each, i) => ({
    explain: 'route',
    id: `route.${i}`,
    words: `route: ${routeOf(each)}`,
    shown: routeOf(each),
  }));
/** Groups of chips with a small heading each. */
export function groups(all: [string, Chip[]][], x: number, y: number, width: number, kind: string): [string, number] {
  let [drawn, top] = ['', y];
  for (const [title, items] of all) {
    if (items.length === 0) continue;
    const [svg, height] = drawChips(items, 8, x, top + 20, width, kind);
    drawn += label('small', x, top + 12, title, { width, kind: 'dim' }) + svg;
    top += height + 30;
  }
  return [drawn, top - y];
}
