// Sparse files: an archive has their pieces one behind the other, and says where each belongs. GNU tar has had four ways to say so:
// in the header itself, and three in PAX records. "GNU tar", Storing Sparse Files

import { nameFrom } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import type { Entry } from './entry.ts';
import { blockSize, number } from './header.ts';
import { integer, type Pax } from './pax.ts';
import type { Source } from './source.ts';

export interface Fragment {
  at: number;
  length: number;
}

const tooMany = 1 << 20;

/** In the header: four places, and 21 more in each block that follows while the last one says so. */
export async function readGnuSparse(source: Source, block: Buffer, stored: number) {
  const fragments: Fragment[] = [];
  const read = (from: Buffer, start: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const at = start + i * 24;
      if (from[at] === 0) return;
      fragments.push({ at: number(from, at, 12), length: number(from, at + 12, 12) });
    }
  };
  read(block, 386, 4);
  let more = block[482] !== 0;
  while (more) {
    const next = await source.take(blockSize, 'the map of a sparse file');
    read(next, 0, 21);
    more = next[504] !== 0;
    if (fragments.length > tooMany)
      throw new ImageError('a layer has a sparse file of more pieces than are believable');
  }
  const size = number(block, 483, 12);
  return { fragments: checked(fragments, size, stored), size };
}

/** In PAX records: versions 0.0, 0.1 and 1.0, the last with its map before the content. Null when the file is not sparse. */
export async function paxSparse(source: Source, entry: Entry, pax: Pax) {
  const text = (key: string) => pax.get(`GNU.sparse.${key}`)?.at(-1)?.toString('latin1');
  const whole = (key: string) => integer(key, pax.get(key)?.at(-1) ?? Buffer.alloc(0));
  const isNewest = text('major') === '1' && text('minor') === '0';
  if (!isNewest && text('map') === undefined && text('numblocks') === undefined) return null;

  const name = pax.get('GNU.sparse.name')?.at(-1);
  if (name?.length) entry.path = nameFrom(name);
  const size = whole(pax.has('GNU.sparse.realsize') ? 'GNU.sparse.realsize' : 'GNU.sparse.size');
  let left = entry.size;
  let numbers: number[];
  if (isNewest) {
    const before = source.position;
    numbers = await readMap(source);
    left -= source.position - before;
  } else if (text('map') !== undefined) {
    numbers = (text('map') || '')
      .split(',')
      .filter(Boolean)
      .map(each => integer('GNU.sparse.map', Buffer.from(each)));
  } else {
    const offsets = pax.get('GNU.sparse.offset') ?? [];
    const lengths = pax.get('GNU.sparse.numbytes') ?? [];
    if (offsets.length !== lengths.length)
      throw new ImageError('a layer has a sparse file whose map has lost a number');
    numbers = offsets.flatMap((offset, i) => [integer('offset', offset), integer('numbytes', lengths[i] as Buffer)]);
  }
  if (numbers.length % 2) throw new ImageError('a layer has a sparse file whose map has lost a number');
  const fragments = Array.from({ length: numbers.length / 2 }, (_, i) => ({
    at: numbers[2 * i] as number,
    length: numbers[2 * i + 1] as number,
  }));
  return { fragments: checked(fragments, size, left), size, left };
}

/** How many pairs, then each number, a line each, in decimal; padded to a whole block. */
async function readMap(source: Source): Promise<number[]> {
  let text = '';
  let wanted = 1;
  const numbers: number[] = [];
  while (numbers.length < wanted) {
    const end = text.indexOf('\n');
    if (end < 0) {
      text += (await source.take(blockSize, 'the map of a sparse file')).toString('latin1');
      if (text.length > 4 * blockSize)
        throw new ImageError('a layer has a sparse file whose map is no list of numbers');
      continue;
    }
    const value = integer('GNU.sparse.map', Buffer.from(text.slice(0, end)));
    text = text.slice(end + 1);
    if (numbers.length === 0) wanted += 2 * value;
    if (value < 0 || wanted > 2 * tooMany)
      throw new ImageError('a layer has a sparse file of more pieces than are believable');
    numbers.push(value);
  }
  return numbers.slice(1);
}

/** In order, within the file, and together as long as what is stored. */
function checked(fragments: Fragment[], size: number, stored: number): Fragment[] {
  let end = 0;
  let sum = 0;
  for (const { at, length } of fragments) {
    if (at < end || length < 0 || at + length > size)
      throw new ImageError('a layer has a sparse file whose map contradicts itself');
    end = at + length;
    sum += length;
  }
  if (sum !== stored || size < 0 || !Number.isSafeInteger(size))
    throw new ImageError('a layer has a sparse file whose map contradicts its size');
  return fragments;
}
