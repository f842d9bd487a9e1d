// What a process may use of memory, CPUs and the process table, and what it uses. Each controller is read where it is mounted, so a
// machine with both versions is told as it is. cgroup-v2; cgroup-v1/memory, cpuacct, sched-bwc, pids, freezer-subsystem
import { readFileSync } from 'node:fs';
import { O, Process } from '#linux';
import type { CgroupView } from '../types.ts';
import { type Group, groupsOf } from './hierarchies.ts';
import { type Reading, sameNamespace } from './reading.ts';

export function readCgroup({ pid, attempt }: Pick<Reading, 'pid' | 'attempt'>): CgroupView | null {
  return attempt('its cgroup', () => {
    const find = groupsOf(pid);
    const memory = find('memory');
    if (!memory) return null;
    const { version, path } = memory;
    const [cpu, pids] = [find('cpu'), find('pids')];
    return {
      ...{ version, path, inside: null },
      memory: memoryOf(memory),
      cpu: { ...cpuOf(cpu), cpus: cpusOf(find('cpuset')), usage: usageOf(cpu, find('cpuacct')) },
      pids: { current: own(pids, 'pids.current'), max: tightest(pids, 'pids.max') },
      frozen: frozenOf(find('freezer')),
    };
  });
}

function memoryOf(group: Group): CgroupView['memory'] {
  if (group.version === 2) {
    return {
      ...{ current: own(group, 'memory.current'), peak: own(group, 'memory.peak') },
      ...{ max: tightest(group, 'memory.max'), high: tightest(group, 'memory.high') },
      oomKills: field(text(group, 'memory.events'), 'oom_kill'),
    };
  }
  return {
    current: own(group, 'memory.usage_in_bytes'),
    max: tightest(group, 'memory.limit_in_bytes'),
    // Its soft limit is something else.
    high: null,
    peak: own(group, 'memory.max_usage_in_bytes'),
    oomKills: field(text(group, 'memory.oom_control'), 'oom_kill'),
  };
}

function cpuOf(group: Group | null): Pick<CgroupView['cpu'], 'quota' | 'weight' | 'throttled'> {
  const stat = text(group, 'cpu.stat');
  const quotas = (group?.folders ?? []).map(folder => quotaOf(folder, group?.version ?? 2));
  const quota = least(quotas);
  if (group?.version === 1) {
    const throttled = field(stat, 'throttled_time');
    return { quota, weight: own(group, 'cpu.shares'), throttled: throttled === null ? null : throttled / 1e9 };
  }
  const throttled = field(stat, 'throttled_usec');
  return { quota, weight: own(group, 'cpu.weight'), throttled: throttled === null ? null : throttled / 1e6 };
}

/** In CPUs. */
function quotaOf(folder: string, version: 1 | 2): number | null {
  const words =
    version === 2
      ? (slurp(`${folder}/cpu.max`)?.split(' ') ?? [])
      : [slurp(`${folder}/cpu.cfs_quota_us`) ?? '', slurp(`${folder}/cpu.cfs_period_us`) ?? ''];
  const [quota, period] = words.map(word => Number(word || Number.NaN));
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : null;
}

/** In seconds. Of version 1 another controller counts, which need not be mounted with the first. */
function usageOf(cpu: Group | null, counter: Group | null): number | null {
  if (cpu?.version === 2) {
    const usage = field(text(cpu, 'cpu.stat'), 'usage_usec');
    return usage === null ? null : usage / 1e6;
  }
  const usage = own(counter, 'cpuacct.usage');
  return usage === null ? null : usage / 1e9;
}

function cpusOf(group: Group | null): string | null {
  return text(group, group?.version === 1 ? 'cpuset.effective_cpus' : 'cpuset.cpus.effective')?.trim() || null;
}

function frozenOf(group: Group | null): boolean | null {
  if (group?.version === 1) {
    const state = text(group, 'freezer.state');
    return state === null ? null : state.trim() === 'FROZEN';
  }
  const frozen = field(text(group, 'cgroup.events'), 'frozen');
  return frozen === null ? null : frozen === 1;
}

/** What the process is told of its place when it asks itself: the root of its cgroup namespace is '/'. cgroup_namespaces(7) */
export async function readInside({ pid, attempt, attemptAsync }: Reading, outside: CgroupView): Promise<string | null> {
  if (attempt('its cgroup namespace', () => sameNamespace(pid, process.pid, 'cgroup')) !== false) return null;
  return attemptAsync('what it is told of its cgroup', async () => {
    const hand = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
    try {
      await hand.setns(await hand.open(`/proc/${pid}/ns/cgroup`));
      const file = await hand.open(`/proc/${pid}/cgroup`, O.RDONLY);
      const said = (await hand.read(file, 1 << 16)).toString();
      const wanted = outside.version === 2 ? /^0::(.*)$/m : /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m;
      return wanted.exec(said)?.[1] ?? null;
    } finally {
      await hand.end();
    }
  });
}

const own = (group: Group | null, file: string) => asNumber(text(group, file));
const text = (group: Group | null, file: string) => (group?.folders[0] ? slurp(`${group.folders[0]}/${file}`) : null);

/** A group gives out what it has been given: the limit that holds is the least of its own and of those above. */
const tightest = (group: Group | null, file: string) =>
  least((group?.folders ?? []).map(folder => asNumber(slurp(`${folder}/${file}`))));

function least(limits: (number | null)[]): number | null {
  const given = limits.filter(limit => limit !== null);
  return given.length > 0 ? Math.min(...given) : null;
}

/** Null for 'max', and for the number that version 1 has for it: as many whole pages as a signed long of bytes can count. */
function asNumber(said: string | null): number | null {
  const number = Number(said?.trim() || Number.NaN);
  return Number.isFinite(number) && number < 2 ** 62 ? number : null;
}

function field(lines: string | null, name: string): number | null {
  const line = lines?.split('\n').find(each => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

/** Null where there is no such file: a controller that is not passed down, or the root, which has no limits. */
function slurp(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
