// The host's side of the wires: bridges, each under the ends that are in it, and below them the rules.
import type { LinkView, NetworkView } from '../types.ts';
import { drawChips } from './links.ts';
import { drawRules } from './rules.ts';
import { box, label, part, path } from './shapes.ts';
import { list, plural } from './words.ts';

export interface Columns {
  links: LinkView[];
  /** Those for which there was no column. */
  hidden: LinkView[];
  /** Other ends in the last of the bridges, at the right. */
  strangers: string[];
  width: number;
}

type Bridge = NetworkView['bridges'][number];

/** Those that links of the columns are in, in the columns' order. */
export function bridgesUnder(network: NetworkView, links: LinkView[]): Bridge[] {
  const names = [...new Set(links.map(({ peer }) => peer?.bridge))];
  return names.flatMap(name => network.bridges.find(each => each.name === name) ?? []);
}

/** Returns also the height. */
export function drawBridges(
  network: NetworkView,
  columns: Columns,
  x: number,
  y: number,
  width: number,
): [string, number] {
  const { links, strangers } = columns;
  const bridges = bridgesUnder(network, links);
  const own = new Set([...links, ...columns.hidden].map(({ peer }) => peer?.name));
  const stub = (left: number) => path(['M', left + 40, y - 18, 'v', 28], 'wire');
  let drawn = strangers.map((_, i) => stub(x + width - (strangers.length - i) * columns.width)).join('');
  bridges.forEach((bridge, i) => {
    const places = links.flatMap(({ peer }, at) => (peer?.bridge === bridge.name ? [at] : []));
    const isLast = i === bridges.length - 1 && links.every(({ peer }) => peer?.bridge);
    const left = x + (places[0] ?? 0) * columns.width + 12;
    const right = isLast ? x + width - 12 : x + ((places.at(-1) ?? 0) + 1) * columns.width - 10;
    drawn += places.map(at => stub(x + at * columns.width)).join('');
    drawn += drawBridge(bridge, bridge.ports.filter(port => !own.has(port)).length, left, y + 8, right - left);
  });
  let top = y + (bridges.length > 0 ? 66 : 4);
  const rest = network.bridges.filter(each => !bridges.includes(each));
  if (rest.length > 0) {
    const chips = rest.map(each => ({
      explain: 'bridge',
      id: `bridge.${each.name}`,
      words: describeBridge(each),
      shown: `bridge ${each.name}`,
    }));
    const [svg, height] = drawChips(chips, 6, x + 12, top, width - 24, 'own');
    drawn += svg;
    top += height + 10;
  }
  const [rules, height] = drawRules(network, x + 12, top, width - 24);
  drawn += rules + label('strong', x + 12, top + height + 16, 'the host', { width: 120 });
  return [drawn, top + height + 28 - y];
}

export function describeBridge({ name, addresses, ports, up }: Bridge): string {
  return `bridge ${name}, ${up ? 'up' : 'down'}: ${list(addresses) || 'no address'}; its ports: ${list(ports) || 'none'}`;
}

function drawBridge(bridge: Bridge, others: number, x: number, y: number, width: number): string {
  const { name, addresses, up } = bridge;
  const notes = `a switch${up ? '' : ', down'}${others > 0 ? `, and ${plural(others, 'end')} of others` : ''}`;
  return part(
    'bridge',
    `bridge.${name}`,
    describeBridge(bridge),
    [
      box(x, y, width, 44, 'own'),
      label('strong', x + 12, y + 19, name, { width: width * 0.5 - 12 }),
      label('code', x + width - 12, y + 19, addresses[0] ?? '', { width: width * 0.5 - 14, anchor: 'end' }),
      label('small', x + 12, y + 36, notes, { width: width - 24, kind: 'dim' }),
    ].join(''),
  );
}
