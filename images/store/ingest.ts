// How a blob gets into the store: into a partial file that can be gone on with, hashed while it arrives, and under its name only
// when digest and size are right and the disk has it. Nobody else has the partial file meanwhile: the store locks it.

import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hashFor, parseDigest } from '../digest.ts';
import { ImageError } from '../errors.ts';
import type { Descriptor } from '../types.ts';
import { explain, moveDurably } from './durable.ts';

/** A blob's bytes, from that one on. */
export type Fetch = (from: number) => AsyncIterable<Uint8Array>;
/** Hears how many bytes are there. */
export type Report = (bytes: number) => void;

interface Places {
  partial: string;
  path: string;
  fetch: Fetch;
  report?: Report | undefined;
}

export async function ingest(descriptor: Descriptor, places: Places): Promise<void> {
  const { partial, path } = places;
  try {
    const resumed = await receive(descriptor, places);
    const right = resumed.right || (resumed.from > 0 && (await again(descriptor, places)));
    if (!right) {
      await truncate(partial, 0);
      throw new ImageError(
        `what came as ${descriptor.digest} has another digest: it was damaged or changed on its way`,
      );
    }
    await mkdir(dirname(path), { recursive: true });
    await moveDurably(partial, path);
  } catch (error) {
    throw explain(error, path);
  }
}

/** The fault may lie in what an earlier attempt left, since a crash can leave anything: once more from nothing. */
async function again(descriptor: Descriptor, places: Places): Promise<boolean> {
  await truncate(places.partial, 0);
  return (await receive(descriptor, places)).right;
}

async function receive({ digest, size }: Descriptor, { partial, fetch, report }: Places) {
  const hash = hashFor(digest);
  const file = await open(partial, 'a');
  try {
    let from = (await file.stat()).size;
    // More than there should be is none of it.
    if (from > size) await file.truncate();
    from = from > size ? 0 : from;
    if (from > 0) for await (const chunk of createReadStream(partial, { end: from - 1 })) hash.update(chunk);
    report?.(from);
    if (from < size) await append(file, hash, { chunks: fetch(from), from, size, report });
    await file.sync();
    return { right: hash.digest('hex') === parseDigest(digest).hex, from };
  } finally {
    await file.close();
  }
}

interface Arriving {
  chunks: AsyncIterable<Uint8Array>;
  from: number;
  size: number;
  report: Report | undefined;
}

async function append(file: FileHandle, hash: Hash, { chunks, from, size, report }: Arriving): Promise<void> {
  let there = from;
  // One piece is being written while the next is being hashed.
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      there += chunk.length;
      if (there > size) throw new ImageError(`more came than the ${size} bytes that it should have`);
      hash.update(chunk);
      await writing;
      writing = writeAll(file, chunk);
      writing.catch(() => {});
      report?.(there);
    }
  } finally {
    await writing;
  }
  if (there < size) throw new ImageError(`only ${there} of ${size} bytes came`);
}

/** A call may write less than it was given: the disk is nearly full, and the next one says so. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
