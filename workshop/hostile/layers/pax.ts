// PAX headers, GNU's long names and sparse maps that lie: what comes before an entry, and says what it is.
import { type Expected, type LayerCase, one } from '../case.ts';
import { archive, entry, type Field, file, gnuLong, gnuSparse, pax, paxSparse, record, symlink } from '../tar.ts';

const seven = () => file('x', '7 bytes');
const before = (records: Parameters<typeof pax>[0], then = seven) => Buffer.concat([pax(records), then()]);
const raw = (...records: Uint8Array[]) => before(Buffer.concat(records));
const all = Buffer.from([...Array(256).keys()]);
const attribute = (name: string, value: string | Uint8Array = 'value') => before({ [`SCHILY.xattr.${name}`]: value });

const lies: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  ['length too short', /PAX/, () => raw(record('path', 'planted', 5)), 'A record’s length ends it before its value.'],
  [
    'length too long',
    /PAX/,
    () => raw(record('path', 'planted', 500)),
    'A record’s length goes past the header’s end.',
  ],
  [
    'length into the next',
    /PAX/,
    () => raw(record('path', 'a', 20), record('size', '7')),
    'A record’s length swallows the next one.',
  ],
  [
    'length zero',
    /PAX/,
    () => raw(record('path', 'planted', 0)),
    'A record of length 0: who adds it up never gets on.',
  ],
  ['length negative', /PAX/, () => raw(record('path', 'planted', '-8')), 'A record’s length goes backwards.'],
  ['length no number', /PAX/, () => raw(record('path', 'planted', 'abc')), 'A record’s length is letters.'],
  ['length missing', /PAX/, () => before('path=planted\n'), 'A record has no length at all.'],
  ['length huge', /PAX/, () => raw(record('path', 'planted', '9'.repeat(40))), 'A record’s length has forty digits.'],
  [
    'length of 400 KB digits',
    /PAX/,
    () => raw(record('path', 'planted', '0'.repeat(400_000))),
    'A record’s length has hundreds of thousands of digits.',
  ],
  [
    'length with a sign',
    /PAX/,
    () => raw(record('path', 'planted', '+16')),
    'A record’s length has a plus sign, as a lenient reader takes it.',
  ],
  ['no newline', /PAX/, () => before('16 path=planted!'), 'A record does not end in a newline.'],
  ['no equals sign', /PAX/, () => before('9 planted\n'), 'A record has no value.'],
  ['no keyword', /PAX/, () => raw(record('', 'planted')), 'A record has a value and no keyword.'],
  ['cut in a record', /PAX/, () => raw(record('path', 'planted').subarray(0, 8)), 'The header ends within a record.'],
  ['empty', 'harmless', () => before(''), 'A PAX header without records.'],
  ['zeros', /PAX/, () => before(Buffer.alloc(100)), 'A PAX header of zeros.'],
  ['any bytes', /PAX/, () => before(all), 'A PAX header of all bytes there are.'],
  [
    'path with NUL',
    /NUL/,
    () => before({ path: 'harmless\0/../../beside/planted' }),
    'A name goes on behind a NUL, where the kernel stops reading.',
  ],
  ['path empty', 'harmless', () => before({ path: '' }), 'A PAX path that is empty, which takes back another.'],
  [
    'path of 100 KB',
    /too long|long/i,
    () => before({ path: 'n'.repeat(100_000) }),
    'A name of a hundred thousand bytes.',
  ],
  [
    'path of 100 KB, folders',
    /too long|long|deep/i,
    () => before({ path: 'n/'.repeat(50_000) }),
    'A name of fifty thousand folders.',
  ],
  [
    'path twice',
    'harmless',
    () => raw(record('path', '../beside/planted'), record('path', 'second')),
    'Two names in one header.',
  ],
  [
    'path that is no UTF-8',
    'harmless',
    () => before({ path: Buffer.from([0xff, 0xfe, 0x2f, 0x80]) }),
    'A name of bytes that no text has.',
  ],
  [
    'path that is broken UTF-8',
    'harmless',
    () => before({ path: Buffer.from([0x2e, 0xc0, 0xae, 0x2f, 0xc0, 0xaf, 0x78]) }),
    'A name has `.` and `/` in an encoding that is too long, for a lenient decoder.',
  ],
  [
    'size smaller',
    /checksum|tar|header/i,
    () => before({ size: '1' }, () => file('x', 'y'.repeat(600))),
    'A PAX size hides the rest of a file, which is then read as headers.',
  ],
  [
    'size larger',
    /end|short|cut/i,
    () => before({ size: '70000' }),
    'A PAX size takes what follows as content, past the archive’s end.',
  ],
  ['size negative', /size|number/i, () => before({ size: '-7' }), 'A negative PAX size.'],
  [
    'size of 2^64',
    /size|number|large/i,
    () => before({ size: String(2n ** 64n) }),
    'A PAX size that is nothing in 64 bits.',
  ],
  ['size as a float', /size|number/i, () => before({ size: '7.9' }), 'A PAX size with a fraction.'],
  [
    'size as an exponent',
    /size|number/i,
    () => before({ size: '1e9' }),
    'A PAX size that a lenient reader takes as a billion.',
  ],
  ['size empty', 'harmless', () => before({ size: '' }), 'A PAX size that takes itself back.'],
  [
    'size for a link',
    'harmless',
    () => before({ size: '512' }, () => symlink('x', 'y')),
    'A PAX size gives a symbolic link content.',
  ],
  [
    'uid negative',
    /impossible uid/,
    () => before({ uid: '-1' }),
    'A PAX owner of -1, which to the kernel means: leave it.',
  ],
  ['uid of 2^32', /impossible uid/, () => before({ uid: '4294967296' }), 'A PAX owner that becomes root in 32 bits.'],
  ['uid in words', /uid|number/i, () => before({ uid: 'root' }), 'An owner by name.'],
  ['time of 10^30', /time/i, () => before({ mtime: '1e30' }), 'A time as no clock will ever show it.'],
  ['time of many digits', /time/i, () => before({ mtime: '9'.repeat(1000) }), 'A time of a thousand digits.'],
  [
    'time of fine fraction',
    'harmless',
    () => before({ mtime: `1.${'9'.repeat(100_000)}` }),
    'A time with a hundred thousand decimal places.',
  ],
  ['time not a number', /time/i, () => before({ mtime: 'NaN' }), 'A time that is not a number.'],
  [
    'character set',
    'harmless',
    () => before({ charset: 'ISO-IR 8859 1 1998', hdrcharset: 'BINARY' }),
    'A header asks for other character sets.',
  ],
  [
    '__proto__',
    'harmless',
    () => before({ __proto__x: 'x', ['__proto__']: 'planted', constructor: 'planted' }),
    'A keyword is a property that JavaScript’s objects have.',
  ],
  [
    '100,000 records',
    'harmless',
    () => raw(...Array.from({ length: 50_000 }, (_, i) => record(`k${i}`, ''))),
    'One header with fifty thousand records of no use.',
  ],
  [
    'a claimed gigabyte',
    /1073741824|large|refused/i,
    () => entry({ name: 'h', type: 'x', size: 2 ** 30 }),
    'A PAX header says that it has a gigabyte, for somebody to allocate it.',
  ],
  [
    'two megabytes',
    /refused|large/i,
    () => before(record('comment', 'x'.repeat(2 << 20))),
    'A PAX header of two megabytes, and really so.',
  ],
  [
    'negative size of its own',
    /refused|size/i,
    () => entry({ name: 'h', type: 'x', size: -512n }),
    'A PAX header of negative size.',
  ],
  [
    'many before one entry',
    'harmless',
    () => Buffer.concat([...Array.from({ length: 2000 }, () => pax({ comment: 'x' })), seven()]),
    'Two thousand PAX headers for one entry.',
  ],
  [
    'for all, of a megabyte',
    /refused|large/i,
    () => Buffer.concat([pax(record('comment', 'x'.repeat(2 << 20)), 'g'), seven()]),
    'A global header of two megabytes.',
  ],
  [
    'for all, malformed',
    'harmless',
    () => Buffer.concat([pax('no record', 'g'), seven()]),
    'A global header that is none, which nobody needs.',
  ],
  ['without an entry', /after a header/, () => pax({ path: 'planted' }), 'A PAX header, and no entry that it is for.'],
];

