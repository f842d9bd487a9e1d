// The process, those that it has started, and those that share its process table. proc_pid_status(5), proc_pid_stat(5)
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { readChildren, readNamespace, readStatus } from '#linux';
import type { ProcessView } from '../types.ts';
import { sameNamespace } from './reading.ts';

export function readProcess(pid: number): ProcessView {
  const status = readStatus(pid);
  return {
    ...{ pid, nsPids: status.nsPids, parent: status.parent, name: status.name, command: readCommand(pid) },
    ...{ state: status.state, threads: status.threads, uids: status.uids, gids: status.gids, age: readAge(pid) },
  };
}

/** In the order of their numbers. Where the process table is the host's, only the process and its descendants. */
export function readProcesses(pid: number, host: number): ProcessView[] {
  const pids = new Set([pid, ...descendants(pid)]);
  if (sameNamespace(pid, host, 'pid') === false) for (const each of sharers(pid)) pids.add(each);
  return [...pids]
    .toSorted((a, b) => a - b)
    .flatMap(each => {
      try {
        return [readProcess(each)];
      } catch {
        // It has ended since it was listed.
        return [];
      }
    });
}

/** All processes that can be seen here. */
export const allPids = (): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);

function sharers(pid: number): number[] {
  const own = readNamespace(pid, 'pid');
  return allPids().filter(each => {
    try {
      return readNamespace(each, 'pid') === own;
    } catch {
      return false;
    }
  });
}

/** Without recursion: a chain of children may be as long as there are numbers. */
function descendants(pid: number): number[] {
  const found = new Set<number>();
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of readChildren(next)) {
      if (found.has(child)) continue;
      found.add(child);
      waiting.push(child);
    }
  }
  return [...found];
}

/** What is shown of a command line. It may have megabytes. */
const longest = 16 << 10;

function readCommand(pid: number): string[] {
  const bytes = Buffer.alloc(longest);
  const fd = openSync(`/proc/${pid}/cmdline`, 'r');
  try {
    const text = bytes.toString('utf8', 0, readSync(fd, bytes));
    const parts = text.split('\0');
    return text.endsWith('\0') ? parts.slice(0, -1) : parts.filter(Boolean);
  } finally {
    closeSync(fd);
  }
}

/** In seconds. /proc counts in hundredths of a second (USER_HZ) on every architecture of ours. */
function readAge(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Math.max(0, Math.round((uptime - Number(fields[19]) / 100) * 100) / 100);
}
