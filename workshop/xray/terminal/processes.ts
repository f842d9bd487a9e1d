// Who runs in it, and which namespaces it shares with the host.
import chalk from 'chalk';
import { padTo } from '../../terminal/text.ts';
import { plural } from '../draw/words.ts';
import type { ProcessView, Xray } from '../types.ts';
import { cut, type Section, shown } from './words.ts';

/** More are counted, and not shown. */
const most = 30;

export function processesSection({ process, processes }: Xray, width: number): Section {
  const byParent = Map.groupBy(processes, ({ parent }) => parent);
  const listed = new Set(processes.map(({ pid }) => pid));
  const lines: string[] = [];
  const waiting = processes.filter(({ parent }) => !listed.has(parent)).map(each => ({ each, depth: 0 }));
  for (let next = waiting.shift(); next && lines.length < most; next = waiting.shift()) {
    lines.push(line(next.each, next.depth, next.each.pid === process.pid, width));
    const depth = next.depth + 1;
    waiting.unshift(...(byParent.get(next.each.pid) ?? []).map(each => ({ each, depth })));
  }
  if (processes.length > lines.length)
    lines.push(chalk.dim(`  and ${plural(processes.length - lines.length, 'more', 'more')}`));
  return { title: 'Processes: here, and as it counts them', lesson: '08', lines };
}

function line(
  { pid, nsPids, command, name, state, uids }: ProcessView,
  depth: number,
  isIt: boolean,
  width: number,
): string {
  const inside = nsPids.length > 1 ? String(nsPids.at(-1)) : '';
  const said = command.length > 0 ? command.join(' ') : `[${name}]`;
  const left = `${isIt ? chalk.cyan('→') : ' '} ${String(pid).padStart(7)} ${chalk.dim(inside.padStart(5))}  `;
  const right = `${'  '.repeat(Math.min(depth, 8))}${shown(said.slice(0, 400))}`;
  const who = chalk.dim(`${state} uid ${uids[1] ?? '?'}`);
  const room = width - 17;
  return room < 40 ? left + cut(right, room) : `${left}${padTo(cut(right, room - 18), room - 17)}${who}`;
}

/** Which lesson makes a namespace of this kind. */
const lessons: Record<string, string> = {
  ...{ mnt: '03', uts: '06', ipc: '07', pid: '08', user: '09', cgroup: '10', time: '11', net: '12' },
};

export function namespacesSection({ namespaces }: Xray, width: number): Section {
  const lines = namespaces.map(({ kind, inode, host, own, members }) => {
    const whose = own ? chalk.green('its own') : host === null ? 'host unknown' : chalk.dim('the host’s');
    const text = `  ${padTo(kind, 8)}${padTo(String(inode), 12)}${padTo(whose, 13)}`;
    const right = `${plural(members, 'process', 'processes')}${lessons[kind] ? chalk.dim(`, lesson ${lessons[kind]}`) : ''}`;
    return width >= 64 ? text + right : cut(text.trimEnd(), 200);
  });
  return { title: 'Namespaces', lines };
}
