// rejected by: proc
// diagnosis: flags-forgotten
// It works without flags, and ps shows what it should: so nothing seems to be missing.
// Lesson 03: its own mounts. Read README.md beside this file; save, and watch the verdict.
import { execute } from '#01-process';
import { enterRoot, type Spec } from '#02-chroot';
import { build, CLONE, MS, type Process } from '#linux';

// box.mount(source, target, type, flags, data), as mount(2) has it. What a call has no use for is null, or 'none' as source.
// Flags are put together with `|`. Every path is the host's, because the container's root is entered last: see contain().

/** A mount namespace of its own, whose mounts nobody else hears of, and which hears of nobody else's. mount_namespaces(7) */
export async function ownMounts(box: Process): Promise<void> {
  await box.unshare(CLONE.NEWNS);
  await box.mount('none', '/', null, MS.REC | MS.PRIVATE);
}

/** The kernel's view of processes, at `/proc` of the rootfs. proc(5) */
export async function mountProc(box: Process, rootfs: string): Promise<void> {
  await box.mount('proc', `${rootfs}/proc`, 'proc');
}

/** The kernel's view of devices, at `/sys` of the rootfs: to be read and not to be written. sysfs(5) */
export async function mountSys(box: Process, rootfs: string): Promise<void> {
  await box.mount('sysfs', `${rootfs}/sys`, 'sysfs', MS.RDONLY);
}

/** The devices that every program expects. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Links that every program expects in /dev: name → target. */
export const deviceLinks = {
  ptmx: 'pts/ptmx',
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
};

/** A `/dev` of the rootfs with what a program needs, and nothing that leads to the hardware. */
export async function mountDev(box: Process, rootfs: string): Promise<void> {
  const dev = `${rootfs}/dev`;
  await box.mount('tmpfs', dev, 'tmpfs', MS.NOSUID | MS.STRICTATIME, 'mode=755,size=65536k');
  // One frame on the wire: its calls are performed in order, up to the first that fails, and answered together.
  await box.together(() => {
    for (const [name, target] of Object.entries(deviceLinks)) box.symlink(target, `${dev}/${name}`);
  });

  await box.together(() => {
    // Each is the host's own, mounted on an empty file: to make one with mknod(2) takes root on the whole machine.
    for (const name of devices) {
      box.mknod(`${dev}/${name}`);
      box.mount(`/dev/${name}`, `${dev}/${name}`, null, MS.BIND);
    }

    box.mkdir(`${dev}/pts`);
    box.mount('devpts', `${dev}/pts`, 'devpts', MS.NOSUID | MS.NOEXEC, 'newinstance,ptmxmode=0666,mode=0620');

    box.mkdir(`${dev}/shm`);
    box.mount('shm', `${dev}/shm`, 'tmpfs', MS.NOSUID | MS.NODEV | MS.NOEXEC, 'mode=1777,size=65536k');
  });
}

/** The three file systems that the kernel provides and every program expects. */
export async function populate(box: Process, rootfs: string): Promise<void> {
  await mountProc(box, rootfs);
  await mountSys(box, rootfs);
  await mountDev(box, rootfs);
}

/** The container so far: a process with a root and mounts of its own. */
export async function contain(spec: Spec): Promise<Process> {
  return build(async box => {
    await ownMounts(box);
    await populate(box, spec.rootfs);
    await enterRoot(box, spec.rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
