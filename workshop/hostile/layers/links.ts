// A link first, then something through it: the classic of all archive formats.
import { beside, type Expected, type LayerCase, one, several, target } from '../case.ts';
import { archive, character, directory, fifo, file, gnuLong, link, pax, symlink } from '../tar.ts';

/** Symbolic links to a folder outside; then a file is written through each. */
const ways: [how: string, links: [name: string, target: string][], through: string, intent: string][] = [
  ['to /', [['l', '/']], 'l/run/hostile/beside/planted', 'A link to / makes the machine’s root a folder of the image.'],
  ['to ..', [['l', '..']], 'l/beside/planted', 'A link to .. leads beside the target.'],
  ['relative', [['l', '../beside']], 'l/planted', 'A relative link leads beside the target.'],
  ['absolute', [['l', beside]], 'l/planted', 'An absolute link leads beside the target.'],
  [
    'to the target’s own name',
    [['l', '../target/../beside']],
    'l/planted',
    'A link leaves by way of the target’s name.',
  ],
  ['in a folder', [['a/l', '../../beside']], 'a/l/planted', 'A link that is harmless at the top is not in a folder.'],
  [
    'chain',
    [
      ['x', '/'],
      ['y', 'x/run'],
      ['z', 'y/hostile/beside'],
    ],
    'z/planted',
    'Three links lead out together.',
  ],
  [
    'chain backwards',
    [
      ['x', 'y'],
      ['y', 'z'],
      ['z', beside],
    ],
    'x/planted',
    'A link leads to one that is made later.',
  ],
  [
    'climbing',
    [
      ['a/u', '..'],
      ['v', 'a/u/..'],
    ],
    'v/beside/planted',
    'Two links that stay inside lead out together.',
  ],
  ['past a link', [['a/l', '/usr']], 'a/l/../../beside/planted', 'Dots after a link: kernel and string disagree.'],
  ['/proc/self/root', [['l', '/proc/self/root']], 'l/run/hostile/beside/planted', 'A magic link leads to the root.'],
  ['/proc/self/cwd', [['l', '/proc/self/cwd']], 'l/boxwright-planted', 'A magic link leads to where the process is.'],
  ['/proc/self/fd', [['l', '/proc/self/fd/3']], 'l/planted', 'A magic link leads to whatever the process has open.'],
  ['/proc/1/root', [['l', '/proc/1/root']], 'l/run/hostile/beside/planted', 'A magic link leads to another’s root.'],
  ['dots and slashes', [['l', './/..//./beside/.']], 'l//./planted', 'A link is spelt as no pattern expects.'],
  ['trailing slash', [['l', '../beside/']], 'l/planted', 'A link’s target has a slash at its end.'],
];

const through = ways.map(([how, links, name, intent]) =>
  one(`through a link: ${how}`, intent, name.includes('..') ? /leads upwards/ : 'harmless', () =>
    archive(directory('a'), ...links.map(([from, to]) => symlink(from, to)), file(name, 'planted')),
  ),
);

const absent = /No such file/;
const upwards = /leads upwards/;
const out = () => symlink('out', '../beside');

/** Something other than a file, through a link to a folder outside. */
const kinds: [what: string, bytes: () => Uint8Array, intent: string][] = [
  ['folder', () => directory('out/planted'), 'A folder is made through a link.'],
  ['the folder’s mode', () => directory('out/folder', { mode: 0 }), 'A folder outside gets another mode.'],
  ['symbolic link', () => symlink('out/planted', '/'), 'A symbolic link is made through a link.'],
  ['hard link to within', () => link('out/planted', 'a'), 'A hard link is made through a link.'],
  ['hard link from without', () => link('stolen', 'out/secret'), 'A file outside gets a name inside.'],
  ['fifo', () => fifo('out/planted'), 'A fifo is made through a link.'],
  ['device', () => character('out/planted', 1, 3), 'A device is made through a link.'],
  ['overwriting', () => file('out/secret', 'overwritten'), 'A file outside is overwritten through a link.'],
  ['removing', () => directory('out/secret'), 'A file outside is replaced by a folder, through a link.'],
  ['folder with a slash', () => directory('out/', { mode: 0 }), 'The slash makes the kernel follow the link.'],
  ['folder with a dot', () => directory('out/.', { mode: 0 }), 'The dot makes the kernel follow the link.'],
];

