// Lesson 03: its own mounts. Read README.md beside this file; save, and watch the verdict.
import { execute } from '#01-process';
import { enterRoot, type Spec } from '#02-chroot';
import { build, CLONE, MS, type Process } from '#linux';

// box.mount(source, target, type, flags, data), as mount(2) has it. What a call has no use for is null, or 'none' as source.
// Flags are put together with `|`. Every path is the host's, because the container's root is entered last: see contain().

/** A mount namespace of its own, whose mounts nobody else hears of, and which hears of nobody else's. mount_namespaces(7) */
export async function ownMounts(box: Process): Promise<void> {
  // TODO 1: give `box` a mount namespace of its own. One call.
  // TODO 2: cut every mount in it off from its peers on the host, in both directions. One more call.
}

/** The kernel's view of processes, at `/proc` of the rootfs. proc(5) */
export async function mountProc(box: Process, rootfs: string): Promise<void> {
  // TODO 3: mount a file system of type 'proc' here, and in mountSys one of type 'sysfs'. One call each, no data.
}

/** The kernel's view of devices, at `/sys` of the rootfs: to be read and not to be written. sysfs(5) */
export async function mountSys(box: Process, rootfs: string): Promise<void> {
  // The second half of TODO 3.
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

  // TODO 4: three things are missing in this /dev, each of them a mount on something that you make first.
  //   Each of `devices`: an empty file, made with box.mknod(path), and on it the host's device of the same name.
  //   pts: a folder, made with box.mkdir(path), and on it a devpts with the data 'newinstance,ptmxmode=0666,mode=0620'.
  //   shm: a folder, and on it a tmpfs with the data 'mode=1777,size=65536k'.
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
