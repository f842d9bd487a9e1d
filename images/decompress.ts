// A layer as it is stored, to the archive in it. What it is compressed with, its first bytes say; its media type may lie.
// layer.md, "+gzip Media Types" and "+zstd Media Types"
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ImageError } from './errors.ts';
import { Source } from './tar/source.ts';
import { isZstd, readFrame } from './zstd.ts';

/** Large enough that what a piece costs does not count, small enough for dozens to be in memory. */
const options = { chunkSize: 128 << 10, highWaterMark: 1024 << 10 };

/** Passes the bytes on as they were before gzip or zstd; or as they are. Decompresses on a thread of its own. */
export async function* decompress(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < 4) {
      const { value, done } = await iterator.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const all = whole(head, iterator);
    if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) yield* through(all, createGunzip(options));
    else if (head.length >= 4 && isZstd(head.readUInt32LE(0))) yield* framesOf(new Source(all));
    else yield* all;
  } finally {
    // Whoever gives up before the end does not leave a file open.
    await iterator.return?.();
  }
}

async function* framesOf(source: Source): AsyncGenerator<Uint8Array> {
  while (!(await source.isAtEnd())) yield* through(gathered(readFrame(source)), createZstdDecompress(options));
}

/** In larger pieces: each is a way to the decompressor's thread and back. */
async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    size += chunk.length;
    if (size < options.chunkSize) continue;
    yield Buffer.concat(pieces);
    [pieces, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function* whole(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function* through(chunks: AsyncIterable<Uint8Array>, decompressor: Transform): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 });
  // The first error is the one that counts: of the source (a wrong digest), or of what is in it.
  let failure: Error | undefined;
  source.on('error', error => {
    failure = error;
    decompressor.destroy(error);
  });
  source.pipe(decompressor);
  try {
    for await (const chunk of decompressor) yield chunk;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (failure || !/^(Z_|ZSTD_|ERR_ZSTD)/.test(code)) throw failure ?? error;
    throw new ImageError(`a layer is damaged: it cannot be decompressed (${(error as Error).message})`);
  } finally {
    source.destroy();
    decompressor.destroy();
  }
}