const byKind = kinds.map(([what, bytes, intent]) =>
  one(`through a link, ${what}`, intent, what === 'hard link from without' ? absent : 'harmless', () =>
    archive(file('a'), out(), bytes()),
  ),
);

/** The link itself is what the next entry names. */
const last: [how: string, to: string, bytes: () => Uint8Array, intent: string][] = [
  [
    'file',
    '../beside/secret',
    () => file('l', 'overwritten'),
    'A file has a link’s name: it replaces it, or else overwrites what it leads to.',
  ],
  ['file, absolute', `${beside}/secret`, () => file('l', 'overwritten'), 'The same by an absolute link.'],
  [
    'file, dangling',
    '../beside/planted',
    () => file('l', 'planted'),
    'A file has the name of a link to nothing: open makes the target.',
  ],
  [
    'folder',
    '../beside/folder',
    () => Buffer.concat([directory('l', { mode: 0 }), file('l/planted')]),
    'A folder has a link’s name, and is then filled.',
  ],
  ['fifo', '../beside/secret', () => fifo('l'), 'A fifo has a link’s name.'],
  ['hard link', '../beside/secret', () => Buffer.concat([file('a'), link('l', 'a')]), 'A hard link has a link’s name.'],
  [
    'attributes',
    '../beside/secret',
    () => Buffer.concat([pax({ 'SCHILY.xattr.user.planted': 'x' }), symlink('l', '../beside/secret')]),
    'A link has attributes of its own: set on what it leads to?',
  ],
  [
    'owner and time',
    '../beside/secret',
    () => symlink('l', '../beside/secret', { uid: 0, gid: 0, mtime: 1 }),
    'A link’s owner, mode and time are set on what it leads to.',
  ],
  ['device', '/dev/null', () => file('l', 'x'), 'A file is written into a device by way of a link.'],
];

/** The kernel gives a link no attributes of a user's. */
const itself = last.map(([how, to, bytes, intent]) =>
  one(`on a link: ${how}`, intent, how === 'attributes' ? /lsetxattr/ : 'harmless', () =>
    archive(symlink('l', to), bytes()),
  ),
);

const hard: [how: string, expect: Expected, parts: () => Uint8Array[], intent: string][] = [
  [
    'to ..',
    upwards,
    () => [link('l', '../beside/secret')],
    'A file beside the target gets a name inside, to be read or changed.',
  ],
  ['absolute', absent, () => [link('l', `${beside}/secret`)], 'A hard link’s target is taken as the machine’s.'],
  ['to /etc/passwd', absent, () => [link('l', '/etc/passwd')], 'The machine’s list of users gets a name inside.'],
  [
    'by PAX',
    upwards,
    () => [pax({ linkpath: '../beside/secret' }), link('l', 'a')],
    'A PAX header leads a harmless hard link out.',
  ],
  [
    'by GNU’s long name',
    upwards,
    () => [gnuLong('K', '../beside/secret'), link('l', 'a')],
    'GNU’s long link leads a harmless hard link out.',
  ],
  [
    'to a symbolic link, then written',
    'harmless',
    () => [symlink('s', '../beside/secret'), link('l', 's'), file('l', 'overwritten')],
    'A hard link to a symbolic link is followed when it is written.',
  ],
  [
    'to a symbolic link’s target',
    'harmless',
    () => [symlink('s', '../beside/secret'), link('l', 's')],
    'A hard link to a symbolic link becomes one to what that leads to.',
  ],
  [
    'to what comes later',
    absent,
    () => [link('l', 'later'), file('later')],
    'A hard link names an entry that is not there yet.',
  ],
  ['to itself', absent, () => [link('self', 'self')], 'A hard link names itself.'],
  [
    'to itself, once there',
    absent,
    () => [file('self'), link('self', 'self')],
    'A hard link to itself: who removes the old name first has lost the file.',
  ],
  ['in a circle', /./, () => [link('x', 'y'), link('y', 'x')], 'Two hard links name each other.'],
  [
    'to a folder',
    /not permitted/,
    () => [directory('folder'), link('l', 'folder')],
    'A hard link to a folder would make a circle.',
  ],
  ['to the target', /./, () => [link('l', '.')], 'A hard link to the target itself.'],
  ['to nothing', /./, () => [link('l', '')], 'A hard link has no target.'],
  [
    'with content',
    'harmless',
    () => [file('a', 'first'), link('l', 'a', { size: 0 }), file('a', 'second')],
    'A hard link’s file is written anew: its other name keeps the old content, or both change.',
  ],
  [
    'to a file that was hidden',
    'harmless',
    () => [file('a'), file('.wh.a', ''), link('l', 'a')],
    'A hard link to what its own layer seems to hide: whiteouts are for lower layers only.',
  ],
  [
    'through a file',
    /./,
    () => [file('a'), link('l', 'a/b')],
    'A hard link goes through a file as if it were a folder.',
  ],
];

