// Names that no file system or terminal likes.
import { type Expected, type LayerCase, one } from '../case.ts';
import { archive, directory, file, gnuLong, link, pax, symlink } from '../tar.ts';

const long = (name: string) => Buffer.concat([gnuLong('L', name), file('x')]);
const sequence = '\x1b[2J\x1b]0;owned\x07\x1b[31m';

/** Each must be named in an error, by a hard link to it: it does not exist. */
const shown: [how: string, name: string, intent: string][] = [
  ['terminal escapes', `${sequence}x`, 'A name in an error clears the screen and sets the window’s title.'],
  ['C1 controls', '\u009b2J\u009d0;owned\u009c', 'A name in an error has escapes of one byte, from 0x80 to 0x9f.'],
  ['newlines', 'x\nbox: all is well\r\n', 'A name in an error makes a second line, which says that all is well.'],
  ['DEL and backspaces', `${'\b'.repeat(40)}\x7fx`, 'A name in an error wipes out what stands before it.'],
  ['right-to-left', '\u202egnp.exe\u2066', 'A name in an error turns the direction of what follows.'],
  ['line separators', 'x\u2028box: all is well\u2029', 'A name in an error has Unicode’s own line breaks.'],
  ['10,000 characters', 'n'.repeat(10_000), 'A name in an error fills the screen.'],
];

const made: [
  how: string,
  expect: Expected,
  bytes: () => Uint8Array,
  intent: string,
  extra?: Pick<LayerCase, 'leaves'>,
][] = [
  ['newline', 'harmless', () => file('a\nb'), 'A name has a newline in it.', { leaves: { 'a\nb': 'file' } }],
  ['controls', 'harmless', () => file(sequence), 'A name has terminal escapes in it.'],
  [
    'all bytes',
    'harmless',
    () => file(Buffer.from([...Array(256).keys()].filter(byte => byte > 0 && byte !== 47).slice(0, 99))),
    'A name of ninety-nine control and other characters.',
  ],
  ['.', 'harmless', () => directory('.', { mode: 0o755 }), 'The target itself, as an entry.'],
  ['. as a file', /./, () => file('.'), 'The target itself becomes a file.'],
  ['. as a link', /./, () => symlink('.', '../beside'), 'The target itself becomes a link out.'],
  ['./ as a link', /./, () => symlink('./', '../beside'), 'The target itself becomes a link out, by another spelling.'],
  ['/ as a link', /./, () => symlink('/', '../beside'), 'The root becomes a link out.'],
  ['.. as a folder', /upwards/, () => directory('..', { mode: 0o700 }), 'What is above the target, as an entry.'],
  ['.. as a link', /./, () => symlink('..', 'beside'), 'What is above the target becomes a link.'],
  ['empty', /No such file/, () => file(''), 'An entry has no name.'],
  ['empty folder', 'harmless', () => directory(''), 'A folder has no name: the target, to some.'],
  ['a slash', 'harmless', () => directory('/'), 'The root, as an entry.'],
  ['slashes', 'harmless', () => directory('////'), 'The root, by four slashes.'],
  ['file with a slash', 'harmless', () => file('x/', 'content'), 'A file’s name ends in a slash.'],
  [
    'link with a slash',
    'harmless',
    () => symlink('x/', '../beside'),
    'A link’s name ends in a slash, which makes the kernel follow it.',
  ],
  [
    'spaces',
    'harmless',
    () => Buffer.concat([file(' '), file('. '), file('.. '), file('... ')]),
    'Names of dots and spaces, which somebody may trim.',
  ],
  [
    'dash',
    'harmless',
    () => Buffer.concat([file('-rf'), file('--checkpoint-action=exec=sh x')]),
    'Names that are options to a program that is called with them.',
  ],
  [
    'of a shell',
    'harmless',
    () => Buffer.concat([file('$(touch planted)'), file('`touch planted`;touch planted')]),
    'Names that are commands to a shell.',
  ],
  ['255 bytes', 'harmless', () => long('n'.repeat(255)), 'The longest name that a file system takes.'],
  ['256 bytes', /too long/i, () => long('n'.repeat(256)), 'One byte more than a file system takes.'],
  ['255 characters', /too long/i, () => long('ü'.repeat(255)), 'A name of 255 characters has 510 bytes.'],
  ['whiteout of 255 bytes', 'harmless', () => long(`.wh.${'n'.repeat(251)}`), 'The longest whiteout.'],
  [
    'whiteout of 300 bytes',
    'harmless',
    () => long(`.wh.${'n'.repeat(296)}`),
    'A whiteout of a name that cannot exist.',
  ],
  [
    'path of 4096',
    /too long/i,
    () => long(`${'folder/'.repeat(600)}x`),
    'A path longer than the kernel takes in one call, one folder after the other.',
  ],
  ['5000 folders deep', /too long|deep/i, () => long(`${'d/'.repeat(5000)}x`), 'Five thousand folders in each other.'],
  [
    '5000 folders, one at a time',
    /too long|deep/i,
    () =>
      Buffer.concat(
        Array.from({ length: 100 }, (_, i) => Buffer.concat([gnuLong('L', 'd/'.repeat((i + 1) * 50)), directory('x')])),
      ),
    'The same, each fifty deeper than the one before.',
  ],
  [
    'like ours',
    'harmless',
    () =>
      Buffer.concat([
        directory('target'),
        directory('blobs'),
        file('index.json'),
        directory('.tmp'),
        file('layer.tar'),
      ]),
    'Names that the software itself might use beside the target.',
  ],
  [
    'by PAX, with a newline',
    'harmless',
    () => Buffer.concat([pax({ path: 'a\n8 size=9\nb' }), file('x')]),
    'A name has a PAX record in it.',
  ],
];

export const names: LayerCase[] = [
  ...shown.map(([how, name, intent]) =>
    one(`shown: ${how}`, intent, /./, () => archive(gnuLong('K', name), link('x', 'x'))),
  ),
  ...shown.map(([how, name, intent]) =>
    one(`shown, by the reader: ${how}`, intent.replace('an error', 'the reader’s error'), /./, () =>
      archive(pax({ path: name, size: 'x' }), file('x')),
    ),
  ),
  ...shown.map(([how, name, intent]) =>
    one(`shown, as a kind: ${how}`, intent.replace('an error', 'an error about its kind'), /./, () =>
      archive(gnuLong('L', name), file('x', '', { type: 'Q' })),
    ),
  ),
  ...made.map(([how, expect, bytes, intent, extra]) =>
    one(`named ${how}`, intent, expect, () => archive(bytes()), extra),
  ),
];
