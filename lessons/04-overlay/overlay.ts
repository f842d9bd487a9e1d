// Lesson 04: layers, copy on write. Read README.md beside this file; save, and watch the verdict.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { enterRoot, type Spec as RootSpec } from '#02-chroot';
import { ownMounts, populate } from '#03-mount-namespace';
import { build, type Process } from '#linux';

export interface Spec extends Omit<RootSpec, 'rootfs'> {
  /** The image: folders that are not to change, the base first, as an image's manifest lists them. Absolute paths on the host. */
  layers: string[];
  /** A folder in which every container gets a folder of its own, for as long as it runs. */
  containers: string;
}

/**
 * Mounts the layers, and over them an empty one that takes every change. Returns the path of the merged tree. `folder` is
 * this container's own, and empty; `options` are more for the mount. mount(8), “Mount options for overlay”
 */
export async function mountLayers(
  box: Process,
  layers: string[],
  folder: string,
  options = 'userxattr',
): Promise<string> {
  const [upper, work, merged] = [`${folder}/upper`, `${folder}/work`, `${folder}/merged`];
  // TODO 1: none of the three is there yet. Make them: writable for root alone, open for everybody to enter (0o755).

  // TODO 2: mount the overlay at `merged`: `layers` below, `upper` above, `work` for the kernel's own use, and `options`.
  // The last of `layers` is to lie on top. In which order does the kernel want them?

  return merged;
}

/** The container so far: a process with a root and mounts of its own, on an image that stays as it is. */
export async function contain(spec: Spec): Promise<Process> {
  // TODO 3: a new folder in spec.containers, for this container alone, in which the layers are mounted. `rootfs` is then the
  // merged tree; for now it is the base layer itself, as in lesson 03. The host is not to see the mount: where is its place?

  return build(async box => {
    // TODO 4: when the container has ended, however it ended, its folder goes. `box.exited` settles then, and not before.

    await ownMounts(box);
    const rootfs = spec.layers[0] ?? '';
    await populate(box, rootfs);
    await enterRoot(box, rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
