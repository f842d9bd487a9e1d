// ADD of an archive: what is in it, and not the file. Dockerfile reference, "ADD": tar, as it is or by gzip, bzip2, xz, zstd.
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { resolvePath } from '../containerfile/config.ts';
import { decompress } from '../decompress.ts';
import { ImageError } from '../errors.ts';
import { readTar } from '../tar/read.ts';
import type { Source } from './copy.ts';
import type { Found } from './walk.ts';

type Content = () => AsyncIterable<Uint8Array>;

/** What Node cannot decompress, by its first bytes → the program that can. */
const programs = { bzip2: Buffer.from('BZh'), xz: Buffer.from('\xfd7zXZ\0', 'latin1') };

/** The folder that a source is when it is an archive; else undefined. Its name does not count, its first bytes do. */
export async function unpacked(source: Source): Promise<Source | undefined> {
  if (source.isFolder) return undefined;
  const { value: file } = await source.found().next();
  if (file?.entry.type !== 'file' || !(await isArchive(file.content))) return undefined;
  return { name: source.name, isFolder: true, isArchive: true, found: () => entriesOf(file.content) };
}

async function isArchive(content: Content): Promise<boolean> {
  try {
    for await (const _ of readTar(decompressed(content))) return true;
    return false;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

/** Its entries by their paths in it: without a slash before them, and without a way out of it. */
async function* entriesOf(content: Content): AsyncGenerator<Found> {
  for await (const { content: pieces, sparse: _, ...entry } of readTar(decompressed(content))) {
    const path = resolvePath('/', entry.path).slice(1);
    const linkname = entry.type === 'link' ? resolvePath('/', entry.linkname).slice(1) : entry.linkname;
    yield { entry: { ...entry, path, linkname }, inode: '', content: () => filled(pieces, entry.size) };
  }
}

async function* decompressed(content: Content): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  for await (const chunk of content()) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= 6) break;
  }
  const [program] = Object.entries(programs).find(([, magic]) => head.subarray(0, magic.length).equals(magic)) ?? [];
  yield* program ? through(program, content()) : decompress(content());
}

async function* through(program: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<string>(resolve => {
    child.once('error', () => resolve(`${program} is not installed`));
    child.once('close', status => resolve(status === 0 ? '' : 'it is damaged'));
  });
  // Who reads only the beginning closes the pipe, which is no failure.
  const fed = pipeline(content, child.stdin).catch(() => {});
  try {
    yield* child.stdout;
    const failure = await ended;
    if (failure) throw new ImageError(`an archive cannot be decompressed: ${failure}`);
  } finally {
    child.kill();
    await fed;
  }
}

/** Pieces with holes between them, as bytes without. */
async function* filled(
  pieces: AsyncIterable<{ at: number; bytes: Uint8Array }>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const { at, bytes } of pieces) {
    yield* zeros(at - done);
    yield bytes;
    done = at + bytes.length;
  }
  yield* zeros(size - done);
}

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= 1 << 16) yield Buffer.alloc(Math.min(left, 1 << 16));
}
