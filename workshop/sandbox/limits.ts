// How much of the machine a sandbox may take: memory by a cgroup where we may make one, processes by RLIMIT_NPROC, which
// holds because the sandbox's root is an ordinary user outside.
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { type Process, RLIMIT } from '#linux';

export const limits = {
  memory: Math.min(2 ** 31, totalmem() / 2),
  /** Processes and threads. Node alone has eleven. */
  processes: 512,
  /** All that is written, in bytes: the size of the tmpfs under the overlay, and of the one for containers. */
  disk: Math.floor(Math.min(2 ** 29, totalmem() / 8)),
};

/** Where a limit on memory can be had: version 2 with the controller passed down from its root, else version 1's hierarchy. */
function memoryHierarchy(): { folder: string; limit: string; unified: boolean } | null {
  const unified = '/sys/fs/cgroup/cgroup.subtree_control';
  if (existsSync(unified)) {
    const enabled = readFileSync(unified, 'utf8').split(/\s/).includes('memory');
    return enabled ? { folder: '/sys/fs/cgroup', limit: 'memory.max', unified: true } : null;
  }
  const v1 = '/sys/fs/cgroup/memory';
  const limit = 'memory.limit_in_bytes';
  return existsSync(`${v1}/${limit}`) ? { folder: v1, limit, unified: false } : null;
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
    if (pid && startTime(pid) !== start) removeTree(`${folder}/${name}`);
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
  /** The cgroup, where it is one of version 2. */
  folder: string | null;
  /** Removes the cgroup, once its last process has gone. */
  release(): Promise<void>;
}

/** Limits the process, and all that it starts from now on, in memory. */
export function limitMemory(pid: number): Limited {
  const none = (missing: string): Limited => ({ missing, folder: null, release: async () => {} });
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
    folder: hierarchy.unified ? folder : null,
    async release() {
      // A thousand processes take a moment to die, and then their cgroups are empty.
      for (let wait = 1; wait < 4000 && !removeTree(folder); wait *= 1.5)
        await new Promise(next => setTimeout(next, wait));
    },
  };
}

/** A cgroup and those below it, deepest first. Only of version 2 are there any: nobody inside can make others. */
function removeTree(folder: string): boolean {
  return cgroupsBelow(folder).reverse().map(tryRmdir).at(-1) ?? true;
}

/** The cgroup itself and all below it, parents first. */
export function cgroupsBelow(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
    return [folder, ...below.flatMap(entry => cgroupsBelow(`${folder}/${entry.name}`))];
  } catch {
    return [];
  }
}

/** Where the sandbox's own processes are, since a cgroup with processes cannot pass controllers down. cgroups(7) */
export const hostScope = 'init.scope';

/**
 * Makes the sandbox's cgroup look like the root of a machine's hierarchy, for its root to make cgroups in: the processes in one
 * of their own, every controller passed down, the files that delegation hands over. cgroup-v2, “Delegation”
 */
export function delegate(folder: string, owner: number, pids: number[]): void {
  mkdirSync(`${folder}/${hostScope}`);
  for (const pid of pids) writeFileSync(`${folder}/${hostScope}/cgroup.procs`, String(pid));
  for (const controller of readFileSync(`${folder}/cgroup.controllers`, 'utf8').split(/\s/).filter(Boolean)) {
    writeFileSync(`${folder}/cgroup.subtree_control`, `+${controller}`);
  }
  for (const at of [folder, `${folder}/${hostScope}`]) {
    for (const file of ['', '/cgroup.procs', '/cgroup.threads', '/cgroup.subtree_control'])
      chownSync(at + file, owner, owner);
  }
}

/** Limits the processes of the sandbox's root: a fork bomb ends in EAGAIN. */
export async function limitProcesses(box: Process): Promise<void> {
  const limit = new BigUint64Array([BigInt(limits.processes), BigInt(limits.processes)]);
  await box.syscall('prlimit64', 0, RLIMIT.NPROC, new Uint8Array(limit.buffer), null);
}
