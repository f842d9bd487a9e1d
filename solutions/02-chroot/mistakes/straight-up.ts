// rejected by: climb-out
// diagnosis: stopped-at-root
// If `..` leads up, many of them lead out.
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
  await box.chroot(rootfs);
  await box.chdir('/');
}

/**
 * Breaks out of such a root, with nothing but what root inside may do: afterwards `/` is the host's again. It knows of no
 * path on the host, and works as often as it is called.
 */
export async function climbOut(box: Process): Promise<void> {
  await box.chdir('../'.repeat(64));
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
