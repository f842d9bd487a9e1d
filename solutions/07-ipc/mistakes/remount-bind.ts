// rejected by: shm-size
// diagnosis: size-of-a-bind
// Lesson 05 changes a mount with these two flags.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts, populate } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName, type Spec as UtsSpec } from '#06-uts';
import { build, CLONE, MS, type Process } from '#linux';

export interface Spec extends UtsSpec {
  /** How much /dev/shm may hold, in bytes; 64 MiB when absent. `docker run --shm-size` */
  shmSize?: number;
}

/** An IPC namespace of its own: System V's shared memory, semaphores and queues, and POSIX queues. ipc_namespaces(7) */
export async function ownIpc(box: Process): Promise<void> {
  await box.unshare(CLONE.NEWIPC);
}

/**
 * What programs reach by a path: the message queues at /dev/mqueue of the rootfs, and a /dev/shm, which populate() has
 * mounted, that holds `shmSize` bytes. mq_overview(7), shm_overview(7)
 */
export async function mountIpc(box: Process, rootfs: string, shmSize = 64 * 1024 * 1024): Promise<void> {
  const [mqueue, shm] = [`${rootfs}/dev/mqueue`, `${rootfs}/dev/shm`];
  await box.mkdir(mqueue, 0o755);
  await box.mount('mqueue', mqueue, 'mqueue', MS.NOSUID | MS.NODEV | MS.NOEXEC);

  await box.mount(null, shm, null, MS.REMOUNT | MS.BIND | MS.NOSUID | MS.NODEV | MS.NOEXEC, `size=${shmSize}`);
}

/** The container so far: no other process can pass it a message or a byte of memory behind its back. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  return build(async box => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    const rootfs = spec.root ?? (await mountLayers(box, spec.layers, folder));
    await populate(box, rootfs);
    await mountIpc(box, rootfs, spec.shmSize);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
