// Reads a tar archive as it streams by: ustar, GNU and PAX headers, sparse files of all four kinds. Why not a library: tar-stream
// 3.2 decodes PAX values as UTF-8, which ruins a capability's bytes, is one off in times before 1970, and loses its way in
// sparse files; node-tar leaves devices out. tar(5), pax(1)
import { nameFrom } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import { type Entry, type EntryType, plainEntry } from './entry.ts';
import { blockSize, type Header, parseHeader } from './header.ts';
import { applyPax, type Pax, parsePax } from './pax.ts';
import { Source } from './source.ts';
import { type Fragment, paxSparse, readGnuSparse } from './sparse.ts';

/** A piece of a file, and where in the file it stands. */
export interface Piece {
  at: number;
  bytes: Uint8Array;
}

/** An entry, and its content, which must be read before the next entry is asked for, or is skipped. */
export interface ReadEntry extends Entry {
  content: AsyncIterable<Piece>;
  /** The content's pieces leave holes, and its last hole may be at the end: the size has to be set. */
  sparse: boolean;
}

/** What a header of names or records may say at most. */
const longest = 1 << 20;

const types: Record<string, EntryType> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file', S: 'file', '1': 'link', '2': 'symlink' },
  ...{ '3': 'character', '4': 'block', '5': 'directory', '6': 'fifo' },
};

/** What the kernel can hold. An owner of 2^32 - 1 is -1, which to it means: leave the owner as it is. chown(2), makedev(3) */
const limits: [field: 'size' | 'uid' | 'gid' | 'major' | 'minor', most: number][] = [
  ['size', Number.MAX_SAFE_INTEGER],
  ['uid', 2 ** 32 - 2],
  ['gid', 2 ** 32 - 2],
  ['major', 2 ** 12 - 1],
  ['minor', 2 ** 20 - 1],
];

/** The entries of an archive, in order. Throws ImageError where it is malformed, or ends too early. Reads to the very end. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const source = new Source(chunks);
  try {
    yield* entries(source);
    await source.drain();
  } finally {
    await source.close();
  }
}

async function* entries(source: Source): AsyncGenerator<ReadEntry> {
  let pax: Pax = new Map();
  let longPath: string | undefined;
  let longLink: string | undefined;

  for (;;) {
    const header = await nextHeader(source);
    if (!header) break;
    if (header.flag === 'x') {
      pax = parsePax(await document(source, header));
      continue;
    }
    // Of the records for all entries that follow, no tool that makes or reads layers takes notice.
    if (header.flag === 'g') {
      await document(source, header);
      continue;
    }
    if (header.flag === 'L' || header.flag === 'K') {
      const name = cString(await document(source, header));
      if (header.flag === 'L') longPath = name;
      else longLink = name;
      continue;
    }
    yield* readEntry(source, header, pax, longPath, longLink);
    [pax, longPath, longLink] = [new Map(), undefined, undefined];
  }
  if (pax.size > 0 || longPath !== undefined || longLink !== undefined)
    throw new ImageError('a layer ends after a header for an entry that does not come');
}

async function* readEntry(
  source: Source,
  header: Header,
  pax: Pax,
  longPath: string | undefined,
  longLink: string | undefined,
): AsyncGenerator<ReadEntry> {
  const type = types[header.flag];
  const path = longPath ?? header.path;
  if (!type)
    throw new ImageError(`a layer's entry ${quote(path)} is of a kind that no layer may have: ${quote(header.flag)}`);
  const entry: Entry = { ...plainEntry(type, path), ...header.fields, linkname: longLink ?? header.fields.linkname };
  applyPax(entry, pax);
  if (header.flag === '\0' && entry.path.endsWith('/')) entry.type = 'directory';
  // What has no content may have the size of something else; and what is no device, numbers of something else.
  if (entry.type !== 'file') entry.size = 0;
  if (entry.type !== 'character' && entry.type !== 'block') [entry.major, entry.minor] = [0, 0];
  for (const [field, most] of limits)
    if (!(entry[field] >= 0 && entry[field] <= most))
      throw new ImageError(`a layer's entry ${quote(entry.path)} has an impossible ${field}: ${entry[field]}`);

  let stored = entry.size;
  let fragments: Fragment[] | undefined;
  if (header.flag === 'S') {
    ({ fragments, size: entry.size } = await readGnuSparse(source, header.block, stored));
  } else if (entry.type === 'file') {
    const sparse = await paxSparse(source, entry, pax);
    if (sparse) ({ fragments, size: entry.size, left: stored } = sparse);
  }
  if (entry.path.includes('\0') || entry.linkname.includes('\0'))
    throw new ImageError(`a layer's entry has a name with a NUL in it: ${quote(entry.path)}`);
  const start = source.position;
  const content = read(source, entry.path, fragments ?? [{ at: 0, length: entry.size }]);
  yield Object.assign(entry, { content, sparse: fragments !== undefined });
  // To the next header, past what nobody read. Behind the last entry there may be nothing, not even padding: `umoci insert`.
  await source.skip(start + stored - source.position, quote(entry.path));
  if (!(await source.isAtEnd())) await source.skip(start + padded(stored) - source.position, quote(entry.path));
}

async function* read(source: Source, path: string, fragments: Fragment[]): AsyncGenerator<Piece> {
  for (const { at, length } of fragments) {
    for (let done = 0; done < length; ) {
      const bytes = source.some(length - done) ?? (await source.waitForSome(length - done, quote(path)));
      yield { at: at + done, bytes };
      done += bytes.length;
    }
  }
}

/** The next header's fields; null at the archive's end, which is two blocks of zeros, or nothing more. */
async function nextHeader(source: Source): Promise<Header | null> {
  const block = await source.block();
  if (!block) return null;
  if (!isZero(block)) return parseHeader(block);
  const second = await source.block();
  if (second && !isZero(second)) throw new ImageError('a layer has a block of zeros in the middle of its archive');
  return null;
}

/** The content of a header that is about the next one. */
async function document(source: Source, { fields: { size } }: Header): Promise<Buffer> {
  if (!(size >= 0 && size <= longest))
    throw new ImageError(`a layer has a header of ${size} bytes; more than ${longest} are refused`);
  const bytes = await source.take(padded(size), 'a header');
  return Buffer.from(bytes.subarray(0, size));
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return nameFrom(end < 0 ? bytes : bytes.subarray(0, end));
}

const padded = (size: number) => Math.ceil(size / blockSize) * blockSize;
const isZero = (block: Uint8Array) => block.every(byte => byte === 0);
/** For a message: nothing in it that a terminal would obey. */
const quote = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
