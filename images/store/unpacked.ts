// What a store has beside its blobs, so that containers start from it: unpacked layers, containers' own folders, and what the steps
// of builds have come to. All of it can be made again. Whoever runs a container holds `running.lock`, for as long as it lasts.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { withLockIfFree, withSharedLock } from '#linux';
import type { Step } from '../build/cache.ts';
import { chainNames } from '../digest.ts';
import { checkIndex } from '../documents.ts';
import { readDocument, readImage } from '../layout.ts';
import { type Become, discard } from '../tree/complete.ts';
import { type Descriptor, isIndex, isManifest } from '../types.ts';
import type { Store } from './store.ts';

const lockOf = (folder: string) => `${folder}/running.lock`;

/** While it lasts, nothing unpacked is thrown away. `folder`: the store's. */
export const whileRunning = <T>(folder: string, work: () => Promise<T>): Promise<T> =>
  withSharedLock(lockOf(folder), work);

/**
 * Throws away the layers that no named image has, what containers and builds that were killed have left, and steps whose layers are
 * gone; with `all` every unpacked layer and every step. Gives how many layers, or undefined, having done nothing, while a
 * container runs. Nobody may be in `store.whileUsed`.
 */
export function sweepUnpacked(store: Store, become: Become, all: boolean): Promise<number | undefined> {
  return withLockIfFree(lockOf(store.folder), async () => {
    const needed = new Set(all ? [] : store.index().manifests.flatMap(each => [...layersOf(store, each)]));
    const layers = list(store, 'layers').filter(name => !name.startsWith('.') && !needed.has(name));
    const unfinished = list(store, 'layers').filter(name => name.startsWith('.unfinished-'));
    const leftovers = ['containers', 'build'].flatMap(folder => list(store, folder).map(name => `${folder}/${name}`));
    const paths = [...[...layers, ...unfinished].map(name => `layers/${name}`), ...leftovers];
    // So many at a time as a command line has room for.
    for (let i = 0; i < paths.length; i += 500)
      await discard(
        paths.slice(i, i + 500).map(path => `${store.folder}/${path}`),
        become,
      );
    for (const name of list(store, 'steps')) if (all || !isWhole(store, name)) rmSync(`${store.folder}/steps/${name}`);
    return layers.length;
  });
}

const list = (store: Store, folder: string) =>
  existsSync(`${store.folder}/${folder}`) ? readdirSync(`${store.folder}/${folder}`) : [];

/** What `layersApart` calls the layers of an image, of all its platforms that are here. */
function* layersOf(store: Store, descriptor: Descriptor): Generator<string> {
  if (!store.has(descriptor.digest)) return;
  if (isIndex(descriptor.mediaType))
    for (const each of checkIndex(readDocument(store.folder, descriptor), descriptor.digest).manifests)
      yield* layersOf(store, each);
  if (isManifest(descriptor.mediaType)) yield* chainNames(readImage(store.folder, descriptor).config.rootfs.diff_ids);
}

/** Whether a later build can use it. */
function isWhole(store: Store, step: string): boolean {
  try {
    const { layer }: Step = JSON.parse(readFileSync(`${store.folder}/steps/${step}`, 'utf8'));
    return !layer || store.has(layer.descriptor.digest);
  } catch {
    return false;
  }
}