const attributes: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  ['without a name', /fsetxattr/, () => attribute(''), 'An attribute has no name.'],
  ['of no namespace', /fsetxattr/, () => attribute('planted'), 'An attribute’s name has no namespace.'],
  [
    'of a long name',
    /fsetxattr/,
    () => attribute(`user.${'n'.repeat(1000)}`),
    'An attribute’s name is longer than the kernel takes.',
  ],
  ['with a NUL', /NUL/, () => attribute('user.a\0b'), 'An attribute’s name goes on behind a NUL.'],
  [
    'with an equals sign',
    'harmless',
    () => attribute('user.a=b=c'),
    'An attribute’s name seems to go on in its value.',
  ],
  [
    'of 100 KB',
    /fsetxattr/,
    () => attribute('user.big', Buffer.alloc(100_000, 'x')),
    'An attribute’s value is longer than the kernel takes.',
  ],
  [
    'by the thousand',
    'harmless',
    () =>
      before(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`SCHILY.xattr.user.n${i}`, 'x'.repeat(100)]))),
    'Three thousand attributes on one file.',
  ],
  [
    'capability of junk',
    /fsetxattr/,
    () => attribute('security.capability', all),
    'A file’s capabilities are any bytes.',
  ],
  ['access list of junk', /fsetxattr/, () => attribute('system.posix_acl_access', all), 'An access list is any bytes.'],
  [
    'of the system’s own',
    /fsetxattr/,
    () => attribute('system.data', all),
    'An attribute in the kernel’s own namespace.',
  ],
  [
    'of a label',
    'harmless',
    () => attribute('security.selinux', 'system_u:object_r:shadow_t:s0\0'),
    'A file comes with another machine’s label.',
  ],
  [
    'immutable',
    'harmless',
    () => before({ 'SCHILY.fflags': 'immutable,append' }),
    'A file shall be immutable, so that it cannot be removed again.',
  ],
];

