// An image layout: a folder with blobs named by their digests, and index.json, which says what they are. image-layout.md
import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { hashFor, parseDigest } from './digest.ts';
import { checkConfig, checkIndex, checkManifest } from './documents.ts';
import { ImageError } from './errors.ts';
import { type Descriptor, type Image, type Index, isIndex, isManifest, refName } from './types.ts';

/** What a document may have at most: what registries take, too. Bytes. */
export const documentLimit = 4 << 20;

export function blobPath(layout: string, digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `${layout}/blobs/${algorithm}/${hex}`;
}

/** A blob as it lies there, unverified: the file itself, no link, nothing that could block. */
export function readBlob(layout: string, { digest }: Descriptor): AsyncIterable<Uint8Array> {
  const fd = openFile(blobPath(layout, digest), `the blob ${digest}`);
  return createReadStream('', { fd, highWaterMark: 128 << 10 });
}

/** A document among the blobs, whole and verified. */
export function readDocument(layout: string, descriptor: Descriptor): unknown {
  return parseJson(readDocumentBytes(layout, descriptor), `the blob ${descriptor.digest}`);
}

export function readDocumentBytes(layout: string, { digest, size }: Descriptor): Buffer {
  const what = `the blob ${digest}`;
  const bytes = readLimited(blobPath(layout, digest), what);
  if (bytes.length !== size)
    throw new ImageError(`${what} has ${bytes.length} bytes, and not the ${size} that it should have`);
  if (hashFor(digest).update(bytes).digest('hex') !== parseDigest(digest).hex)
    throw new ImageError(`${what} is not what its name says: its content has another digest`);
  return bytes;
}

/** index.json, of a layout whose version we know. */
export function readIndex(layout: string): Index {
  const version = parseJson(readLimited(`${layout}/oci-layout`, `${layout}/oci-layout`), 'oci-layout') as {
    imageLayoutVersion?: unknown;
  } | null;
  if (version?.imageLayoutVersion !== '1.0.0')
    throw new ImageError(`${layout} is no image layout of version 1.0.0, the only one there is`);
  const what = `${layout}/index.json`;
  return checkIndex(parseJson(readLimited(what, what), what), what);
}

/** The image that a manifest's descriptor points to, with its configuration; all verified. */
export function readImage(layout: string, descriptor: Descriptor): Image {
  const { digest, mediaType } = descriptor;
  if (!isManifest(mediaType)) throw new ImageError(`${digest} is no image, but ${JSON.stringify(mediaType)}`);
  const manifest = checkManifest(readDocument(layout, descriptor), digest);
  const config = checkConfig(readDocument(layout, manifest.config), manifest.config.digest);
  const [layers, diffs] = [manifest.layers.length, config.rootfs.diff_ids.length];
  if (layers !== diffs)
    throw new ImageError(`the manifest ${digest} has ${layers} layers, and its configuration ${diffs} diff_ids`);
  return { layout, descriptor, manifest, config };
}

/** The entry with that name; without one, the only entry. */
export function findEntry(layout: string, reference?: string): Descriptor {
  const { manifests } = readIndex(layout);
  const named = manifests.filter(each => reference === undefined || each.annotations?.[refName] === reference);
  const [first, second] = named;
  if (first && (!second || reference !== undefined)) return first;
  const names = manifests.map(each => each.annotations?.[refName] ?? each.digest);
  const there =
    names.length > 0 ? `there ${names.length > 1 ? 'are' : 'is'} ${names.slice(0, 20).join(', ')}` : 'it is empty';
  throw new ImageError(
    reference === undefined
      ? `which image of ${layout}? ${there}`
      : `no image in ${layout} is named ${reference}: ${there}`,
  );
}

/** The image with that name. Of an index's manifests, `choose` takes one. Every document is verified on the way. */
export function findImage(layout: string, reference: string | undefined, choose: (index: Index) => Descriptor): Image {
  let descriptor = findEntry(layout, reference);
  // An index may list an index; but not in a circle.
  for (let depth = 0; depth < 4 && isIndex(descriptor.mediaType); depth++)
    descriptor = choose(checkIndex(readDocument(layout, descriptor), descriptor.digest));
  return readImage(layout, descriptor);
}

function readLimited(path: string, what: string): Buffer {
  const fd = openFile(path, what);
  try {
    const { size } = fstatSync(fd);
    if (size > documentLimit) throw new ImageError(`${what} is too long for a document: ${size} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function openFile(path: string, what: string): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ImageError(`${what} is missing`);
    if (code === 'ELOOP') throw new ImageError(`${what} is a link, and not the file itself`);
    throw new ImageError(`${what} cannot be read: ${(error as Error).message}`);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ImageError(`${what} is no file`);
}

export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new ImageError(`${what} is no JSON`);
  }
}
