// Blobs that are not what the manifest says, or not whole: digests, sizes, gzip and zstd.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf, mediaTypes } from '#images';
import { type Expected, gzipped, type Layer, type LayerCase, several, zstandard } from '../case.ts';
import { archive, file } from '../tar.ts';

/** Random enough not to vanish when compressed; the same in every run. */
const noise = Buffer.from(Array.from({ length: 40_000 }, (_, i) => Math.imul(i ^ (i << 13), 0x9e3779b1) >>> 24));
const tar = archive(file('a', noise), file('b', 'last\n'));
const diffId = digestOf(tar);
const other = digestOf('something else');

const said = (how: string, expect: Expected, layer: () => Layer, intent: string): LayerCase =>
  several(`stream: ${how}`, intent, expect, () => [layer()]);

/** Where a compressed stream is cut, in bytes from its beginning or, negative, from its end. */
const cuts: [where: string, at: number][] = [
  ['after one byte', 1],
  ['in its magic', 3],
  ['in its header', 6],
  ['after its header', 10],
  ['in its middle', 0.5],
  ['before its trailer', -8],
  ['in its trailer', -4],
  ['before its last byte', -1],
];

const formats = [
  { format: 'gzip', compress: (bytes: Uint8Array) => gzipSync(bytes), layer: gzipped },
  { format: 'zstd', compress: (bytes: Uint8Array) => zstdCompressSync(bytes), layer: zstandard },
];

const perFormat = formats.flatMap(({ format, compress, layer }) => {
  const whole = compress(tar);
  const flipped = Buffer.from(whole);
  const middle = Math.floor(whole.length / 2);
  flipped[middle] = (flipped[middle] ?? 0) ^ 0x55;
  const wrongSum = Buffer.from(whole);
  wrongSum[whole.length - (format === 'gzip' ? 6 : 2)] = 0x77;
  return [
    ...cuts
      // zstd's checksum, which Node does not write, would be its trailer.
      .filter(([, at]) => format === 'gzip' || at >= 0 || at === -1)
      .map(([where, at]) =>
        said(
          `${format} cut ${where}`,
          /./,
          () => layer(whole.subarray(0, at === 0.5 ? whole.length / 2 : at), { diffId }),
          `A ${format} stream ends ${where}, and its digest is right.`,
        ),
      ),
    said(
      `${format} damaged`,
      /./,
      () => layer(flipped, { diffId }),
      `A bit of a ${format} stream is wrong, and its digest is right.`,
    ),
    said(
      `${format}, then garbage`,
      /./,
      () => layer(Buffer.concat([whole, Buffer.alloc(5000, 'garbage')]), { diffId }),
      `Garbage follows a ${format} stream.`,
    ),
    said(
      `${format}, then zeros`,
      format === 'gzip' ? 'harmless' : /damaged/,
      () => layer(Buffer.concat([whole, Buffer.alloc(5000)]), { diffId }),
      `Zeros follow a ${format} stream, as on a tape.`,
    ),
    said(
      `${format}, then another archive`,
      /was expected/,
      () => layer(Buffer.concat([whole, compress(archive(file('c')))]), { diffId }),
      `A second ${format} stream follows, with an archive of its own.`,
    ),
    said(
      `${format} twice over`,
      /tar|header|checksum/i,
      () => layer(compress(whole), { diffId }),
      `An archive is compressed with ${format} two times.`,
    ),
    said(
      `${format} of nothing`,
      'harmless',
      () => layer(compress(Buffer.alloc(0)), { diffId: digestOf('') }),
      `A ${format} stream without any content.`,
    ),
  ];
});

const gzip = gzipSync(tar);
/** gzip(1)'s header, with flags of one's own and what they announce. RFC 1952, 2.3 */
const withFlags = (flags: number, ...fields: Uint8Array[]) => {
  const header = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]);
  return gzipped(Buffer.concat([header, ...fields, gzip.subarray(10)]), { diffId });
};