const gnu: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  [
    'empty',
    /No such file/,
    () => Buffer.concat([entry({ name: 'L', type: 'L' }), file('')]),
    'A long name of no bytes, for an entry without any.',
  ],
  [
    'with NUL',
    'harmless',
    () => Buffer.concat([gnuLong('L', 'harmless\0/../../beside/planted'), seven()]),
    'A long name goes on behind a NUL.',
  ],
  [
    'a claimed gigabyte',
    /1073741824|large|refused/i,
    () => entry({ name: 'h', type: 'L', size: 2 ** 30 }),
    'A long name says that it has a gigabyte.',
  ],
  [
    'two megabytes',
    /refused|large/i,
    () => Buffer.concat([gnuLong('L', 'n'.repeat(2 << 20)), seven()]),
    'A long name of two megabytes.',
  ],
  [
    'twice',
    'harmless',
    () => Buffer.concat([gnuLong('L', '../beside/planted'), gnuLong('L', 'second'), seven()]),
    'Two long names for one entry.',
  ],
  [
    'negative size',
    /refused|size/i,
    () => entry({ name: 'h', type: 'K', size: -512n }),
    'A long link of negative size.',
  ],
];

const pieces =
  (...list: [Field, Field][]) =>
  (size: Field, content: string) =>
  () =>
    gnuSparse('x', list, size, content);

