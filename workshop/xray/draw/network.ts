// The network: the container with its links on top, wires down to the host's ends and bridges, then the rules that packets meet, then
// the world. Without a network of its own there is no wire to draw, and the picture says so.
import type { NetworkView, Xray } from '../types.ts';
import { describeBridge } from './bridges.ts';
import { describeLink, groups, linkChips, routeChips, routeOf, socketChips, socketOf } from './links.ts';
import { drawRules } from './rules.ts';
import { box, type Drawn, label, margin, part } from './shapes.ts';
import { drawOwn } from './wiring.ts';
import { bytes, plural } from './words.ts';

export function drawNetwork({ network, name }: Xray, width: number): Drawn | null {
  if (!network) return null;
  const m = margin(width);
  const [body, height] = network.host ? drawHosts(network, m, width - 2 * m) : drawOwn(network, name, m, width - 2 * m);
  return {
    title: 'The network',
    lesson: network.host ? '12' : '13',
    body,
    height: height + 12,
    text: inWords(network),
  };
}
function drawHosts(network: NetworkView, x: number, width: number): [string, number] {
  const pad = 14;
  const [inside, height] = groups(
    [
      ['its links', linkChips(network.links)],
      ['listening', socketChips(network)],
      ['routes', routeChips(network)],
    ],
    x + pad,
    80,
    width - 2 * pad,
    'plain',
  );
  const [rules, rulesHeight] = drawRules(network, x + pad, 80 + height, width - 2 * pad);
  const tall = 68 + height + rulesHeight;
  const words = width < 480 ? 'No network of its own' : 'No network of its own: it is in the host’s';
  return [
    box(x, 12, width, tall, 'outside', 8) +
      part(
        'network:host',
        'host',
        `${words}. What it binds and sends, it binds and sends as the host.`,
        box(x + pad, 24, width - 2 * pad, 34, 'host') +
          label('strong', x + pad + 12, 46, words, { width: width - 2 * pad - 24 }),
      ) +
      inside +
      rules,
    12 + tall,
  ];
}

function inWords(network: NetworkView): string[] {
  return [
    network.host ? 'It has no network of its own: it is in the host’s.' : 'It has a network of its own.',
    ...network.links.map(each => `${describeLink(each)}.`),
    ...network.routes.map(each => `Route: ${routeOf(each)}.`),
    ...network.listening.map(each => `It listens on ${socketOf(each)}.`),
    ...network.bridges.map(each => `The host’s ${describeBridge(each)}.`),
    ...network.rules.map(
      ({ table, chain, text, packets, bytes: size }) =>
        `Rule in ${table}, ${chain}: ${text}; ${packets === null ? 'not counted' : `${plural(packets, 'packet')}, ${bytes(size ?? 0)}`}.`,
    ),
    ...(network.rulesUnread ? [`The rules could not be read: ${network.rulesUnread}.`] : []),
  ];
}