export const streams: LayerCase[] = [
  ...perFormat,
  said(
    'gzip with a checksum that is wrong',
    /./,
    () => gzipped(Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(4), gzip.subarray(-4)]), { diffId }),
    'A gzip stream’s own checksum is wrong.',
  ),
  said(
    'gzip with a length that is wrong',
    /./,
    () => gzipped(Buffer.concat([gzip.subarray(0, -4), Buffer.alloc(4)]), { diffId }),
    'A gzip stream’s own length is wrong.',
  ),
  said(
    'gzip with a name',
    'harmless',
    () => withFlags(8, Buffer.from('../../beside/planted\0')),
    'A gzip stream has a file’s name in it, which leads out.',
  ),
  said(
    'gzip with an endless name',
    /./,
    () =>
      gzipped(Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]), Buffer.alloc(1 << 20, 'n')]), {
        diffId,
      }),
    'A gzip stream’s name has no end.',
  ),
  said(
    'gzip of another method',
    /./,
    () => gzipped(Buffer.concat([Buffer.from([0x1f, 0x8b, 7]), gzip.subarray(3)]), { diffId }),
    'A gzip stream is compressed by a method that does not exist.',
  ),
  said(
    'gzip of a thousand members',
    'harmless',
    () => gzipped(Buffer.concat([...Array.from({ length: 1000 }, () => gzipSync('')), gzip]), { diffId }),
    'A gzip stream begins with a thousand empty members.',
  ),
  said(
    'zstd of a huge window',
    /./,
    () => zstandard(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff]), Buffer.alloc(100)]), { diffId }),
    'A zstd frame wants a window of terabytes to be allocated.',
  ),
  said(
    'zstd of a window of 2 GB',
    /./,
    () =>
      zstandard(
        Buffer.concat([
          Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8]),
          Buffer.from([0x03, 0, 0x10]),
          Buffer.alloc(100),
        ]),
        { diffId },
      ),
    'A zstd frame wants a window of two gigabytes to be allocated.',
  ),
  said(
    'zstd with a skippable frame',
    /./,
    () =>
      zstandard(Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(100)]), {
        diffId,
      }),
    'A zstd stream begins with four gigabytes to be skipped, and ends.',
  ),
  said(
    'zstd of a dictionary',
    /./,
    () =>
      zstandard(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x03, 0x00, 1, 2, 3, 4]), Buffer.alloc(100)]), {
        diffId,
      }),
    'A zstd frame wants a dictionary that nobody has.',
  ),
  said(
    'deflate',
    /tar|header|checksum|end/i,
    () => gzipped(deflateSync(tar), { diffId }),
    'A zlib stream in gzip’s place.',
  ),
  said(
    'raw deflate',
    /tar|header|checksum|end/i,
    () => gzipped(deflateRawSync(tar), { diffId }),
    'A deflate stream in gzip’s place.',
  ),
  said(
    'brotli',
    /tar|header|checksum|end|type/i,
    () => ({ bytes: brotliCompressSync(tar), diffId, mediaType: 'application/vnd.oci.image.layer.v1.tar+br' }),
    'A layer is compressed by something that no specification names.',
  ),
  said(
    'named gzip, is zstd',
    'harmless',
    () => gzipped(zstdCompressSync(tar), { diffId }),
    'A layer’s media type says gzip and the bytes say zstd.',
  ),
  said(
    'named tar, is gzip',
    'harmless',
    () => ({ bytes: gzip, diffId, mediaType: mediaTypes.layer }),
    'A layer’s media type says that it is not compressed, and it is.',
  ),
  said(
    'named gzip, is tar',
    'harmless',
    () => gzipped(tar, { diffId }),
    'A layer’s media type says that it is compressed, and it is not.',
  ),
  said(
    'digest wrong',
    /digest|not what/i,
    () => ({ bytes: tar, digest: other, diffId }),
    'A blob’s bytes are not those that its digest names.',
  ),
  said(
    'digest wrong, compressed',
    /digest|not what/i,
    () => gzipped(gzip, { digest: other, diffId }),
    'The same of a compressed one.',
  ),
  said(
    'diff ID wrong',
    /was expected/,
    () => gzipped(gzip, { diffId: other }),
    'A layer’s archive is not the one that the configuration names.',
  ),
  said(
    'diff ID of the blob',
    /was expected/,
    () => gzipped(gzip, { diffId: digestOf(gzip) }),
    'The configuration names the compressed bytes.',
  ),
  said(
    'shorter than said',
    /size|short|bytes/i,
    () => gzipped(gzip, { size: gzip.length + 1, diffId }),
    'A blob is a byte shorter than its descriptor says.',
  ),
  said(
    'longer than said',
    /size|long|bytes/i,
    () => gzipped(gzip, { size: gzip.length - 1, diffId }),
    'A blob is a byte longer than its descriptor says.',
  ),
  said(
    'much longer than said',
    /size|long|bytes/i,
    () => ({ bytes: Buffer.alloc(8 << 20), size: 10, diffId }),
    'A blob has megabytes where ten bytes were promised.',
  ),
  said(
    'empty where bytes were said',
    /size|short|bytes/i,
    () => gzipped(Buffer.alloc(0), { digest: digestOf(gzip), size: gzip.length, diffId }),
    'A blob is empty.',
  ),
  said(
    'good, and garbage after the archive',
    'harmless',
    () => gzipped(gzipSync(Buffer.concat([tar, noise])), { diffId: digestOf(Buffer.concat([tar, noise])) }),
    'Garbage follows the archive, and all digests are right.',
  ),
  said(
    'garbage after the archive, not in the diff ID',
    /was expected/,
    () => gzipped(gzipSync(Buffer.concat([tar, noise])), { diffId }),
    'What follows the archive is hidden from the digest by who stops reading at its end.',
  ),
];