const byHardLink = hard.map(([how, expect, parts, intent]) =>
  one(`hard link: ${how}`, intent, expect, () => archive(...parts())),
);

export const links: LayerCase[] = [
  ...through,
  ...byKind,
  ...itself,
  ...byHardLink,
  one('loop: of two links', 'Two links lead to each other; something is written through them.', /too many links/, () =>
    archive(symlink('x', 'y'), symlink('y', 'x'), file('x/planted')),
  ),
  one('loop: of one link', 'A link leads to itself; something is written through it.', /too many links/, () =>
    archive(symlink('x', 'x'), file('x/planted')),
  ),
  one('loop: to here', 'A link leads to its own folder; a name goes through it thirty times.', 'harmless', () =>
    archive(symlink('x', '.'), file(`${'x/'.repeat(30)}planted`)),
  ),
  one('chain of 100 links', 'More links behind each other than the kernel follows.', /too many links/, () =>
    archive(
      ...Array.from({ length: 100 }, (_, i) => symlink(`l${i}`, i === 0 ? '.' : `l${i - 1}`)),
      file('l99/planted'),
    ),
  ),
  one('link target of 10,000 bytes', 'A link’s target is longer than any path may be.', /too long/i, () =>
    archive(gnuLong('K', 'x'.repeat(10_000)), symlink('l', 'x')),
  ),
  one('link target empty', 'A symbolic link leads nowhere, which the kernel does not allow.', /./, () =>
    archive(symlink('l', '')),
  ),
  one('link target with NUL', 'A link’s target is cut short by a NUL in a PAX header.', /NUL/, () =>
    archive(pax({ linkpath: `${target}\0/beside` }), symlink('l', 'x')),
  ),
  several('link below, file above', 'The base has a link out, the layer above writes through it.', 'harmless', () => [
    archive(symlink('out', '../beside')),
    archive(file('out/planted')),
  ]),
  several(
    'link below, its name above',
    'The base has a link to a file outside, the layer above a file of its name.',
    'harmless',
    () => [archive(symlink('l', '../beside/secret')), archive(file('l', 'overwritten'))],
  ),
  several(
    'folder below, link above',
    'A folder with files becomes a link out; then it is filled once more.',
    'harmless',
    () => [
      archive(directory('d'), file('d/secret')),
      archive(symlink('d', '../beside'), file('d/secret', 'overwritten')),
    ],
  ),
  several(
    'hard link over layers',
    'A hard link of the upper layer goes through a link of the lower one.',
    absent,
    () => [archive(symlink('out', beside)), archive(link('l', 'out/secret'))],
  ),
];
