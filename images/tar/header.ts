// A header's block of 512 bytes: ustar, what GNU's tar made of it, and what came before either. tar(5)
import { nameFrom } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import type { Entry } from './entry.ts';

export const blockSize = 512;

export interface Header {
  /** The kind of the entry, one character; NUL in the oldest archives. */
  flag: string;
  path: string;
  fields: Pick<Entry, 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'linkname' | 'major' | 'minor'>;
  block: Buffer;
}

export function parseHeader(block: Buffer): Header {
  checkSum(block);
  const magic = block.toString('latin1', 257, 265);
  const isUstar = magic === 'ustar\x0000';
  const hasDevices = isUstar || magic === 'ustar  \0';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    path: prefix ? `${prefix}/${name}` : name,
    fields: {
      mode: number(block, 100, 8) & 0o7777,
      uid: number(block, 108, 8),
      gid: number(block, 116, 8),
      size: number(block, 124, 12),
      mtime: BigInt(number(block, 136, 12)) * 1_000_000_000n,
      linkname: text(block, 157, 100),
      major: hasDevices ? number(block, 329, 8) : 0,
      minor: hasDevices ? number(block, 337, 8) : 0,
    },
    block,
  };
}

/** The sum of all bytes, with those of the sum itself as spaces; some tools added them up as signed. */
function checkSum(block: Buffer): void {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < blockSize; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const said = number(block, 148, 8);
  if (said !== unsigned && said !== signed)
    throw new ImageError('a layer has a header with a wrong checksum: damaged, or no tar');
}

function text(block: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  // Most names are ASCII, for which this is the fastest way.
  for (let i = at; i < end; i++) if ((block[i] ?? 0) > 127) return nameFrom(block.subarray(at, end));
  return block.toString('latin1', at, end);
}

/** Octal digits with spaces or NULs around them; or, with the first bit set, a number in base 256, of two's complement. */
export function number(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0;
  if (first & 0x80) return base256(block.subarray(at, at + length));
  let value = 0;
  let i = at;
  const end = at + length;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  for (; i < end; i++) {
    const digit = (block[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; i < end; i++)
    if (block[i] !== 0x20 && block[i] !== 0)
      throw new ImageError(
        `a layer has a header in which ${JSON.stringify(block.toString('latin1', at, end))} stands for a number`,
      );
  return value;
}

function base256(bytes: Buffer): number {
  const isNegative = ((bytes[0] ?? 0) & 0x40) !== 0;
  let value = isNegative ? -1n : 0n;
  for (const [i, byte] of bytes.entries())
    value = (value << 8n) | BigInt(i === 0 ? byte & (isNegative ? 0xff : 0x7f) : byte);
  if (isNegative) value = BigInt.asIntN(bytes.length * 8, value);
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
    throw new ImageError(`a layer has a header with a number that is too large: ${value}`);
  return Number(value);
}