const sparse: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  ['overlapping', /sparse/, pieces([0, 8], [4, 8])(16, 'x'.repeat(16)), 'Two pieces of a sparse file overlap.'],
  ['unordered', /sparse/, pieces([8, 8], [0, 8])(16, 'x'.repeat(16)), 'The pieces of a sparse file go backwards.'],
  ['past the end', /sparse/, pieces([100, 8])(50, '12345678'), 'A piece lies behind the end of its file.'],
  [
    'negative place',
    /sparse|number/,
    pieces([-8n, 8])(50, '12345678'),
    'A piece lies before the beginning of its file.',
  ],
  ['negative length', /sparse|number/, pieces([0, -8n])(50, ''), 'A piece of negative length.'],
  ['longer than stored', /sparse/, pieces([0, 4096])(4096, 'short'), 'The pieces are longer than what is stored.'],
  [
    'shorter than stored',
    /sparse/,
    pieces([0, 2])(2, 'x'.repeat(4096)),
    'More is stored than the pieces have place for.',
  ],
  [
    'huge pieces',
    /sparse|number/,
    pieces([0, 2n ** 62n], [2n ** 62n, 2n ** 62n])(2n ** 63n, ''),
    'Two pieces that are negative together, in 64 bits.',
  ],
  ['negative file', /sparse|size|number/, pieces()(-1n, ''), 'A sparse file of negative size.'],
  [
    'of 8 exabytes',
    /sparse|large|number/,
    pieces()(2n ** 63n - 1n, ''),
    'A sparse file of eight exabytes, of which nothing is stored.',
  ],
  [
    'of 8 petabytes',
    'harmless',
    pieces()(2n ** 53n - 1n, ''),
    'A sparse file as large as a number can say, of which nothing is stored.',
  ],
  [
    'of a terabyte',
    'harmless',
    pieces([0, 4])(2 ** 40, 'here'),
    'A sparse file of a terabyte, of which four bytes are stored.',
  ],
  [
    'map without end',
    /sparse|map/,
    () => gnuSparse('x', [[0, 4]], 4, Buffer.alloc(2048, '1'), { at: { 482: '\x01' } }),
    'The map of a sparse file goes on in block after block.',
  ],
  ['numbers of junk', /number/, pieces(['zero', 'eight'])(8, '12345678'), 'The pieces’ numbers are words.'],
  ['PAX: no map', /sparse|map|number/, () => paxSparse('x', 'no map\n', '10', ''), 'A PAX map that is none.'],
  [
    'PAX: a map of a billion',
    /sparse/,
    () => paxSparse('x', '1000000000\n0\n1\n', '10', ''),
    'A PAX map says that it has a billion pieces.',
  ],
  ['PAX: a negative count', /sparse/, () => paxSparse('x', '-1\n', '10', ''), 'A PAX map of minus one piece.'],
  [
    'PAX: one line without end',
    /sparse|map|number/,
    () => paxSparse('x', '1'.repeat(100_000), '10', ''),
    'A PAX map without a single newline.',
  ],
  [
    'PAX: an odd map',
    /sparse/,
    () => before({ 'GNU.sparse.map': '0,1,2', 'GNU.sparse.size': '10', 'GNU.sparse.numblocks': '1' }),
    'A PAX map has lost a number.',
  ],
  [
    'PAX: a map for another file',
    /sparse|map|number|end/,
    () =>
      Buffer.concat([
        pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '99' }),
        file('x', ''),
      ]),
    'A map is promised, and the file has no bytes for it.',
  ],
  [
    'PAX: its name leads out',
    /leads upwards/,
    () => paxSparse('../beside/planted', '1\n0\n1\n', '1', 'x'),
    'The sparse file’s real name leads out.',
  ],
  [
    'PAX: its name with NUL',
    /NUL/,
    () => paxSparse('harmless\0planted', '1\n0\n1\n', '1', 'x'),
    'The sparse file’s real name goes on behind a NUL.',
  ],
  [
    'PAX: no size',
    /sparse|number|size/,
    () => before({ 'GNU.sparse.map': '0,7' }),
    'A sparse file does not say how large it is.',
  ],
];

export const records: LayerCase[] = [
  ...lies.map(([how, expect, bytes, intent]) => one(`PAX ${how}`, intent, expect, () => archive(bytes()))),
  ...attributes.map(([how, expect, bytes, intent]) => one(`attribute ${how}`, intent, expect, () => archive(bytes()))),
  ...gnu.map(([how, expect, bytes, intent]) => one(`long name ${how}`, intent, expect, () => archive(bytes()))),
  ...sparse.map(([how, expect, bytes, intent]) => one(`sparse: ${how}`, intent, expect, () => archive(bytes()))),
];
