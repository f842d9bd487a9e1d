// An x-ray as text: section by section, within the columns that there are.
import chalk from 'chalk';
import { cells, columns, spread, wrap } from '../../terminal/text.ts';
import { list, seconds } from '../draw/words.ts';
import type { Xray } from '../types.ts';
import { callsSection } from './calls.ts';
import { cgroupSection, privilegesSection, usersSection } from './limits.ts';
import { mountsSection, overlaySections } from './mounts.ts';
import { networkSections } from './network.ts';
import { namespacesSection, processesSection } from './processes.ts';
import { cut, heading, type Section, shown } from './words.ts';

const states: Record<string, string> = {
  ...{
    R: 'running',
    S: 'sleeping',
    D: 'waiting for a device',
    T: 'stopped',
    t: 'traced',
    Z: 'a zombie',
    I: 'idle',
    X: 'dead',
  },
};

export function showXray(xray: Xray, width = columns()): string {
  const sections = [
    processesSection(xray, width),
    namespacesSection(xray, width),
    usersSection(xray, width),
    cgroupSection(xray, width),
    mountsSection(xray, width),
    ...overlaySections(xray, width),
    ...networkSections(xray, width),
    privilegesSection(xray, width),
    callsSection(xray, width),
    unreadSection(xray, width),
  ].filter(section => section.lines.length > 0);
  const body = sections.flatMap(section => ['', heading(section, width), ...section.lines]);
  // Where a terminal is so narrow that even a label and a number do not fit.
  const fits = [title(xray, width), ...body].flatMap(line =>
    cells(line) > width ? wrap(line, width, '    ') : [line],
  );
  return fits.join('\n');
}

function title({ name, process, namespaces }: Xray, width: number): string {
  const own = namespaces.filter(each => each.own).map(({ kind }) => kind);
  const who = `${name ? `${shown(name)} · ` : ''}process ${process.pid} ${shown(process.name)}`;
  const state = `${states[process.state] ?? process.state}, ${seconds(process.age)} old`;
  const all = namespaces.length > 0 && namespaces.every(each => each.host !== null);
  const none = all ? 'Shares every namespace with the host.' : 'Its namespaces may not be read.';
  const what = own.length === 0 ? none : `Has namespaces of its own: ${list(own)}.`;
  return [spread(chalk.bold(cut(who, width)), chalk.dim(state), width), ...wrap(what, width)]
    .flatMap(line => wrap(line, width))
    .join('\n');
}

function unreadSection({ unread }: Xray, width: number): Section {
  const byReason = Map.groupBy(unread, ({ why }) => why);
  const texts = [...byReason].map(([why, parts]) => `${list(parts.map(({ what }) => what))}: ${why}`);
  const lines = texts.flatMap(text => wrap(shown(text), width - 2, '  ').map(line => chalk.yellow(`  ${line}`)));
  return { title: 'What could not be read', lines };
}
