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
  await Promise.all([upper, work, merged].map(path => box.mkdir(path, 0o755)));

  // The kernel wants the topmost first; an image lists it last.
  const lower = layers.toReversed().join(':');
  await box.mount('overlay', merged, 'overlay', 0, `lowerdir=${lower},upperdir=${upper},workdir=${work},${options}`);
  return merged;
}

/** The container so far: a process with a root and mounts of its own, on an image that stays as it is. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  return build(async box => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    const rootfs = await mountLayers(box, spec.layers, folder);
    await populate(box, rootfs);
    await enterRoot(box, rootfs);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
