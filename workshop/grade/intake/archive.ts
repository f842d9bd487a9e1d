// A submission that is a tar file: plain, or compressed with gzip or zstd. It is never unpacked. Its entries are looked through as they
// stream by, and those with a lesson's name are kept: so no name in it can lead anywhere.
import { createReadStream } from 'node:fs';
import { decompress, ImageError, type ReadEntry, readTar } from '#images';
import { UserError } from '../../errors.ts';
import type { Lesson } from '../../lessons.ts';
import { type Found, tooLarge } from './below.ts';
import { type Collected, collect, fileLimit, placeOf } from './collect.ts';

const limits = { bytes: 2 ** 31, entries: 300_000, seconds: 120, roots: 20 };

/** `NAME/lessons/…` for whatever folder it was packed with → the lessons' places → what is there. */
type Roots = Map<string, Map<string, Found>>;

export async function fromArchive(path: string, lessons: Lesson[]): Promise<Collected> {
  const roots: Roots = new Map();
  const places = new Set(lessons.map(placeOf));
  try {
    let entries = 0;
    for await (const entry of readTar(bounded(decompress(createReadStream(path))))) {
      if (++entries > limits.entries) throw new ImageError(`the archive has more than ${limits.entries} entries`);
      const [root, place] = split(entry.path);
      if (root === null || entry.type === 'directory') continue;
      const files = roots.get(root) ?? new Map<string, Found>();
      roots.set(root, files);
      if (roots.size > limits.roots) throw new ImageError('the archive has lessons/ in too many places');
      // Of two with one name the later counts, as when it is unpacked.
      if (places.has(place)) files.set(place, await read(entry));
    }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    // The reader's own words are about what it was made for.
    throw new UserError(error.message.replace(/^a layer('s)?/, 'the archive$1'), again);
  }
  const files = roots.get(rootOf([...roots.keys()]));
  return collect(lessons, place => files?.get(place) ?? null);
}

const again = 'have it packed again: `git archive --prefix=NAME/ -o NAME.tar HEAD`';

/** 'alice/lessons/01-process/process.ts' → 'alice/' and the rest; null for what has no lessons/ in its path. */
function split(path: string): [root: string, place: string] | [null, ''] {
  const clean = path.replace(/^(\.?\/)+/, '');
  const at = clean.startsWith('lessons/') ? 0 : clean.indexOf('/lessons/') + 1;
  if (at === 0 && !clean.startsWith('lessons/')) return [null, ''];
  return [clean.slice(0, at), clean.slice(at)];
}

/** The one nearest to the top: an archive may have an editor's history or a package's lessons/ in it. */
function rootOf(roots: string[]): string {
  const depth = (root: string) => root.split('/').length;
  const least = Math.min(...roots.map(depth));
  const [root, other] = roots.filter(each => depth(each) === least);
  if (root === undefined) throw new UserError('the archive has no lessons/', again);
  if (other !== undefined) {
    throw new UserError(
      `the archive has lessons/ in two places: ${JSON.stringify(root)}, ${JSON.stringify(other)}`,
      again,
    );
  }
  return root;
}

async function read({ type, size, content }: ReadEntry): Promise<Found> {
  if (type === 'symlink' || type === 'link') return { why: `a ${type === 'link' ? 'hard' : 'symbolic'} link` };
  if (type !== 'file') return { why: 'not a regular file' };
  if (size > fileLimit) return { why: tooLarge(size, fileLimit) };
  const bytes = Buffer.alloc(size);
  for await (const piece of content) bytes.set(piece.bytes, piece.at);
  return { bytes };
}

/** A few kilobytes of gzip can be years of zeros. */
async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const end = Date.now() + limits.seconds * 1000;
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limits.bytes) throw new ImageError(`the archive holds more than ${limits.bytes} bytes`);
    if (Date.now() > end) throw new ImageError(`the archive takes more than ${limits.seconds} s to read`);
    yield chunk;
  }
}
