// Lesson 02: its own root. Read README.md beside this file; save, and watch the verdict.
import { execute, type Spec as ProcessSpec } from '#01-process';
import { build, type Process } from '#linux';

export interface Spec extends ProcessSpec {
  /** The folder that the container shall see as `/`: an absolute path on the host. */
  rootfs: string;
  /** Somebody inside, who may try what they like once all is in place, just before the command. */
  inside?: (box: Process) => Promise<void>;
}

/** Makes a folder the process's root, and puts the process into it. chroot(2) */
export async function enterRoot(box: Process, rootfs: string): Promise<void> {
  // TODO 1: change the process's root, so that every path beginning with `/` starts in `rootfs`. One call, on `box`.
  // TODO 2: a working folder of before still lies outside. Where should the process stand now?
}

/** Breaks out of such a root, with nothing but what root inside may do: afterwards `/` is the host's again. */
export async function climbOut(box: Process): Promise<void> {
  // TODO 3: chroot(2) does not move the working folder, and `..` stops at the root only for one who stands below it.
  // Give yourself a root that you do not stand in. Then nothing stops `..` on its way up.
}

/** The container so far: a process with a root of its own. */
export async function contain(spec: Spec): Promise<Process> {
  return build(async box => {
    await enterRoot(box, spec.rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
