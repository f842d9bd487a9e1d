// Entries into the bytes of a tar archive: ustar where it fits, and a PAX header in front where it does not. The same entries give
// the same bytes everywhere: no clock, no process number, no name of a user. pax(1), POSIX.1-2017, "ustar" and "pax" formats
import { bytesOf } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import type { Entry, EntryType } from './entry.ts';

/** An entry, and where its bytes come from when it is a file with any. */
export interface Item {
  entry: Entry;
  content?: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const typeflags: Record<EntryType, string> = {
  ...{ file: '0', link: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' },
};

/** How many digits of base eight the header has for a number, and so how large it can be. */
const fits = (value: number, digits: number) => value >= 0 && value < 8 ** digits;
const isAscii = (bytes: Uint8Array) => bytes.every(byte => byte < 0x80);

/** The archive, piece by piece. Throws ImageError when a file's content is not as long as its entry says. */
export async function* writeTar(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Uint8Array> {
  for await (const { entry, content = [] } of items) {
    yield headerOf(entry);
    let size = 0;
    for await (const chunk of content) {
      size += chunk.length;
      // Before it is passed on: what follows would be taken for a header.
      if (size > entry.size) break;
      yield chunk;
    }
    if (size !== entry.size) throw new ImageError(`${entry.path}: changed while it was read`, 'build again');
    yield padding(size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** What stands in front of an entry's content: one block, or three and more where that one has no room for it. */
export function headerOf(entry: Entry): Buffer {
  // So is a directory told from a file by those who know no types.
  const path = bytesOf(entry.type === 'directory' ? `${entry.path.replace(/\/+$/, '')}/` : entry.path);
  const link = bytesOf(entry.linkname);
  const split = splitName(path);
  const records = [
    ...(split ? [] : [record('path', path)]),
    ...(isAscii(link) && link.length <= 100 ? [] : [record('linkpath', link)]),
    ...(fits(entry.size, 11) ? [] : [record('size', String(entry.size))]),
    ...(fits(entry.uid, 7) ? [] : [record('uid', String(entry.uid))]),
    ...(fits(entry.gid, 7) ? [] : [record('gid', String(entry.gid))]),
    ...(isWholeTime(entry.mtime) ? [] : [record('mtime', decimalTime(entry.mtime))]),
    ...[...entry.xattrs].sort(byName).map(([name, value]) => record(`SCHILY.xattr.${name}`, value)),
  ];
  const plain = ustar(entry, split ?? { prefix: Buffer.alloc(0), name: path.subarray(0, 100) }, link.subarray(0, 100));
  if (records.length === 0) return plain;

  const body = Buffer.concat(records);
  const pax = { ...entry, mode: 0o644, uid: 0, gid: 0, size: body.length, mtime: 0n, major: 0, minor: 0 };
  const head = ustar(pax, { prefix: Buffer.alloc(0), name: Buffer.from('PaxHeader') }, Buffer.alloc(0), 'x');
  return Buffer.concat([head, body, padding(body.length), plain]);
}

/** A name of more than 100 bytes goes into two fields, if there is a slash where it can be cut. */
function splitName(path: Buffer): { prefix: Buffer; name: Buffer } | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= 100) return { prefix: Buffer.alloc(0), name: path };
  // The last slash may be a directory's own.
  const slash = path.lastIndexOf('/', Math.min(155, path.length - 2));
  const [prefix, name] = [path.subarray(0, Math.max(slash, 0)), path.subarray(slash + 1)];
  return slash > 0 && name.length <= 100 ? { prefix, name } : undefined;
}

/** The 512 bytes. What does not fit a field is in the PAX header in front, and 0 here. */
function ustar(
  entry: Entry,
  { prefix, name }: { prefix: Buffer; name: Buffer },
  link: Buffer,
  typeflag = typeflags[entry.type],
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${(fits(value, digits) ? value : 0).toString(8).padStart(digits, '0')}\0`, at);
  block.set(name, 0);
  octal(entry.mode & 0o7777, 100, 7);
  octal(entry.uid, 108, 7);
  octal(entry.gid, 116, 7);
  octal(entry.size, 124, 11);
  octal(isWholeTime(entry.mtime) ? Number(entry.mtime / 1_000_000_000n) : 0, 136, 11);
  block.write(typeflag, 156);
  block.set(link, 157);
  block.write('ustar\x0000', 257);
  octal(entry.major, 329, 7);
  octal(entry.minor, 337, 7);
  block.set(prefix, 345);
  // The sum of all bytes, with blanks in its own place.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** `27 path=…` and a newline; the number counts the whole record, its own digits too. */
function record(key: string, value: string | Uint8Array): Buffer {
  if (/[=\n]/.test(key))
    throw new ImageError(`${JSON.stringify(key)}: tar has no way to write such an attribute's name`);
  const rest = Buffer.concat([Buffer.from(' '), bytesOf(key), Buffer.from('='), Buffer.from(value), Buffer.from('\n')]);
  let size = rest.length + String(rest.length).length;
  if (rest.length + String(size).length > size) size++;
  return Buffer.concat([Buffer.from(String(size)), rest]);
}

/** Whole seconds, in the field's 33 bits. */
const isWholeTime = (time: bigint) => time >= 0n && time % 1_000_000_000n === 0n && time < 1_000_000_000n << 33n;

/** Nanoseconds as seconds: `-1.5`. */
function decimalTime(time: bigint): string {
  const [sign, size] = time < 0n ? ['-', -time] : ['', time];
  const fraction = String(size % 1_000_000_000n).padStart(9, '0');
  return `${sign}${size / 1_000_000_000n}.${fraction}`.replace(/\.?0+$/, '');
}

const padding = (size: number) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
