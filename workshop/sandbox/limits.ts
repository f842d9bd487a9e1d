// How much of the machine a sandbox may take: memory by a cgroup where we may make one, processes by RLIMIT_NPROC, which
// holds because the sandbox's root is an ordinary user outside.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { type Process, RLIMIT } from '#linux';

export const limits = {
  memory: Math.min(2 ** 31, totalmem() / 2),
  /** Processes and threads. Node alone has eleven. */
  processes: 512,
  /** All that is written, in bytes: the size of the tmpfs under the overlay, and of the one for containers. */
  disk: Math.floor(Math.min(2 ** 29, totalmem() / 8)),
};

/** Directories that take the pid of a new member, one for each hierarchy that has the memory controller: v2, else v1. */
function memoryHierarchy(): { folder: string; limit: string } | null {
  const unified = '/sys/fs/cgroup/cgroup.subtree_control';
  if (existsSync(unified)) {
    const enabled = readFileSync(unified, 'utf8').split(/\s/).includes('memory');
    return enabled ? { folder: '/sys/fs/cgroup', limit: 'memory.max' } : null;
  }
  const v1 = '/sys/fs/cgroup/memory';
  return existsSync(`${v1}/memory.limit_in_bytes`) ? { folder: v1, limit: 'memory.limit_in_bytes' } : null;
}

const prefix = 'boxwright-';

/** The name says whose it is: the pid and start time of the process that made it, so that a crash leaves nothing for ever. */
function ownName(): string {
  return `${prefix}${process.pid}-${startTime(process.pid)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** The process's start, in clock ticks since boot: with the pid, it names a process for good. proc_pid_stat(5) */
function startTime(pid: number | string): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Removes the cgroups of owners that are gone. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid, start] = /^boxwright-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid && startTime(pid) !== start) tryRmdir(`${folder}/${name}`);
  }
}

function tryRmdir(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    // EBUSY: its last process is still on the way out.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

export interface Limited {
  /** What could not be limited, and why: for doctor and the curious. */
  missing: string | null;
  /** Removes the cgroup, once its last process has gone. */
  release(): Promise<void>;
}

/** Limits the process, and all that it starts from now on, in memory. */
export function limitMemory(pid: number): Limited {
  const none = (missing: string): Limited => ({ missing, release: async () => {} });
  const hierarchy = memoryHierarchy();
  if (!hierarchy) return none('no cgroup hierarchy here has the memory controller');
  const folder = `${hierarchy.folder}/${ownName()}`;
  try {
    sweep(hierarchy.folder);
    mkdirSync(folder);
    writeFileSync(`${folder}/${hierarchy.limit}`, String(Math.floor(limits.memory)));
    writeFileSync(`${folder}/cgroup.procs`, String(pid));
  } catch (error) {
    tryRmdir(folder);
    return none(`cgroups are not ours to make (${(error as NodeJS.ErrnoException).code})`);
  }
  return {
    missing: null,
    async release() {
      // A thousand processes take a moment to die.
      for (let wait = 1; wait < 4000 && !tryRmdir(folder); wait *= 1.5)
        await new Promise(next => setTimeout(next, wait));
    },
  };
}

/** Limits the processes of the sandbox's root: a fork bomb ends in EAGAIN. */
export async function limitProcesses(box: Process): Promise<void> {
  const limit = new BigUint64Array([BigInt(limits.processes), BigInt(limits.processes)]);
  await box.syscall('prlimit64', 0, RLIMIT.NPROC, new Uint8Array(limit.buffer), null);
}
