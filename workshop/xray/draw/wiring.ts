// A network of its own: the container's box with its links in the lower edge, and wires down to what is on the other side.
import type { LinkView, NetworkView } from '../types.ts';
import { bridgesUnder, drawBridges } from './bridges.ts';
import { describeLink, explainLink, groups, linkChips, routeChips, socketChips } from './links.ts';
import { box, heading, label, part, path } from './shapes.ts';
import { number } from './words.ts';

/** Those of one bridge side by side, those of none last. */
const order = ({ peer }: LinkView) => (peer?.bridge ? `1${peer.bridge}` : '2');
/** Returns also where it ends. */
export function drawOwn(network: NetworkView, name: string | null, x: number, width: number): [string, number] {
  const [pad, narrow] = [12, width < 560];
  const most = Math.max(2, Math.floor(width / (narrow ? 142 : 176)));
  const wired = network.links
    .filter(({ peer }) => peer !== null)
    .sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : a.index - b.index));
  const columns = wired.length > most ? wired.slice(0, most - 1) : wired;
  const hidden = wired.slice(columns.length);
  const known = new Set(wired.map(({ peer }) => peer?.name));
  const ports =
    bridgesUnder(network, columns)
      .at(-1)
      ?.ports.filter(port => !known.has(port)) ?? [];
  const used = columns.length + (hidden.length > 0 ? 1 : 0);
  const ghosts = narrow || used === 0 ? [] : ports.slice(0, Math.max(0, Math.min(most - Math.max(used, 2), 2)));
  const slots = Math.max(used, narrow ? 1 : 2) + ghosts.length;
  const column = width / slots;
  const boxWidth = width - ghosts.length * column - (ghosts.length > 0 ? 12 : 0);

  const unwired = network.links.filter(({ peer }) => peer === null);
  const [inside, insideHeight] = groups(
    [
      ['without a wire', linkChips(unwired)],
      ['routes', routeChips(network)],
      ['listening', socketChips(network)],
    ],
    x + pad,
    48,
    boxWidth - 2 * pad,
    'paper',
  );
  const end = 62 + insideHeight;
  const linkTall = narrow ? 74 : 62;
  const boxEnd = end + (used > 0 ? linkTall - 14 : 0);
  let drawn =
    box(x, 12, boxWidth, boxEnd - 12, 'container', 8) + heading(x + pad, 36, name ?? 'the process', boxWidth - 2 * pad);
  drawn += inside;
  ghosts.forEach((port, i) => {
    drawn += drawStranger(port, x + width - (ghosts.length - i) * column, boxEnd, column);
  });
  if (used === 0) {
    const words = unwired.some(({ kind }) => kind !== 'loopback')
      ? 'No wire to this host was found.'
      : 'No wire leads out: it talks to itself alone.';
    return [
      drawn +
        part(
          'isolated',
          'isolated',
          words,
          box(x, boxEnd + 14, width, 32, 'plain') + label('text', x + 12, boxEnd + 35, words, { width: width - 24 }),
        ),
      boxEnd + 46,
    ];
  }
  columns.forEach((link, i) => {
    drawn += drawWire(link, x + i * column, end, column, linkTall);
  });
  if (hidden.length > 0) {
    const left = x + columns.length * column;
    drawn += part(
      'link:veth',
      'links.more',
      hidden.map(describeLink).join('; '),
      box(left + 12, end - 6, column - 22, linkTall, 'own') +
        label('text', left + 22, end + linkTall / 2, `${hidden.length} more`, { width: column - 44 }),
    );
  }
  const hostTop = boxEnd + 34;
  const all = { links: columns, hidden, strangers: ghosts, width: column };
  const [lower, lowerHeight] = drawBridges(network, all, x, hostTop + 56, width);
  const frame = box(x, hostTop, width, lowerHeight + 56, 'outside', 8);
  const bottom = hostTop + 56 + lowerHeight;
  const isTranslated = network.rules.some(({ text }) => /masquerade|snat|dnat/i.test(text));
  return [frame + drawn + lower + (isTranslated ? drawWorld(x + width, bottom) : ''), bottom + (isTranslated ? 52 : 0)];
}

/** A link in the container's lower edge, and its other end where that is. */
function drawWire(link: LinkView, x: number, y: number, column: number, tall: number): string {
  const { peer } = link;
  const wide = column - 22;
  const center = x + 40;
  const lines = [
    link.addresses[0] ?? 'no address',
    `in ${number(link.received.packets)}, out ${number(link.sent.packets)}`,
  ];
  const own = part(
    explainLink(link),
    `link.${link.index}`,
    describeLink(link),
    [
      box(x + 12, y - 6, wide, tall, 'own'),
      label('strong', x + 22, y + 12, link.up ? link.name : `${link.name}, down`, { width: wide - 18 }),
      label('code', x + 22, y + 29, lines[0] ?? '', { width: wide - 18 }),
      label('small', x + 22, y + 46, lines[1] ?? '', { width: wide - 18, kind: 'dim' }),
    ].join(''),
  );
  const end = y + tall - 14;
  const where = !peer ? '' : peer.in === 'host' ? peer.name : `${peer.name}, process ${peer.in}`;
  const other = part(
    'peer',
    `peer.${link.index}`,
    `${where}: the other end of ${link.name}${peer?.bridge ? `, in the bridge ${peer.bridge}` : ', in no bridge'}`,
    [
      box(x + 12, end + 46, wide, 26, peer?.in === 'host' ? 'own' : 'world'),
      label('code', x + 22, end + 63.5, where, { width: wide - 18, keep: 'middle' }),
    ].join(''),
  );
  return path(['M', center, y + tall - 6, 'V', end + 46], 'wire') + own + other;
}

/** Whoever else is in the bridge: only the end of his wire can be seen. */
function drawStranger(port: string, x: number, y: number, column: number): string {
  return (
    box(x, 12, column - 4, y - 12, 'absent', 8) +
    label('small', x + 12, 36, 'somebody else’s', { width: column - 24, kind: 'dim' }) +
    path(['M', x + 40, y, 'v', 60], 'wire') +
    part(
      'port',
      `port.${port}`,
      `${port}: another end in the same bridge`,
      box(x + 12, y + 46, column - 30, 26, 'plain') +
        label('code', x + 22, y + 63.5, port, { width: column - 50, keep: 'middle' }),
    )
  );
}

function drawWorld(right: number, y: number): string {
  return part(
    'world',
    'world',
    'the world: whatever the host can reach',
    path(['M', right - 70, y, 'v', 22], 'wire') +
      box(right - 130, y + 22, 120, 30, 'world') +
      label('text', right - 70, y + 42, 'the world', { width: 110, anchor: 'middle' }),
  );
}
