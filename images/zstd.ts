// zstd's frames, one by one: a layer may have several, as parallel compressors and "zstd:chunked" make them, and Node's
// decompressor ends with the first. RFC 8878, section 3.1

import { ImageError } from './errors.ts';
import type { Source } from './tar/source.ts';

const zstdMagic = 0xfd2fb528;
const isSkippable = (magic: number) => (magic & 0xfffffff0) >>> 0 === 0x184d2a50;

/** The first four bytes, little-endian. pzstd begins with a frame that is to be skipped. */
export const isZstd = (magic: number) => magic === zstdMagic || isSkippable(magic);

const of = 'a zstd frame';

/** The bytes of the next frame. One that is to be skipped has no content, and the decompressor knows. */
export async function* readFrame(source: Source): AsyncGenerator<Uint8Array> {
  const magic = await source.take(4, of);
  const number = magic.readUInt32LE();
  if (isSkippable(number)) {
    const size = await source.take(4, of);
    yield Buffer.concat([magic, size]);
    yield* several(source, size.readUInt32LE());
    return;
  }
  if (number !== zstdMagic) throw new ImageError('a layer is damaged: behind a zstd frame stands something else');

  const descriptor = await source.take(1, of);
  const flags = descriptor[0] ?? 0;
  const isSingleSegment = (flags & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  yield Buffer.concat([magic, descriptor]);
  yield await source.take((isSingleSegment ? 0 : 1) + dictionary + contentSize, of);

  for (let last = false; !last; ) {
    const head = await source.take(3, of);
    yield head;
    const word = head.readUIntLE(0, 3);
    last = (word & 1) !== 0;
    // A block of one byte repeated says how often, and has the byte.
    const isRepeated = ((word >> 1) & 3) === 1;
    yield* several(source, isRepeated ? 1 : word >> 3);
  }
  if (flags & 4) yield await source.take(4, of);
}

async function* several(source: Source, count: number): AsyncGenerator<Uint8Array> {
  for (let left = count; left > 0; ) {
    const bytes = source.some(left) ?? (await source.waitForSome(left, of));
    yield bytes;
    left -= bytes.length;
  }
}
