// The images of a store, or of any image layout, and the layers that they share. image-layout.md
import { existsSync } from 'node:fs';
import {
  checkIndex,
  type Descriptor,
  fitness,
  type Index,
  isIndex,
  readDocument,
  readImage,
  readIndex,
  refName,
  thisPlatform,
} from '#images';
import { UserError } from '../../errors.ts';
import type { ImagesView } from '../types.ts';

/** Only reads: a folder that is no store is not made one. */
export async function readImages(store: string): Promise<ImagesView> {
  if (!existsSync(`${store}/index.json`))
    throw new UserError(
      `there is no store in ${store}: it has no index.json`,
      'name the folder of one (`npx box pull` makes it), or of any image layout',
    );
  const images: ImagesView['images'] = [];
  const layers: ImagesView['layers'] = {};
  for (const entry of readIndex(store).manifests) {
    const descriptor = forThisMachine(store, entry);
    if (!descriptor) continue;
    const { manifest } = readImage(store, descriptor);
    images.push({
      name: entry.annotations?.[refName] ?? entry.digest,
      layers: manifest.layers.map(({ digest }) => digest),
    });
    for (const { digest, size } of new Map(manifest.layers.map(layer => [layer.digest, layer])).values()) {
      const known = layers[digest];
      layers[digest] = { bytes: size, usedBy: (known?.usedBy ?? 0) + 1 };
    }
  }
  return { images, layers };
}

/** An index stands for several machines' images; the one that this machine would run is here, if any is. */
function forThisMachine(store: string, descriptor: Descriptor, depth = 0): Descriptor | undefined {
  if (!isIndex(descriptor.mediaType) || depth > 3) return descriptor;
  const index: Index = checkIndex(readDocument(store, descriptor), descriptor.digest);
  const here = index.manifests.filter(({ digest }) => existsSync(`${store}/blobs/${digest.replace(':', '/')}`));
  const best = here.toSorted((a, b) => fitness(b.platform, thisPlatform()) - fitness(a.platform, thisPlatform()))[0];
  return best && forThisMachine(store, best, depth + 1);
}
