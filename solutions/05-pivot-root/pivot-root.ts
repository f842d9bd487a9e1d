// Lesson 05: no way back. Read README.md beside this file; save, and watch the verdict.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts, populate } from '#03-mount-namespace';
import { type Spec as LayersSpec, mountLayers } from '#04-overlay';
import { build, MNT, MS, type Process, SyscallError } from '#linux';

export interface Spec extends LayersSpec {
  /** Nothing of the root can be written; /dev, /dev/shm and the like still can. */
  readOnly?: boolean;
}

/** Makes a folder the root of the whole mount namespace, and lets go of the old one. pivot_root(2) */
export async function pivotRoot(box: Process, rootfs: string): Promise<void> {
  // The new root must be a mount; a folder bound to itself is one.
  await box.mount(rootfs, rootfs, null, MS.BIND | MS.REC);
  await box.chdir(rootfs);

  // The old root comes to lie over the new one, at `.`, whence it is taken away with all that is mounted in it.
  await box.pivot_root('.', '.');
  await box.umount2('.', MNT.DETACH);
  await box.chdir('/');
}

/** What the kernel shows in /proc and /sys that is the machine's and not the container's, as runc hides it. */
export const maskedPaths = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/timer_list',
  '/proc/scsi',
  '/proc/acpi',
  '/sys/firmware',
];

/** What may be looked at and must not be changed. */
export const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Covers each path: a file with /dev/null, a folder with an empty one. A path that this kernel has not got is left out. */
export async function maskPaths(box: Process, paths: string[]): Promise<void> {
  for (const path of paths) {
    try {
      await box.mount('/dev/null', path, null, MS.BIND);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) continue;
      if (!isErrno(error, 'ENOTDIR')) throw error;
      await box.mount('tmpfs', path, 'tmpfs', MS.RDONLY, 'size=0');
    }
  }
}

/** Makes each path a mount of its own that refuses to be written. */
export async function protectPaths(box: Process, paths: string[]): Promise<void> {
  for (const path of paths) {
    try {
      await box.mount(path, path, null, MS.BIND | MS.REC);
      await box.mount(null, path, null, MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}

/** Makes the root itself refuse to be written: this mount, not the file systems mounted in it. */
export async function protectRoot(box: Process): Promise<void> {
  await box.mount(null, '/', null, MS.REMOUNT | MS.BIND | MS.RDONLY);
}

const isErrno = (error: unknown, code: string) => error instanceof SyscallError && error.code === code;

/** The container so far: nothing of the host's files is left in it, and no way leads back to them. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  return build(async box => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    const rootfs = await mountLayers(box, spec.layers, folder);
    await populate(box, rootfs);
    await pivotRoot(box, rootfs);
    await maskPaths(box, maskedPaths);
    await protectPaths(box, readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
