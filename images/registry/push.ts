// What is pushed, in the order in which a registry takes it: blobs, what lists them, and what lists that.
// distribution-spec, "Pushing blobs", "Pushing Manifests"
import { Readable } from 'node:stream';
import { ImageError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { type Descriptor, type Image, isIndex } from '../types.ts';
import { blobsByRepository, blobsOf, readIndexBytes } from './answers.ts';
import { atOnce, inParallel } from './parallel.ts';
import { type Progress, silent } from './progress.ts';
import type { Reference } from './reference.ts';
import type { Options, Repository } from './repository.ts';
import { signatureTag, storeSignature } from './signature.ts';
import { upload } from './upload.ts';

/**
 * Sends an image of the store and gives it its name there, and with `signWith` its signature. Returns the digest. `places`: where the
 * repository is; mirrors are for reading, the registry itself is the last.
 */
export async function pushImage(
  places: Repository[],
  store: Store,
  source: Image | Reference,
  to: Reference,
  { progress, signWith }: Options,
): Promise<string> {
  const at = places.at(-1) as Repository;
  const name = `${to.registry}/${to.repository}`;
  if (!to.tag) throw new ImageError(`${to.name}: a digest comes of what is pushed, and cannot be chosen`, 'name a tag');
  const image = 'descriptor' in source ? source.descriptor : store.find(source.name);
  if (!image) throw new ImageError(`${(source as Reference).name} is not in the store`, '`box images` lists what is');
  await pushDocument(at, store, image, to, progress);
  if (signWith) {
    const signature = await storeSignature(store, image.digest, name, signWith);
    await pushDocument(at, store, signature, { ...to, tag: signatureTag(image.digest) });
  }
  return image.digest;
}

/** Sends a manifest after its blobs, and an index after its manifests. */
async function pushDocument(
  at: Repository,
  store: Store,
  document: Descriptor,
  to: Reference,
  progress: Progress = silent,
): Promise<void> {
  const bytes = store.read(document);
  if (isIndex(document.mediaType)) {
    for (const each of readIndexBytes(bytes, document.digest).manifests)
      await pushDocument(at, store, each, { ...to, tag: each.digest }, progress);
  } else {
    const mounts = blobsByRepository(store, to.registry);
    await inParallel(blobsOf(bytes, document), atOnce, async (blob, signal) => {
      // Repositories of the same registry that should have it: it came from there, or was sent there.
      const neighbour = mounts.get(blob.digest)?.find(each => each !== at.name);
      await pushBlob(at, store, blob, { neighbour, progress, signal });
    });
  }
  const headers = { 'content-type': document.mediaType };
  const body = { size: bytes.length, open: () => Readable.from([bytes]) };
  await at.read(`manifests/${to.tag}`, { method: 'PUT', headers, body, scopes: [`repository:${at.name}:pull,push`] });
}

interface Pushing {
  neighbour: string | undefined;
  progress: Progress;
  signal: AbortSignal;
}

/** Sends a blob, unless the registry has it, or has it next door. */
async function pushBlob(at: Repository, store: Store, blob: Descriptor, { neighbour, progress, signal }: Pushing) {
  const scopes = [`repository:${at.name}:pull,push`];
  const { answer } = await at.read(`blobs/${blob.digest}`, { method: 'HEAD', allowed: [404], scopes, signal });
  if (answer.status === 200) return progress.skip(blob, 'is there already');

  // "Mounting a blob from another repository": 201, and it is there; else 202, and it is an upload like any other.
  const mount = neighbour ? `?mount=${blob.digest}&from=${encodeURIComponent(neighbour)}` : '';
  const both = neighbour ? [...scopes, `repository:${neighbour}:pull`] : scopes;
  const { answer: begun } = await at.read(`blobs/uploads/${mount}`, { method: 'POST', scopes: both, signal });
  if (begun.status === 201) return progress.skip(blob, `is there already, in ${neighbour}`);
  await upload(at, begun, blob, { path: store.path(blob.digest), report: progress.begin(blob), scopes, signal });
}
