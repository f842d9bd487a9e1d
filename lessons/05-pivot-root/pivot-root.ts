// Lesson 05: no way back. Read README.md beside this file; save, and watch the verdict.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts, populate } from '#03-mount-namespace';
import { type Spec as LayersSpec, mountLayers } from '#04-overlay';
import { build, MNT, MS, type Process, SyscallError } from '#linux';

export interface Spec extends LayersSpec {
  /** A folder that is the root as it is, in place of the layers; `podman run --rootfs`. An absolute path on the host. */
  root?: string;
  /** What the container shall find empty, in place of the list below. Absolute paths inside. */
  maskedPaths?: string[];
  /** What the container shall not change, in place of the list below. Absolute paths inside. */
  readonlyPaths?: string[];
  /** Nothing of the root can be written; what is mounted in it, /dev and /dev/shm, still can. */
  readOnly?: boolean;
}

/** What the kernel shows of the machine, not of the container: hidden by default, as runc does. */
export const maskedPaths = [
  ...['/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/sched_debug'],
  ...['/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/firmware'],
];

/** What may be looked at and must not be changed. */
export const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Whether a call was refused for this reason: `isErrno(error, 'ENOENT')`, there is no such path. */
const isErrno = (error: unknown, code: string) => error instanceof SyscallError && error.code === code;

/**
 * Makes `rootfs` the root of the whole mount namespace, with all that is mounted in it, and lets go of the old root. Any
 * folder will do, a mount or not. Afterwards the process stands in its new root. pivot_root(2)
 */
export async function pivotRoot(box: Process, rootfs: string): Promise<void> {
  // TODO 1: the new root and the old one change places; then let go of the old one, with all that is mounted in it.
  // The call wants mounts, and `rootfs` may be a plain folder. What lesson 03 has mounted in it must come along.
}

/** Covers each path, for the container to find empty. All are under way at once: none waits for another. */
export async function maskPaths(box: Process, paths: string[]): Promise<void> {
  await Promise.all(paths.map(path => maskPath(box, path)));
}

/** Covers a path: a file with /dev/null, a folder with an empty one. A path that does not exist is left out. */
async function maskPath(box: Process, path: string): Promise<void> {
  // TODO 2: mount something empty over the path.
  // Is it a file or a folder, and is it there at all? The kernel says so by how it refuses: see isErrno() above.
}

/** Makes each path refuse to be written, and nothing beside it. */
export async function protectPaths(box: Process, paths: string[]): Promise<void> {
  await Promise.all(paths.map(path => protectPath(box, path)));
}

/** Makes a path refuse to be written, a file or a folder with all that is in it. One that does not exist is left out. */
async function protectPath(box: Process, path: string): Promise<void> {
  // TODO 3: make the path refuse to be written.
  // Only a mount can, and this is a file or a folder in one. What is mounted in it shall stay as it is.
}

/** Makes the root refuse to be written: this mount of it, not the file system, nor what is mounted below. */
export async function protectRoot(box: Process): Promise<void> {
  // TODO 4: the same for the root, which is a mount already.
}

/** The container so far: nothing of the host's files is left in it, and no way leads up to them. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  return build(async box => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    const rootfs = spec.root ?? (await mountLayers(box, spec.layers, folder));
    await populate(box, rootfs);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
