// What it may have, and what it may do: cgroup, users, capabilities.
import chalk from 'chalk';
import { bytes, cpus, number, seconds } from '../draw/words.ts';
import type { CgroupView, IdRange, Xray } from '../types.ts';
import { row, type Section, shown } from './words.ts';

export function cgroupSection({ cgroup }: Xray, width: number): Section {
  const title = `Control group, version ${cgroup?.version ?? ''}`;
  if (!cgroup) return { title, lines: [] };
  const { path, inside, memory, cpu, pids, frozen } = cgroup;
  const lines = [
    ...row('path', shown(path) + (inside === null ? '' : chalk.dim(` (it is told: ${shown(inside)})`)), width),
    ...row(
      'memory',
      `${meter(memory.current, memory.max)}${share(memory.current, memory.max, bytes)}${memoryMore(memory)}`,
      width,
    ),
    ...row('CPU', cpuWords(cpu), width),
    ...row('processes', `${meter(pids.current, pids.max)}${share(pids.current, pids.max, number)}`, width),
    ...(frozen ? row('frozen', 'nothing in it runs', width) : []),
  ];
  return { title, lesson: '10', lines };
}

const share = (current: number | null, max: number | null, unit: (count: number) => string) =>
  `${current === null ? 'not counted' : unit(current)}${max === null ? ', no limit' : ` of ${unit(max)}`}`;

const memoryMore = ({ high, peak, oomKills }: CgroupView['memory']) =>
  [
    high === null ? '' : `; slowed above ${bytes(high)}`,
    peak === null ? '' : `; ${bytes(peak)} at most so far`,
    oomKills ? chalk.red(`; ${oomKills} killed for lack of memory`) : '',
  ].join('');

function cpuWords({ usage, quota, weight, throttled, cpus: which }: CgroupView['cpu']): string {
  const parts = [
    usage === null ? '' : `${seconds(usage)} used`,
    quota === null ? 'no limit' : `at most ${cpus(quota)}`,
    weight === null ? '' : `weight ${weight}`,
    throttled ? chalk.yellow(`held back for ${seconds(throttled)}`) : '',
    which === null ? '' : `on CPUs ${which}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Ten cells; none where there is no limit. */
function meter(current: number | null, max: number | null): string {
  if (current === null || max === null || max <= 0) return '';
  const full = Math.min(Math.max(current > 0 ? 1 : 0, Math.round((current / max) * 10)), 10);
  const color = full >= 9 ? chalk.red : full >= 7 ? chalk.yellow : chalk.green;
  return `${color('█'.repeat(full))}${chalk.dim('░'.repeat(10 - full))} `;
}

export function usersSection({ users }: Xray, width: number): Section {
  const title = 'Users: in there, and out here';
  if (!users) return { title, lines: [] };
  if (users.identity)
    return { title, lesson: '09', lines: row('all', 'each is the same out here: root is root', width) };
  const map = (ranges: IdRange[]) => ranges.map(range).join(', ') || 'nobody is mapped';
  const lines = [
    ...row('users', map(users.uids), width),
    ...row('groups', map(users.gids), width),
    ...(users.setgroups === 'deny' ? row('setgroups', 'denied: it may not give groups up', width) : []),
  ];
  return { title, lesson: '09', lines };
}

function range({ inside, outside, count }: IdRange): string {
  if (count === 1) return `${inside} is ${outside}`;
  return `${inside}–${inside + count - 1} are ${outside}–${outside + count - 1}`;
}

export function privilegesSection({ privileges }: Xray, width: number): Section {
  const { capabilities, outOf, noNewPrivileges, seccomp, label } = privileges;
  const { effective, permitted, bounding, ambient, inheritable } = capabilities;
  const names = (set: string[]) =>
    set.length === 0 ? 'none' : set.length === outOf ? `all ${outOf}` : `${set.length} of ${outOf}: ${set.join(' ')}`;
  const same = (a: string[], b: string[]) => a.join() === b.join();
  const filters = seccomp.filters === null ? '' : ` (${seccomp.filters})`;
  const mode = {
    none: chalk.yellow('every call may be made'),
    strict: 'strict: read, write, exit',
    filter: `filtered${filters}`,
  };
  const lines = [
    ...row('capabilities', effective.length === outOf ? chalk.red(names(effective)) : names(effective), width),
    ...(same(permitted, effective) ? [] : row('permitted', names(permitted), width)),
    ...(same(bounding, effective) ? [] : row('bounding', names(bounding), width)),
    ...(inheritable.length > 0 ? row('inheritable', names(inheritable), width) : []),
    ...(ambient.length > 0 ? row('ambient', names(ambient), width) : []),
    ...row('new ones', noNewPrivileges ? 'none, whatever it executes (no_new_privs)' : 'by setuid programs', width),
    ...row('system calls', mode[seccomp.mode], width),
    ...(label === null ? [] : row('label', shown(label), width)),
  ];
  return { title: 'Privileges', lesson: '14', lines };
}
