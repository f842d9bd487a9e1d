// An image's layers, each in a folder of its own, as an overlay's mount wants them: unpacked once, and kept for every image and
// container that has them.
import { existsSync, mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Process } from '#linux';
import { chainNames } from '../digest.ts';
import type { Image } from '../types.ts';
import { copyAttributes } from './ask.ts';
import { type Become, complete } from './complete.ts';

/** Mounts the layers below over an empty one, and returns the path of the tree: what is changed in it comes into `folder`/upper. */
export type MountOver = (box: Process, below: string[], folder: string) => Promise<string>;

/** What one mount has room for in the 4096 characters of its options: of more layers, several become one folder. */
const mostFolders = 60;

/** A lowest layer for every container: on what the kernel's file systems are mounted. An image need not have it. */
export function mountPoints(store: string): string {
  const folder = resolve(store, '.mount-points');
  for (const name of ['proc', 'sys', 'dev']) mkdirSync(`${folder}/${name}`, { recursive: true });
  return folder;
}

/**
 * The layers' folders in `store`, the base first; `fill` unpacks the one with this number into a tree. Each is unpacked onto an
 * overlay of those below: so the kernel writes whiteouts, and copies up what a layer changes and does not bring.
 */
export async function layersApart(
  { config }: Image,
  store: string,
  become: Become,
  mountOver: MountOver,
  fill: (box: Process, root: string, i: number) => Promise<void>,
): Promise<string[]> {
  const names = chainNames(config.rootfs.diff_ids);
  mkdirSync(store, { recursive: true });
  const each = Math.ceil(names.length / mostFolders);
  const folders: string[] = [];
  for (let first = 0; first < names.length; first += each) {
    const last = Math.min(first + each, names.length) - 1;
    const name = names[last] ?? '';
    const make = async (box: Process, unfinished: string) => {
      // Relative paths, of which one mount can take more.
      await box.chdir(resolve(store));
      const folder = basename(unfinished);
      const base = folders.at(-1);
      if (base === undefined) await box.mkdir(`${folder}/upper`, 0o755);
      const root = base === undefined ? `${folder}/upper` : await mountOver(box, folders, folder);
      if (base !== undefined) await copyAttributes(box, base, root);
      for (let i = first; i <= last; i++) await fill(box, root, i);
      return `${unfinished}/upper`;
    };
    if (!existsSync(resolve(store, name))) await complete(resolve(store, name), become, make, true);
    folders.push(name);
  }
  return folders.map(name => resolve(store, name));
}
