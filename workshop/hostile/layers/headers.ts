// Headers that lie: sizes, modes, owners, times, checksums.
import { type Expected, type LayerCase, one } from '../case.ts';
import { archive, base256, block, directory, end, entry, file, gnuLong, type header, link, symlink } from '../tar.ts';

const next = () => file('next');

const sizes: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  [
    'of a folder',
    'harmless',
    () => directory('x', { size: block }),
    'A folder claims a block of content, which would hide the next entry.',
  ],
  [
    'of a folder, huge',
    'harmless',
    () => directory('x', { size: 2 ** 32 }),
    'A folder claims four gigabytes of content.',
  ],
  ['of a symbolic link', 'harmless', () => symlink('x', 'y', { size: block }), 'A symbolic link claims content.'],
  [
    'of a hard link',
    'harmless',
    () => Buffer.concat([file('a'), link('x', 'a', { size: 8 })]),
    'A hard link repeats its file’s size, as old archives do, without content.',
  ],
  [
    'negative',
    /size|number/i,
    () => entry({ name: 'x', size: -1n }),
    'A size of -1 in base 256: a reader that steps back reads for ever.',
  ],
  [
    'negative block',
    /size|number/i,
    () => entry({ name: 'x', size: -512n }),
    'A size of one block backwards: the same header again and again.',
  ],
  [
    'minus in octal',
    /size|number|octal/i,
    () => entry({ name: 'x', size: '-0000000010\0' }),
    'A size with a minus sign.',
  ],
  ['2^63', /size|number|large/i, () => entry({ name: 'x', size: 2n ** 63n }), 'A size that is negative in 64 bits.'],
  ['2^64', /size|number|large/i, () => entry({ name: 'x', size: 2n ** 64n }), 'A size that is nothing in 64 bits.'],
  [
    '2^53 + 1',
    /size|number|large|end/i,
    () => entry({ name: 'x', size: 2n ** 53n + 1n }),
    'A size that JavaScript’s numbers cannot hold.',
  ],
  [
    '2^88',
    /size|number|large/i,
    () => entry({ name: 'x', size: 2n ** 88n }),
    'The largest size that the field can say.',
  ],
  [
    'of eight gigabytes',
    /end|short|cut/i,
    () => entry({ name: 'x', size: '77777777777\0' }),
    'The largest octal size, with nothing behind it.',
  ],
  [
    'without NUL',
    /end|short|cut|size/i,
    () => entry({ name: 'x', size: '777777777777' }),
    'Twelve octal digits: the reader goes on into the time.',
  ],
  [
    'no octal',
    /size|number|octal/i,
    () => entry({ name: 'x', size: '00000000089\0' }),
    'A size with digits that are not octal.',
  ],
  ['letters', /size|number|octal/i, () => entry({ name: 'x', size: 'eight bytes\0' }), 'A size in words.'],
  ['empty', 'harmless', () => entry({ name: 'x', size: '\0' }), 'No size at all.'],
  ['spaces', 'harmless', () => entry({ name: 'x', size: '            ' }), 'A size of spaces.'],
  [
    'with spaces',
    'harmless',
    () => entry({ name: 'x', size: '          7 ' }, '7 bytes'),
    'A size with spaces before and behind, as old programs wrote it.',
  ],
  [
    'with junk behind',
    /size|number|octal/i,
    () => entry({ name: 'x', size: '7\x001234567890' }, '7 bytes'),
    'A size that two readers may read differently.',
  ],
  [
    'hexadecimal',
    /size|number|octal/i,
    () => entry({ name: 'x', size: '0x10\0' }),
    'A size that a lenient reader takes as hexadecimal.',
  ],
  [
    'exponent',
    /size|number|octal/i,
    () => entry({ name: 'x', size: '1e3\0' }),
    'A size that a lenient reader takes as a thousand.',
  ],
  [
    'infinite',
    /size|number|octal/i,
    () => entry({ name: 'x', size: 'Infinity\0' }),
    'A size that a lenient reader takes as infinite.',
  ],
];

