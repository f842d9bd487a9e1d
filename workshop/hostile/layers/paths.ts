// Names that lead out of the target: `..` in every place, absolute, in every header that has a name.
import { beside, type LayerCase, one, place } from '../case.ts';
import { archive, directory, entry, fifo, file, gnuLong, link, pax, symlink } from '../tar.ts';

const up = '../'.repeat(12);
const upwards = /leads upwards/;

/** A file by that name must end inside, or nowhere. */
const names: [how: string, name: string, intent: string][] = [
  ['leading', '../beside/planted', 'A name that begins with `..` plants a file beside the target.'],
  ['in the middle', 'a/../../beside/planted', 'A name goes into a folder, and further up than it went down.'],
  ['deep', 'a/b/c/../../../../beside/planted', 'A name goes three folders down and four up.'],
  ['after a dot', './../beside/planted', 'A name hides its `..` behind a `./` that one may have stripped.'],
  ['after a stripped slash', '/../beside/planted', 'A name has a `..` left when its leading slash is taken away.'],
  [
    'after double slashes',
    '..//beside//planted',
    'A name has empty components, which a pattern for `../` may overlook.',
  ],
  ['nested', '....//beside/planted', 'A name becomes `../` when somebody removes a `../` from it once.'],
  [
    'to the top',
    `${up}run/hostile/beside/planted`,
    'A name goes up to the machine’s root, and down to where it wants.',
  ],
  ['out and back', '../target/planted', 'A name leaves the target and comes back to it by its own name.'],
  ['absolute', `${beside}/planted`, 'An absolute name is taken as the machine’s.'],
  ['absolute with slashes', `/${beside}/planted`, 'An absolute name with two slashes, one of which may be stripped.'],
  ['absolute, etc', '/etc/boxwright-planted', 'An absolute name plants a file in the machine’s /etc.'],
  ['the process’s own', '/proc/self/cwd/planted', 'An absolute name goes through /proc to where the process is.'],
  ['backslashes', '..\\beside\\planted', 'A name has another system’s separators, which here are letters.'],
  ['percent', '%2e%2e/beside/planted', 'A name that becomes `..` if anybody decodes it as an address.'],
  ['full width', '\uff0e\uff0e/beside/planted', 'A name that becomes `..` if anybody normalises it.'],
  ['trailing', 'a/..', 'A file’s name is `..` at its end: the target itself.'],
  ['past a file', 'a-file/../../beside/planted', 'A name goes up from something that is no folder.'],
];

const types: [type: string, bytes: () => Uint8Array, intent: string][] = [
  ['folder', () => directory('../beside/planted'), 'A folder is made beside the target.'],
  ['folder that is there', () => directory('../beside/folder', { mode: 0 }), 'A folder beside the target is closed.'],
  ['folder, the parent', () => directory('..', { mode: 0 }), 'The folder above the target is closed.'],
  ['symbolic link', () => symlink('../beside/planted', '/etc'), 'A symbolic link is planted beside the target.'],
  ['hard link', () => link('../beside/planted', 'a'), 'A hard link to a file of the image is planted outside.'],
  ['fifo', () => fifo('../beside/planted'), 'A fifo is planted beside the target, for somebody to hang on.'],
  ['overwriting', () => file('../beside/secret', 'overwritten'), 'A file beside the target is overwritten.'],
  ['special modes', () => file('../beside/planted', '#!', { mode: 0o6755 }), 'A setuid program is planted outside.'],
];

const headers: [header: string, bytes: () => Uint8Array, intent: string][] = [
  [
    'ustar’s prefix',
    () => file('beside/planted', 'x', { prefix: '..' }),
    'The `..` stands in the prefix field, the rest in the name.',
  ],
  [
    'ustar’s prefix, absolute',
    () => file('planted', 'x', { prefix: beside }),
    'The prefix field makes a harmless name absolute.',
  ],
  [
    'PAX path',
    () => Buffer.concat([pax({ path: '../beside/planted' }), file('harmless')]),
    'A PAX header replaces a harmless name by one that leads out.',
  ],
  [
    'PAX path with a prefix',
    () => Buffer.concat([pax({ path: '../beside/planted' }), file('harmless', 'x', { prefix: 'deep/down' })]),
    'A PAX path leads out if the prefix of the short header is still put in front of it.',
  ],
  [
    'PAX path for all',
    () => Buffer.concat([pax({ path: '../beside/planted' }, 'g'), file('harmless')]),
    'A global PAX header names every entry that follows.',
  ],
  [
    'GNU long name',
    () => Buffer.concat([gnuLong('L', '../beside/planted'), file('harmless')]),
    'GNU’s long name replaces a harmless one by one that leads out.',
  ],
  [
    'GNU and PAX',
    () => Buffer.concat([gnuLong('L', 'harmless'), pax({ path: '../beside/planted' }), file('harmless')]),
    'Two long names for one entry disagree, and only one of them is harmless.',
  ],
];

/** An absolute name is one below the target. And of two long names, PAX's counts, whichever is first; records for all count for nobody. */
const harmless = ['ustar’s prefix, absolute', 'PAX path for all'];

export const paths: LayerCase[] = [
  ...names.map(([how, name, intent]) =>
    one(`name: ${how}`, intent, name.split('/').includes('..') ? upwards : 'harmless', () =>
      archive(directory('a'), file('a-file'), file(name, 'planted')),
    ),
  ),
  ...types.map(([type, bytes, intent]) => one(`outside: ${type}`, intent, upwards, () => archive(file('a'), bytes()))),
  ...headers.map(([header, bytes, intent]) =>
    one(`header: ${header}`, intent, harmless.includes(header) ? 'harmless' : upwards, () => archive(bytes())),
  ),
  one('name: every folder up', 'A hundred entries try a hundred numbers of `..`.', upwards, () =>
    archive(...Array.from({ length: 100 }, (_, i) => file(`${'../'.repeat(i)}${place.slice(1)}/planted${i}`))),
  ),
  one('name: ..', 'A file is to replace the folder above the target.', upwards, () => archive(entry({ name: '..' }))),
];
