// rejected by: member
// diagnosis: no-internal-processes
// The container needs the controllers, so they are switched on in the container's own cgroup, too.
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, underInit } from '#08-pid';
import { makeFolder, ownUsers, removeFolder, shiftLayers, showSystem, type Spec as UserSpec } from '#09-user';
import { build, CLONE, MS, type Process } from '#linux';

/** What a container may have. What is absent is not limited. cgroup-v2, “Controllers” */
export interface Resources {
  /** In bytes: above `max` nothing is given, above `high` slowly, up to `low` nothing is taken back; `swap` may lie on disk. */
  memory?: { max?: number; high?: number; low?: number; swap?: number };
  /** `quota` µs on a CPU in each `period`, which is 100,000 µs when absent; and a share where CPUs are scarce, 1 to 10,000. */
  cpu?: { quota?: number; period?: number; weight?: number };
  /** How many processes and threads; and on which CPUs and memory nodes: '0-2,4'. */
  pids?: number;
  cpuset?: { cpus?: string; mems?: string };
  /** For a block device, 'MAJOR:MINOR': bytes and operations a second, reading and writing. */
  io?: { device: string; rbps?: number; wbps?: number; riops?: number; wiops?: number }[];
}

export interface Spec extends UserSpec {
  /** The container's cgroup, as a path of the host's hierarchy: '/boxwright/one'. When absent, it gets none. */
  cgroup?: string;
  resources?: Resources;
}

const at = (path: string, file = '') => `/sys/fs/cgroup${path}/${file}`;
const ask = (path: string, file: string) => readFile(at(path, file), 'utf8');
/** Writes a file of a cgroup. 'r+' does not create it: ENOENT means a controller that was not passed down. */
const tell = (path: string, file: string, text: string | number) =>
  writeFile(at(path, file), String(text), { flag: 'r+' }).catch(error => {
    throw Object.assign(error, { message: `${error.message} (${file} of ${path || '/'}: ${text})` });
  });
/** Waits until cgroup.events says so: 'populated 0', 'frozen 1'. */
async function until(path: string, event: string): Promise<void> {
  while (!(await ask(path, 'cgroup.events')).includes(event)) await new Promise(next => setTimeout(next, 2));
}

/** Limits in the kernel's words: files, and what to write to them. None for what is absent. cgroup-v2, “Controllers” */
export function settings({ memory, cpu, pids, cpuset, io = [] }: Resources): [file: string, text: string | number][] {
  const limits: [string, string | number | undefined][] = [
    ['memory.max', memory?.max],
    ['memory.high', memory?.high],
    ['memory.low', memory?.low],
    ['memory.swap.max', memory?.swap],
    ['cpu.max', cpu?.quota && `${cpu.quota} ${cpu.period ?? 100_000}`],
    ['cpu.weight', cpu?.weight],
    ['pids.max', pids],
    ['cpuset.cpus', cpuset?.cpus],
    ['cpuset.mems', cpuset?.mems],
  ];
  for (const { device, ...rates } of io) {
    const pairs = Object.entries(rates).map(([key, value]) => `${key}=${value}`);
    limits.push(['io.max', [device, ...pairs].join(' ')]);
  }
  return limits.filter((limit): limit is [string, string | number] => limit[1] !== undefined);
}

