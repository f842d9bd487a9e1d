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
  await box.chroot(rootfs);
  await box.chdir('/');
}

/** Breaks out of such a root, with nothing but what root inside may do: afterwards `/` is the host's again. */
export async function climbOut(box: Process): Promise<void> {
  // A new root below, while the working folder stays where it is: now above the root, where `..` is no longer stopped.
  await box.mkdir('/tmp/.below').catch(() => {});
  await box.chroot('/tmp/.below');
  for (let depth = 0; depth < 64; depth++) await box.chdir('..');
  await box.chroot('.');
}

/** The container so far: a process with a root of its own. */
export async function contain(spec: Spec): Promise<Process> {
  return build(async box => {
    await enterRoot(box, spec.rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
