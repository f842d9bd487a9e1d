// Devices, fifos and what changes its kind: what hangs, what opens a disk, what is written into something else.
import { type Expected, type LayerCase, one, several } from '../case.ts';
import {
  archive,
  blockDevice,
  character,
  directory,
  entry,
  type Field,
  fifo,
  file,
  link,
  pax,
  symlink,
} from '../tar.ts';

const many = (count: number, make: (i: number) => Uint8Array) => Array.from({ length: count }, (_, i) => make(i));

/** The same name again as something else; then something is done to it. */
const changes: [how: string, parts: () => Uint8Array[], intent: string][] = [
  [
    'fifo, then a file',
    () => [fifo('x'), file('x', 'content')],
    'A file is written over a fifo: who opens it for writing waits for ever.',
  ],
  ['fifo, then itself', () => [fifo('x'), fifo('x')], 'A fifo twice.'],
  [
    'fifo, then a hard link to it',
    () => [fifo('x'), link('y', 'x'), file('y', 'content')],
    'A file is written over another name of a fifo.',
  ],
  [
    'fifo by a link',
    () => [fifo('x'), symlink('l', 'x'), file('l', 'content')],
    'A file is written over a link to a fifo.',
  ],
  ['file, then a fifo', () => [file('x'), fifo('x')], 'A file becomes a fifo: what sets its mode afterwards opens it.'],
  [
    'device, then a file',
    () => [character('x', 1, 5), file('x', 'content')],
    'A file is written over a device: into it, if it is opened.',
  ],
  ['disk, then a file', () => [blockDevice('x', 254, 0), file('x', 'content')], 'A file is written over a disk.'],
  [
    'folder, then a file',
    () => [directory('x'), file('x/inner'), file('x')],
    'A folder with files in it becomes a file.',
  ],
  ['file, then a folder', () => [file('x'), directory('x'), file('x/inner')], 'A file becomes a folder.'],
  [
    'file, folder, file',
    () => [file('x'), directory('x'), file('x/inner'), file('x', 'last')],
    'A file becomes a folder, and a file again.',
  ],
  [
    'folder, link, folder',
    () => [directory('x'), symlink('x', '../beside'), directory('x'), file('x/planted')],
    'A folder becomes a link out, and a folder again.',
  ],
  [
    'link, file, link',
    () => [symlink('x', '../beside/secret'), file('x'), symlink('x', '../beside/secret')],
    'A link becomes a file, and a link again.',
  ],
  [
    'file twice',
    () => [file('x', 'a longer first content'), file('x', 'second')],
    'A file twice: the last one counts, whole.',
  ],
  [
    'file twice, first closed',
    () => [file('x', 'first', { mode: 0 }), file('x', 'second')],
    'A file twice, the first without any permission.',
  ],
  [
    'file twice, by other spellings',
    () => [file('./x'), file('x'), file('/x'), file('.//x'), file('x/.')],
    'A file by five spellings of one name.',
  ],
  [
    'hard link, then its file',
    () => [file('x', 'first'), link('y', 'x'), file('x', 'second')],
    'A file is replaced that has another name.',
  ],
  [
    'folder without permissions',
    () => [directory('x', { mode: 0 }), file('x/inner')],
    'A folder is closed before it is filled.',
  ],
  [
    'folder with a time',
    () => [directory('x', { mtime: 1 }), file('x/inner'), directory('x', { mtime: 2 })],
    'A folder has two times.',
  ],
];

/** Something is put into what is no folder. */
const parents: [how: string, parts: () => Uint8Array[], intent: string][] = [
  ['a file', () => [file('x'), file('x/inner')], 'A file has a file in it.'],
  ['a fifo', () => [fifo('x'), file('x/inner')], 'A fifo has a file in it.'],
  ['a link to a file', () => [file('f'), symlink('x', 'f'), file('x/inner')], 'A link to a file has a file in it.'],
];