const numbers: [how: string, expect: Expected, fields: Parameters<typeof header>[0], intent: string][] = [
  ['mode of junk', /mode|number|octal/i, { mode: 'rwxr-xr\0' }, 'A mode in letters.'],
  ['mode of a device', 'harmless', { mode: '0060666\0' }, 'A file’s mode has the bits of a disk.'],
  ['mode of all bits', 'harmless', { mode: '7777777\0' }, 'Every bit of the mode is set.'],
  ['mode negative', 'harmless', { mode: -1n }, 'A negative mode.'],
  ['mode of 2^56', /mode|number/i, { mode: 2n ** 55n }, 'A mode in base 256, larger than any integer of the kernel’s.'],
  ['uid negative', /impossible uid/, { uid: -1n }, 'The owner -1, which to the kernel means: leave it.'],
  ['uid of 2^32', /impossible uid/, { uid: 2n ** 32n }, 'An owner that becomes root in 32 bits.'],
  ['uid of 2^32 - 1', /impossible uid/, { uid: 2n ** 32n - 1n }, 'The owner -1 again, as an unsigned number.'],
  ['uid of junk', /uid|owner|number|octal/i, { uid: 'root\0' }, 'An owner by name where a number belongs.'],
  ['gid of 2^63', /gid|group|number/i, { gid: base256(2n ** 55n, 8) }, 'A group larger than any.'],
  ['time of 2^80', /time|number/i, { mtime: 2n ** 80n }, 'A time after the end of the universe.'],
  ['time of -2^80', /time|number/i, { mtime: -(2n ** 80n) }, 'A time before its beginning.'],
  ['time of 2^40', 'harmless', { mtime: 2n ** 40n }, 'A time in thirty-five thousand years.'],
  ['time of junk', /time|number|octal/i, { mtime: 'yesterday\0' }, 'A time in words.'],
  ['checksum wrong', /checksum/i, { checksum: '000001\0 ' }, 'The header’s checksum is wrong.'],
  ['checksum empty', /checksum/i, { checksum: '\0\0\0\0\0\0\0\0' }, 'The header has no checksum.'],
  [
    'checksum of spaces',
    /checksum/i,
    { checksum: '        ' },
    'The checksum’s field is as it was when it was computed.',
  ],
  ['checksum of junk', /checksum/i, { checksum: 'checksum' }, 'The checksum is a word.'],
  [
    'magic of junk',
    'harmless',
    { magic: 'NOTATAR!' },
    'The magic is none: a header of 1979, if the checksum is right.',
  ],
  [
    'magic, and a prefix',
    'harmless',
    { magic: '\0\0\0\0\0\0\0\0', prefix: '../beside' },
    'A header of 1979 has junk where ustar has its prefix.',
  ],
  ['name unterminated', 'harmless', { name: 'n'.repeat(100) }, 'A name fills its field, without a NUL.'],
  [
    'name and prefix unterminated',
    'harmless',
    { name: 'n'.repeat(100), prefix: 'p'.repeat(155) },
    'Name and prefix fill their fields.',
  ],
  ['name empty', /No such file/, { name: '' }, 'A file has no name.'],
  [
    'owners’ names of junk',
    'harmless',
    { uname: '\x1b[2J\xff', gname: '../..' },
    'The owners’ names are escapes and paths.',
  ],
];

/** Where two programs see two archives: what one of them checks is not what the other unpacks. */
const ends: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  [
    'one empty block',
    /zeros/,
    () => Buffer.concat([file('a'), Buffer.alloc(block), file('b'), end]),
    'One empty block in the middle: the end to some, a gap to others.',
  ],
  [
    'entries after it',
    'harmless',
    () => Buffer.concat([file('a'), end, file('../beside/planted'), end]),
    'Entries follow the end, for a reader that goes on.',
  ],
  [
    'garbage after it',
    'harmless',
    () => Buffer.concat([file('a'), end, Buffer.alloc(5000, 'garbage')]),
    'Garbage follows the end.',
  ],
  ['missing', 'harmless', () => file('a'), 'The archive has no end: it stops between two entries.'],
  ['half', 'harmless', () => Buffer.concat([file('a'), Buffer.alloc(block)]), 'The archive has half an end.'],
  ['nothing', 'harmless', () => Buffer.alloc(0), 'The archive has no bytes at all.'],
  ['only the end', 'harmless', () => end, 'An archive without entries.'],
  [
    'a text',
    /tar|header|checksum/i,
    () => Buffer.from('this is no archive\n'.repeat(100)),
    'A text in place of an archive.',
  ],
  ['all ones', /tar|header|checksum/i, () => Buffer.alloc(4096, 0xff), 'Nothing but set bits.'],
  [
    'a page',
    /tar|header|checksum|end|cut/i,
    () => Buffer.from('<html>404 Not Found</html>'),
    'A web server’s error page in place of an archive.',
  ],
];

/** What is whole but for its last bytes. */
const cuts: [where: string, bytes: () => Buffer, intent: string][] = [
  ['after one byte', () => file('a').subarray(0, 1), 'One byte of a header.'],
  ['in the header', () => file('a').subarray(0, 300), 'The archive ends within a header.'],
  [
    'before the header’s last byte',
    () => file('a').subarray(0, block - 1),
    'The archive ends one byte before the header does.',
  ],
  [
    'before the content',
    () => file('a', 'x'.repeat(2000)).subarray(0, block),
    'A header, and none of the content that it promises.',
  ],
  ['in the content', () => file('a', 'x'.repeat(2000)).subarray(0, block + 1000), 'The archive ends within a file.'],
  [
    'in the padding',
    () => file('a', 'x'.repeat(2000)).subarray(0, block + 2001),
    'The archive ends within the padding of a file.',
  ],
  ['in a later header', () => Buffer.concat([file('a'), file('b').subarray(0, 99)]), 'The second header is cut.'],
  ['in a long name', () => gnuLong('L', 'n'.repeat(1000)).subarray(0, block + 500), 'A long name is cut.'],
  ['after a long name', () => gnuLong('L', 'n'.repeat(200)), 'A long name, and no entry that has it.'],
];

export const headers: LayerCase[] = [
  ...sizes.map(([how, expect, bytes, intent]) => one(`size ${how}`, intent, expect, () => archive(bytes(), next()))),
  ...numbers.map(([how, expect, fields, intent]) =>
    one(`field: ${how}`, intent, expect, () => archive(entry({ name: 'x', ...fields }), next())),
  ),
  ...ends.map(([how, expect, bytes, intent]) => one(`end: ${how}`, intent, expect, bytes)),
  ...cuts.map(([where, bytes, intent]) => one(`cut ${where}`, intent, /ends (in the middle|after a header)/, bytes)),
];
