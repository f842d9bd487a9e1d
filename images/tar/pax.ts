// PAX records: `27 mtime=1700000000.123456789\n`, each with its own length in front. What they say goes before what the header
// says. pax(1), "pax Extended Header"
import { nameFrom } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import type { Entry } from './entry.ts';

/** By keyword; a keyword that may stand more than once (sparse files, version 0.0) has all its values, in order. */
export type Pax = Map<string, Buffer[]>;

/** Attributes' names are behind this: star's way, and every tool's that makes layers. */
const xattr = 'SCHILY.xattr.';

/** Where overlay keeps its own notes on whiteouts and on what lies elsewhere: it would take an archive's for them. */
const overlays = /^SCHILY\.xattr\.(trusted|user)\.overlay\./;

export function parsePax(bytes: Buffer): Pax {
  const pax: Pax = new Map();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^\d{1,7}$/.test(digits) || end > bytes.length || end <= space + 1 || bytes[end - 1] !== 0x0a)
      throw new ImageError('a layer has a PAX record whose length is not its own');
    const equals = bytes.indexOf(0x3d, space);
    if (equals < 0 || equals >= end || equals === space + 1)
      throw new ImageError('a layer has a PAX record without a keyword');
    const key = nameFrom(bytes.subarray(space + 1, equals));
    if (key.includes('\0')) throw new ImageError('a layer has a PAX record whose keyword has a NUL in it');
    const value = bytes.subarray(equals + 1, end - 1);
    const repeats = key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes';
    pax.set(key, repeats ? [...(pax.get(key) ?? []), value] : [value]);
    at = end;
  }
  return pax;
}

/** Puts the records over the header's fields. An empty value takes back what another header said. */
export function applyPax(entry: Entry, pax: Pax): void {
  for (const [key, values] of pax) {
    const value = values.at(-1) as Buffer;
    if (key.startsWith(xattr)) {
      if (!overlays.test(key)) entry.xattrs.set(key.slice(xattr.length), value);
      continue;
    }
    if (value.length === 0) continue;
    if (key === 'path') entry.path = nameFrom(value);
    if (key === 'linkpath') entry.linkname = nameFrom(value);
    if (key === 'size') entry.size = integer(key, value);
    if (key === 'uid') entry.uid = integer(key, value);
    if (key === 'gid') entry.gid = integer(key, value);
    if (key === 'mtime') entry.mtime = nanoseconds(value);
  }
}

export function integer(key: string, value: Uint8Array): number {
  const text = Buffer.from(value).toString('latin1');
  const result = Number(text);
  if (!/^-?\d{1,19}$/.test(text) || !Number.isSafeInteger(result))
    throw new ImageError(`a layer has a PAX record ${key} that is no number: ${JSON.stringify(text.slice(0, 40))}`);
  return result;
}

/** `-1.5` is half a second before -1. What is finer than a nanosecond is cut off. */
function nanoseconds(value: Buffer): bigint {
  const [, sign, seconds = '', fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d*))?$/.exec(value.toString('latin1')) ?? [];
  if (seconds === '')
    throw new ImageError(
      `a layer has a PAX record mtime that is no time: ${JSON.stringify(value.toString('latin1', 0, 40))}`,
    );
  const total = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign ? -total : total;
}
