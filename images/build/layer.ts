// Items into a layer: a tar archive, compressed, among the store's blobs. The same items give the same bytes. layer.md
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress, constants as zlib } from 'node:zlib';
import type { Store } from '../store/store.ts';
import { type Item, writeTar } from '../tar/write.ts';
import { type Descriptor, mediaTypes } from '../types.ts';

export const compressions = ['gzip', 'zstd', 'none'] as const;
export type Compression = (typeof compressions)[number];

export interface Layer {
  descriptor: Descriptor;
  /** The digest of the archive, before it was compressed. config.md, "Layer DiffID" */
  diffId: string;
}

const chunkSize = 128 << 10;
const types = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer };
/** Levels are part of what a digest depends on. Neither header has a name or a time in it. */
const compressors = {
  gzip: () => [createGzip({ level: 6, chunkSize })],
  zstd: () => [createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 }, chunkSize })],
  none: () => [],
};

/** Puts them into the store; nothing, when there are none. */
export async function writeLayer(
  store: Store,
  items: AsyncIterable<Item>,
  compression: Compression,
): Promise<Layer | undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  const all = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();

  // The store takes what has a name, and the name is not known before the end.
  const file = `${store.folder}/ingest/build-${randomUUID()}`;
  await mkdir(`${store.folder}/ingest`, { recursive: true });
  const [diff, blob] = [createHash('sha256'), createHash('sha256')];
  try {
    const stages = [gather(writeTar(all)), counted(diff), ...compressors[compression](), counted(blob)];
    await pipeline([...stages, createWriteStream(file)] as unknown as NodeJS.ReadWriteStream[]);
    const digest = `sha256:${blob.digest('hex')}`;
    const descriptor = { mediaType: types[compression], digest, size: (await stat(file)).size };
    await store.put(descriptor, from => createReadStream(file, { start: from }));
    return { descriptor, diffId: `sha256:${diff.digest('hex')}` };
  } finally {
    await rm(file, { force: true });
  }
}

const counted = (hash: { update(chunk: Uint8Array): unknown }) =>
  async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };

/** Few large chunks of many small ones: each is a task for a thread. */
async function* gather(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < chunkSize) continue;
    yield Buffer.concat(waiting);
    [waiting, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(waiting);
}
