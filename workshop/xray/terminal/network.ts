// Its interfaces, the other ends of its wires, and the host's bridges and rules for it.
import chalk from 'chalk';
import { wrap } from '../../terminal/text.ts';
import { bytes, number, plural } from '../draw/words.ts';
import type { LinkView, NetworkView, Xray } from '../types.ts';
import { row, type Section, shown } from './words.ts';

export function networkSections({ network, process }: Xray, width: number): Section[] {
  if (!network) return [];
  const lines = [
    ...network.links.flatMap(link => linkLines(link, process.pid, width)),
    ...network.routes.slice(0, 12).flatMap(each => row('route', routeWords(each), width)),
    ...listening(network, width),
  ];
  const outside = [
    ...network.bridges.flatMap(bridge => row('bridge', bridgeWords(bridge), width)),
    ...network.rules.slice(0, 24).flatMap(rule => ruleLines(rule, width)),
    ...(network.rules.length > 24 ? [chalk.dim(`  and ${network.rules.length - 24} rules more`)] : []),
    ...(network.rulesUnread ? row('rules', chalk.yellow(shown(network.rulesUnread)), width) : []),
  ];
  return [
    { title: network.host ? 'Network: the host’s' : 'Network: its own', lesson: '12', lines },
    { title: 'On the host’s side of the wire', lesson: '13', lines: outside },
  ];
}

function linkLines(
  { name, kind, up, addresses, received, sent, peer }: LinkView,
  pid: number,
  width: number,
): string[] {
  const counted = `received ${traffic(received)}, sent ${traffic(sent)}`;
  const state = up ? '' : chalk.yellow('down, ');
  const where = addresses.length > 0 ? `${addresses.join(' ')}, ` : '';
  const other =
    peer &&
    `the other end is ${shown(peer.name)} ${placeOf(peer.in, pid)}${peer.bridge ? `, in the bridge ${shown(peer.bridge)}` : ''}`;
  return [...row(shown(name), `${kind}, ${state}${where}${counted}`, width), ...(other ? row('', other, width) : [])];
}

const placeOf = (place: 'host' | number, pid: number) =>
  place === 'host' ? 'on the host' : place === pid ? 'in here' : `where process ${place} is`;
const traffic = (each: LinkView['sent']) => `${number(each.packets)} (${bytes(each.bytes)})`;
const routeWords = ({ destination, via, link }: NetworkView['routes'][number]) =>
  `${destination}${via ? ` via ${via}` : ''}${link ? `, ${shown(link)}` : ''}`;

function listening({ listening: sockets }: NetworkView, width: number): string[] {
  if (sockets.length === 0) return [];
  const names = sockets.slice(0, 20).map(({ protocol, address, port }) => {
    return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
  });
  return row(
    'listening',
    `${names.join(', ')}${sockets.length > 20 ? `, and ${sockets.length - 20} more` : ''}`,
    width,
  );
}

const bridgeWords = ({ name, addresses, ports, up }: NetworkView['bridges'][number]) =>
  [shown(name), up ? '' : chalk.yellow('down'), addresses.join(' '), `ports: ${ports.map(shown).join(' ') || 'none'}`]
    .filter(Boolean)
    .join(', ');

function ruleLines(
  { table, chain, text, packets, bytes: size }: NetworkView['rules'][number],
  width: number,
): string[] {
  const counted = packets === null ? '' : chalk.cyan(` ${plural(packets, 'packet')}, ${bytes(size ?? 0)}`);
  const [first = '', ...more] = wrap(shown(text), width - 4, '  ');
  return [
    `  ${chalk.dim(`${shown(table)} ${shown(chain)}`)}${counted}`,
    `    ${first}`,
    ...more.map(line => `    ${line}`),
  ];
}
