// Layers that are small and become large. The target's file system has a few dozen megabytes: what fills it must end in an error,
// and leave nothing; what only takes time or memory must not take much.
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '#images';
import { type Expected, gzipped, type LayerCase, several, zstandard } from '../case.ts';
import { archive, block, directory, end, file, header, link, pax } from '../tar.ts';

const gigabyte = 2 ** 30;
const nobody = digestOf('never reached');

/** A gzip stream of any length in no time: deflate's blocks of zeros, one after the other. Its trailer is nobody's concern. */
function zeros(head: Uint8Array, length: number): Buffer {
  const flush = { finishFlush: constants.Z_FULL_FLUSH };
  const piece = 64 << 20;
  const block = deflateRawSync(Buffer.alloc(piece), flush);
  const start = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const pieces = Array.from({ length: Math.ceil(length / piece) }, () => block);
  return Buffer.concat([start, deflateRawSync(head, flush), ...pieces, Buffer.from([3, 0]), Buffer.alloc(8)]);
}

/** Frames of zstd, each of 64 MB of zeros. */
const zstdZeros = (head: Uint8Array, length: number) => {
  const piece = 64 << 20;
  const frame = zstdCompressSync(Buffer.alloc(piece));
  return Buffer.concat([zstdCompressSync(head), ...Array.from({ length: Math.ceil(length / piece) }, () => frame)]);
};

const packed = (tar: Uint8Array) => gzipped(gzipSync(tar), { diffId: digestOf(tar) });

const many = (count: number, make: (i: number) => Uint8Array) => Array.from({ length: count }, (_, i) => make(i));

const bomb = (how: string, expect: Expected, layers: LayerCase['layers'], intent: string): LayerCase =>
  several(`bomb: ${how}`, intent, expect, layers);

const full = /space|full|ENOSPC/i;

export const bombs: LayerCase[] = [
  bomb(
    '10 GB of zeros',
    full,
    () => [gzipped(zeros(header({ name: 'x', size: 10 * gigabyte }), 10 * gigabyte), { diffId: nobody })],
    'Ten megabytes of gzip are one file of ten gigabytes.',
  ),
  bomb(
    '10 GB by zstd',
    full,
    () => [zstandard(zstdZeros(header({ name: 'x', size: 10 * gigabyte }), 10 * gigabyte), { diffId: nobody })],
    'Some hundred kilobytes of zstd are one file of ten gigabytes.',
  ),
  bomb(
    '256 MB behind the end',
    /damaged/,
    () => [gzipped(zeros(archive(file('x')), gigabyte / 4), { diffId: nobody })],
    'An archive’s end is followed by hundreds of megabytes, for who reads on.',
  ),
  bomb(
    '1 GB of PAX',
    /1073741824|refused/,
    () => [gzipped(zeros(header({ name: 'x', type: 'x', size: gigabyte }), gigabyte), { diffId: nobody })],
    'A PAX header of a gigabyte, and really so.',
  ),
  bomb(
    '256 MB in a folder',
    /damaged/,
    () => [gzipped(zeros(header({ name: 'x', type: '5', size: gigabyte / 4 }), gigabyte / 4), { diffId: nobody })],
    'A folder that has hundreds of megabytes of content.',
  ),
  bomb(
    'of many members',
    full,
    () => [
      gzipped(Buffer.concat([gzipSync(header({ name: 'x', size: gigabyte })), ...many(64, () => sixteen())]), {
        diffId: nobody,
      }),
    ],
    'A gzip stream in many members, each of them sixteen megabytes.',
  ),
  bomb(
    'nested',
    'harmless',
    () => [packed(archive(file('inner.tar.gz', zeros(Buffer.alloc(0), gigabyte / 4))))],
    'A bomb lies in a bomb, and stays there.',
  ),
  bomb(
    'many files',
    full,
    () => [archive(...many(60, i => file(`x${i}`, Buffer.alloc(1 << 20, i))))],
    'Sixty files are more than there is space for.',
  ),
  bomb(
    'many empty files',
    'harmless',
    () => [packed(archive(...many(20_000, i => file(`${i % 100}/${i}`, ''))))],
    'Twenty thousand files without content.',
  ),
  bomb(
    'no inode left',
    full,
    () => [packed(Buffer.concat([...many(45_000, i => header({ name: `${i % 100}/${i}` })), end]))],
    'More files than the file system has room for.',
  ),
  bomb(
    'one name over and over',
    'harmless',
    () => [packed(archive(...many(5000, () => file('x', 'x'))))],
    'Five thousand times the same file.',
  ),
  bomb(
    'links to one file',
    'harmless',
    () => [archive(file('x'), ...many(5000, i => link(`l${i}`, 'x')))],
    'Five thousand names of one file.',
  ),
  bomb(
    'folders within folders',
    'harmless',
    () => [archive(...many(500, i => directory('d/'.repeat(i + 1).slice(-99))))],
    'Five hundred folders, each by a longer name.',
  ),
  bomb(
    'headers without entries',
    'harmless',
    () => [packed(archive(...many(50_000, () => pax({ comment: '' })), file('x')))],
    'Fifty thousand PAX headers in front of one file.',
  ),
  bomb(
    'zeros within',
    /zeros|header|tar/i,
    () => [packed(Buffer.concat([file('x'), Buffer.alloc(block), file('y'), Buffer.alloc(100 * block), file('z')]))],
    'Ends of archives between entries.',
  ),
  bomb(
    'removing what another layer made',
    'harmless',
    () => [
      archive(...many(3000, i => file(`d/${i}`, ''))),
      archive(file('.wh.d', '')),
      archive(...many(3000, i => file(`d/${i}`, ''))),
      archive(file('d/.wh..wh..opq', '')),
    ],
    'Layers that only undo each other.',
  ),
  bomb(
    '100 layers',
    'harmless',
    () => many(100, i => archive(file('x', `${i}`))),
    'A hundred layers of the same file.',
  ),
];

function sixteen(): Buffer {
  return gzipSync(Buffer.alloc(16 << 20));
}
