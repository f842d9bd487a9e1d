// Lesson 02: its own root. Read README.md beside this file; save, and watch the verdict.
import { execute, type Spec as ProcessSpec } from '#01-process';
import { build, type Process } from '#linux';

export interface Spec extends ProcessSpec {
  /** The folder that the container shall see as `/`: an absolute path on the host. */
  rootfs: string;
  /** Somebody inside, who may try what they like once all is in place, before the command starts. */
  inside?: (box: Process) => Promise<void>;
}

/**
 * Makes a folder the process's root, and puts the process into it. `rootfs` is an absolute path, looked up in the root that
 * the process has when it is called. chroot(2)
 */
export async function enterRoot(box: Process, rootfs: string): Promise<void> {
  // TODO 1: change the root of `box`: every path that begins with `/` shall start in `rootfs`. One call.
  // TODO 2: move it in. It still stands where it stood before, and that is outside. One more call.
}

/**
 * Breaks out of such a root, with nothing but what root inside may do: afterwards `/` is the host's again. It knows of no
 * path on the host, and works as often as it is called.
 */
export async function climbOut(box: Process): Promise<void> {
  // TODO 3: get outside of your own root, climb as far as it goes, and make that your root. Three calls can do it.
}

/** The container so far: a process with a root of its own. */
export async function contain(spec: Spec): Promise<Process> {
  return build(async box => {
    await enterRoot(box, spec.rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