const odd: [how: string, expect: Expected, bytes: () => Uint8Array, intent: string][] = [
  [
    'device number too large',
    /impossible major/,
    () => character('x', 2n ** 33n, 0),
    'A major number that no kernel has.',
  ],
  ['device number negative', /impossible major/, () => character('x', -1n, 0), 'A negative major number.'],
  ['device number no number', /number/, () => character('x', 'zz', 'qq'), 'A device’s numbers are letters.'],
  ['device number missing', 'harmless', () => character('x', '', ''), 'A device has no numbers at all.'],
  [
    'device with content',
    'harmless',
    () => Buffer.concat([entry({ name: 'x', type: '3', size: 512, major: 1, minor: 3 }), file('looks-like-content')]),
    'A device claims content, which would hide the next entry if it were believed.',
  ],
  [
    'fifo with content',
    'harmless',
    () => Buffer.concat([entry({ name: 'x', type: '6', size: 512 }), file('looks-like-content')]),
    'A fifo claims content, which would hide the next entry if it were believed.',
  ],
  [
    'unknown type',
    /of a kind/,
    () => entry({ name: 'x', type: 'Q' }, 'content'),
    'An entry of a type that nobody knows.',
  ],
  [
    'type a control character',
    /of a kind/,
    () => entry({ name: 'x', type: '\x1b' }, 'content'),
    'The type is an escape character, to reach the terminal with the error.',
  ],
  [
    'multi-volume',
    /of a kind/,
    () => entry({ name: 'x', type: 'M' }, 'content'),
    'The rest of a file whose beginning is on another tape.',
  ],
  [
    'volume label',
    /of a kind/,
    () => entry({ name: '../beside/planted', type: 'V' }),
    'A tape’s label in place of a file.',
  ],
  [
    'contiguous file',
    'harmless',
    () => entry({ name: 'x', type: '7' }, 'content'),
    'A type that POSIX reserves, and that is read as a file.',
  ],
  [
    'old file',
    'harmless',
    () => entry({ name: 'x', type: '\0' }, 'content'),
    'The type of a file before there were types.',
  ],
  [
    'old folder',
    'harmless',
    () => entry({ name: 'x/', type: '\0' }),
    'A folder before there were types: its name ends in a slash.',
  ],
];

export const kinds: LayerCase[] = [
  ...changes.map(([how, parts, intent]) => one(`again: ${how}`, intent, 'harmless', () => archive(...parts()))),
  ...parents.map(([how, parts, intent]) => one(`inside ${how}`, intent, /is no folder/, () => archive(...parts()))),
  ...odd.map(([how, expect, bytes, intent]) => one(`kind: ${how}`, intent, expect, () => archive(bytes()))),
  one(
    'inside a device',
    'A device has a file in it.',
    /is no folder/,
    () => archive(character('x', 1, 3), file('x/inner')),
    {
      withoutDevices: 'harmless',
    },
  ),
  one(
    'devices: every disk',
    'Every disk the machine may have, as files that anybody may read and write.',
    'harmless',
    () =>
      archive(
        ...[8, 252, 253, 254, 259].flatMap(major =>
          many(16, i => blockDevice(`d${major}-${i}`, major, i, { mode: 0o666 })),
        ),
      ),
  ),
  one('devices: memory', 'The machine’s memory and ports, open to all.', 'harmless', () =>
    archive(...[1, 2, 4].map(minor => character(`memory${minor}`, 1, minor, { mode: 0o666 }))),
  ),
  one('devices: a bomb', 'Three thousand devices, each of them with its own numbers.', 'harmless', () =>
    archive(...many(3000, i => character(`c${i}`, i % 511, i))),
  ),
  one('devices: replaced by each other', 'One name is a hundred devices, one after the other.', 'harmless', () =>
    archive(...many(100, i => character('same', 1, i as Field as number))),
  ),
  several('fifo below, file above', 'A fifo of the base is written to by the layer above.', 'harmless', () => [
    archive(fifo('x')),
    archive(file('x', 'content')),
  ]),
  several('fifo below, folder above', 'A fifo of the base becomes a folder.', 'harmless', () => [
    archive(fifo('x')),
    archive(directory('x'), file('x/inner')),
  ]),
  several('device below, file above', 'A device of the base is written to by the layer above.', 'harmless', () => [
    archive(character('x', 1, 5)),
    archive(file('x', 'content')),
  ]),
  several(
    'fifo below, attributes above',
    'A fifo has attributes of a user’s, which the kernel gives to files and folders only.',
    /lsetxattr/,
    () => [archive(fifo('x')), archive(pax({ 'SCHILY.xattr.user.x': 'x' }), fifo('x', { mode: 0o600 }))],
  ),
  several(
    'setuid below, written above',
    'A setuid program is replaced by one with other content and no such bit.',
    'harmless',
    () => [archive(file('x', 'program', { mode: 0o4755 })), archive(file('x', 'other', { mode: 0o755 }))],
  ),
];
