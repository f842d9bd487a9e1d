// Tar, block by block, for layers that no honest program would write: any bytes in any field, the checksum right or wrong, the
// long headers of PAX and GNU by hand. Deliberately not images/tar/write.ts, which makes such things impossible.

export type Bytes = string | Uint8Array;

/** A number becomes octal digits, or base 256 where those do not suffice; bytes stay as they are; a bigint is base 256 always. */
export type Field = Bytes | number | bigint;

/** pax(1), "ustar Interchange Format": offset and width of each field. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const;

export type Fields = {
  [field in keyof typeof fields]?: Field;
} & {
  /** Anything else, anywhere in the block: offset → bytes. */
  at?: Record<number, Bytes>;
};

export const block = 512;
const usual: Fields = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1_600_000_000, type: '0', magic: 'ustar\x0000' };

export function header(given: Fields): Buffer {
  const bytes = Buffer.alloc(block);
  const { at = {}, checksum, ...rest } = { ...usual, ...given };
  for (const [field, value] of Object.entries(rest)) {
    const [offset, width] = fields[field as keyof typeof fields];
    inField(value, width).copy(bytes, offset, 0, width);
  }
  for (const [offset, value] of Object.entries(at)) Buffer.from(value as string).copy(bytes, Number(offset));
  const [offset, width] = fields.checksum;
  inField(checksum ?? `${octal(checksumOf(bytes), 6)}\0 `, width).copy(bytes, offset);
  return bytes;
}

/** The sum of the block's bytes, those of the checksum itself taken as spaces. */
export function checksumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}

/** The same bytes, and each header in them has the checksum that it should have. */
export function summed(bytes: Uint8Array): Buffer {
  const right = Buffer.from(bytes);
  for (let at = 0; at + block <= right.length; at += block) {
    if (right.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    right.write(`${octal(checksumOf(right.subarray(at, at + block)), 6)}\0 `, at + fields.checksum[0]);
  }
  return right;
}

const octal = (value: number | bigint, digits: number) => value.toString(8).padStart(digits, '0');

function inField(value: Field, width: number): Buffer {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value as string);
  if (typeof value === 'number' && value >= 0 && octal(value, 0).length < width)
    return Buffer.from(octal(value, width - 1));
  return base256(BigInt(value), width);
}

/** GNU's way for numbers that do not fit: the first bit set, then two's complement, the most significant byte first. */
export function base256(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  for (let i = width - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  bytes[0] = value < 0n ? 0xff : (bytes[0] ?? 0) | 0x80;
  return bytes;
}

/** A header, what follows it, and zeros up to the next block. The size in the header is the content's unless it lies. */
export function entry(given: Fields, content: Bytes = ''): Buffer {
  const body = Buffer.from(content as string);
  return Buffer.concat([header({ size: body.length, ...given }), body, Buffer.alloc(-body.length & (block - 1))]);
}

export const file = (name: Bytes, content: Bytes = 'hostile\n', more: Fields = {}) => entry({ name, ...more }, content);
export const directory = (name: Bytes, more: Fields = {}) => entry({ name, type: '5', mode: 0o755, ...more });
export const symlink = (name: Bytes, linkname: Bytes, more: Fields = {}) =>
  entry({ name, linkname, type: '2', mode: 0o777, ...more });
export const link = (name: Bytes, linkname: Bytes, more: Fields = {}) => entry({ name, linkname, type: '1', ...more });
export const fifo = (name: Bytes, more: Fields = {}) => entry({ name, type: '6', ...more });
export const character = (name: Bytes, major: Field, minor: Field, more: Fields = {}) =>
  entry({ name, type: '3', major, minor, ...more });
export const blockDevice = (name: Bytes, major: Field, minor: Field, more: Fields = {}) =>
  entry({ name, type: '4', major, minor, ...more });

/** One record of a PAX header, "LENGTH KEY=VALUE\n", where the length counts itself; or a length of one's own. */
export function record(key: Bytes, value: Bytes, length?: number | string): Buffer {
  const rest = Buffer.concat([Buffer.from(' '), ...[key, '=', value, '\n'].map(each => Buffer.from(each as string))]);
  let whole = rest.length + 1;
  while (String(whole).length + rest.length !== whole) whole = String(whole).length + rest.length;
  return Buffer.concat([Buffer.from(String(length ?? whole)), rest]);
}

/** A PAX header: for the next entry (`x`), or for all that follow (`g`). From keys and values, or from bytes. */
export function pax(records: Record<string, Bytes> | Bytes, type: 'x' | 'g' = 'x', more: Fields = {}): Buffer {
  const raw = typeof records === 'string' || records instanceof Uint8Array;
  const body = raw ? records : Buffer.concat(Object.entries(records).map(([key, value]) => record(key, value)));
  return entry({ name: 'PaxHeaders/x', type, ...more }, body);
}

/** GNU's header for a long name (`L`) or a long link target (`K`) of the next entry. */
export const gnuLong = (type: 'L' | 'K', text: Bytes, more: Fields = {}) =>
  entry({ name: '././@LongLink', type, ...more }, Buffer.concat([Buffer.from(text as string), Buffer.alloc(1)]));

/** GNU's old sparse file: up to four pieces of `[offset, length]` in the header itself, which hold `content` together. */
export function gnuSparse(
  name: Bytes,
  pieces: [Field, Field][],
  realSize: Field,
  content: Bytes,
  more: Fields = {},
): Buffer {
  const at: Record<number, Bytes> = { 483: inField(realSize, 12) };
  for (const [i, [offset, length]] of pieces.entries()) {
    at[386 + i * 24] = inField(offset, 12);
    at[398 + i * 24] = inField(length, 12);
  }
  return entry({ name, type: 'S', magic: 'ustar  \0', ...more, at: { ...at, ...more.at } }, content);
}

/** PAX's sparse file 1.0: the map, in lines, before the content. */
export const paxSparse = (name: string, map: string, realSize: string, content: Bytes) =>
  Buffer.concat([
    pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': name, 'GNU.sparse.realsize': realSize }),
    entry({ name: 'GNUSparseFile.0/x' }, Buffer.concat([padded(Buffer.from(map)), Buffer.from(content as string)])),
  ]);

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & (block - 1))]);

export const end = Buffer.alloc(2 * block);

export const archive = (...parts: Uint8Array[]) => Buffer.concat([...parts, end]);