/** Makes a cgroup with these limits; the folders above it as needed. Throws, EEXIST among others, and leaves none then. */
export async function makeCgroup(path: string, resources: Resources = {}): Promise<void> {
  const names = path.split('/').slice(1, -1);
  const above = names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`);
  for (const parent of ['', ...above, path]) {
    await mkdir(at(parent), { recursive: true });
    const controllers = (await ask(parent, 'cgroup.controllers')).trim().split(' ');
    await tell(parent, 'cgroup.subtree_control', controllers.map(each => `+${each}`).join(' '));
  }

  try {
    for (const [file, text] of settings(resources)) await tell(path, file, text);
  } catch (error) {
    await rmdir(at(path));
    throw error;
  }
}

/** Moves the process into the cgroup: from now on it counts there, with all that it starts. What it has used does not. */
export async function joinCgroup(box: Process, path: string): Promise<void> {
  await tell(path, 'cgroup.procs', box.pid);
}

/** A cgroup namespace of its own: the cgroup in which the process is now is `/` to it. cgroup_namespaces(7) */
export async function ownCgroup(box: Process): Promise<void> {
  await box.unshare(CLONE.NEWCGROUP);
}

/** Its cgroup, with the limits that it has, at `/sys/fs/cgroup` of the rootfs: to be read and not to be written. */
export async function mountCgroup(box: Process, rootfs: string): Promise<void> {
  const [target, flags] = [`${rootfs}/sys/fs/cgroup`, MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC];
  // Where /sys is the host's, its cgroups are there already, and no file system is mounted upon itself: EBUSY.
  await box.mount('tmpfs', target, 'tmpfs', flags);
  await box.mount('cgroup2', target, 'cgroup2', flags);
}

/** Stops all that runs in the cgroup, wherever it is. Resolves when nothing of it runs any more. */
export async function freeze(path: string): Promise<void> {
  await tell(path, 'cgroup.freeze', 1);
  await until(path, 'frozen 1');
}

/** Lets it go on. */
export async function thaw(path: string): Promise<void> {
  await tell(path, 'cgroup.freeze', 0);
}

/** Ends all that runs in the cgroup, also what is frozen, and what is being forked at this moment. */
export async function killAll(path: string): Promise<void> {
  await tell(path, 'cgroup.kill', 1);
}

/** Removes the cgroup, and ends what should still be in it. One that is not there is left out. */
export async function removeCgroup(path: string): Promise<void> {
  try {
    await killAll(path);
    await until(path, 'populated 0');
    await rmdir(at(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

const counters = [
  ...['memory.current', 'memory.peak', 'memory.events', 'memory.pressure', 'cpu.stat', 'cpu.pressure'],
  ...['pids.current', 'pids.peak', 'pids.events', 'io.stat', 'io.pressure'],
];
/** Every number in these files, where there are such: 'memory.current', 'cpu.stat usage_usec', 'io.stat 8:0 rbytes', … */
export async function statistics(path: string): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const file of counters) {
    const text = await ask(path, file).catch(() => '');
    for (const line of text.split('\n').filter(Boolean)) {
      const [name = '', ...values] = line.split(' ');
      if (values.length === 0) all[file] = Number(name);
      for (const [key = '', value] of values.map(each => each.split('='))) {
        if (value === undefined) all[`${file} ${name}`] = Number(key);
        else all[`${file} ${name} ${key}`] = Number(value);
      }
    }
  }
  return all;
}

/** The container so far: it can starve nobody but itself. */
export async function contain(spec: Spec): Promise<Process> {
  const { cgroup } = spec;
  const steps = async (box: Process) => {
    await ownUsers(box, spec);
    const folder = await makeFolder(box, spec);
    box.exited.then(() => removeFolder(folder, spec));
    if (cgroup) await makeCgroup(cgroup, spec.resources);
    if (cgroup) box.exited.then(() => removeCgroup(cgroup));
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    await ownProcesses(box);
    if (cgroup) await joinCgroup(box, cgroup);
    await ownCgroup(box);
    const lower = await shiftLayers(box, spec.root ? [spec.root] : spec.layers, folder);
    const rootfs = spec.root ? (lower[0] ?? '') : await mountLayers(box, lower, folder);
    await showSystem(box, rootfs);
    if (cgroup) await mountCgroup(box, rootfs);
    await mountIpc(box, rootfs, spec.shmSize);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    if (spec.init) await underInit(box, command => execute(command, spec));
    else await execute(box, spec);
  };
  return build(steps, { wires: spec.init ? 2 : 1 });
}
