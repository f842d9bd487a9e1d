// Names that remove things: `.wh.NAME` and `.wh..wh..opq`, turned against what is outside, or against sense. layer.md, Whiteouts
import { beside, type Expected, type LayerCase, several } from '../case.ts';
import { archive, character, directory, file, pax, symlink } from '../tar.ts';

const upwards = /leads upwards/;
const base = () => archive(directory('d'), file('d/kept'), file('kept'), symlink('out', '../beside'));

const cases: [
  how: string,
  expect: Expected,
  upper: () => Uint8Array[],
  intent: string,
  leaves?: LayerCase['leaves'],
][] = [
  ['..', upwards, () => [file('../beside/.wh.secret', '')], 'A whiteout’s folder leads out by `..`.'],
  ['absolute', 'harmless', () => [file(`${beside}/.wh.secret`, '')], 'A whiteout’s folder is taken as the machine’s.'],
  ['through a link', 'harmless', () => [file('out/.wh.secret', '')], 'A whiteout removes through a link.'],
  [
    'a folder through a link',
    'harmless',
    () => [file('out/.wh.folder', '')],
    'A whiteout removes a folder, with all in it, through a link.',
  ],
  [
    'of a link',
    'harmless',
    () => [file('.wh.out', '')],
    'A whiteout of a link removes the link, not what it leads to.',
    { out: null },
  ],
  [
    'alone',
    /hides nothing/,
    () => [file('.wh.', '')],
    'A whiteout of nothing: the folder itself, if the name is put together carelessly.',
  ],
  ['of .', /hides nothing/, () => [file('.wh..', '')], 'A whiteout of `.`: the target itself.'],
  ['of ..', /hides nothing/, () => [file('.wh...', '')], 'A whiteout of `..`: what is above the target.'],
  [
    'of .. in a folder',
    /hides nothing/,
    () => [file('d/.wh...', '')],
    'A whiteout of `..` in a folder: the target itself.',
  ],
  ['of .. by PAX', /hides nothing/, () => [pax({ path: 'd/.wh...' }), file('x', '')], 'The same by a PAX header.'],
  [
    'of .. with a slash',
    /hides nothing/,
    () => [directory('.wh.../')],
    'A folder’s name with a slash is a whiteout of `..` without it.',
  ],
  ['as a folder', 'harmless', () => [directory('.wh.d'), file('.wh.d/x')], 'A whiteout is a folder with a file in it.'],
  ['on the way', 'harmless', () => [file('.wh.../beside/planted')], 'A name goes through a whiteout of `..`.'],
  ['of what is not there', 'harmless', () => [file('.wh.absent', '')], 'A whiteout of nothing that exists.'],
  [
    'in a folder that is not there',
    'harmless',
    () => [file('absent/.wh.kept', '')],
    'A whiteout in a folder that does not exist.',
  ],
  ['in a file', /no folder/, () => [file('kept/.wh.x', '')], 'A whiteout in something that is no folder.'],
  [
    'with content',
    'harmless',
    () => [file('.wh.kept', 'content')],
    'A whiteout is a file of some length.',
    { kept: null },
  ],
  ['as a link', 'harmless', () => [symlink('.wh.kept', '../beside/secret')], 'A whiteout is a symbolic link out.'],
  [
    'after its file',
    'harmless',
    () => [file('new'), file('.wh.new', '')],
    'A whiteout removes what its own layer has made: only lower layers are its business.',
  ],
  [
    'before its file',
    'harmless',
    () => [file('.wh.kept', ''), file('kept', 'new')],
    'A whiteout and a new file of the same name.',
    { kept: 'file' },
  ],
  ['of a whiteout', 'harmless', () => [file('.wh..wh.kept', '')], 'A whiteout of a whiteout.'],
  [
    'aufs’s own',
    'harmless',
    () => [directory('.wh..wh.plnk'), file('.wh..wh.plnk/1.2'), file('.wh..wh.aufs', '')],
    'What aufs keeps for itself came along.',
  ],
  [
    'of the target, by dots',
    upwards,
    () => [file('d/../../target/.wh.d', '')],
    'A whiteout’s folder leaves the target and comes back.',
  ],
  [
    'of the process’s root',
    'harmless',
    () => [symlink('root', '/proc/self/root'), file('root/etc/.wh.passwd', '')],
    'A whiteout removes /etc/passwd through a magic link.',
  ],
  [
    'with a NUL',
    /NUL/,
    () => [pax({ path: '.wh.kept\0x' }), file('x', '')],
    'A whiteout’s name is cut short by a NUL.',
  ],
  ['opaque through ..', upwards, () => [file('../beside/.wh..wh..opq', '')], 'A folder outside is emptied.'],
  [
    'opaque, absolute',
    'harmless',
    () => [file(`${beside}/.wh..wh..opq`, '')],
    'A folder outside, by its absolute name, is emptied.',
  ],
  [
    'opaque through a link',
    'harmless',
    () => [file('out/.wh..wh..opq', '')],
    'A folder outside is emptied through a link.',
  ],
  [
    'opaque at the top',
    'harmless',
    () => [file('.wh..wh..opq', '')],
    'The target itself is emptied, and not what holds it.',
    { kept: null, d: null },
  ],
  [
    'opaque, last',
    'harmless',
    () => [file('d/new'), file('d/.wh..wh..opq', '')],
    'A folder is emptied after it was filled: what its own layer put there stays.',
    { 'd/new': 'file', 'd/kept': null },
  ],
  [
    'opaque on a new link',
    'harmless',
    () => [symlink('d', '../beside'), file('d/.wh..wh..opq', '')],
    'A folder becomes a link out, then is emptied.',
  ],
  ['opaque of a file', /no folder/, () => [file('kept/.wh..wh..opq', '')], 'Something that is no folder is emptied.'],
  [
    'of the opaque mark',
    'harmless',
    () => [file('.wh..wh..wh..opq', '')],
    'A whiteout of the mark that empties a folder.',
  ],
  [
    'overlay’s own device',
    'harmless',
    () => [character('kept', 0, 0)],
    'Overlay’s own whiteout, a device 0:0, is smuggled in as an entry.',
  ],
  [
    'overlay’s own attribute',
    'harmless',
    () => [pax({ 'SCHILY.xattr.trusted.overlay.redirect': '/../../beside' }), directory('d')],
    'Overlay’s attribute that sends a folder elsewhere is smuggled in.',
  ],
  [
    'overlay’s own attribute, user’s',
    'harmless',
    () => [pax({ 'SCHILY.xattr.user.overlay.redirect': '/../../beside' }), directory('d')],
    'The same in the form that works rootless.',
  ],
];

export const whiteouts: LayerCase[] = cases.map(([how, expect, upper, intent, leaves]) =>
  several(`whiteout: ${how}`, intent, expect, () => [base(), archive(...upper())], leaves ? { leaves } : {}),
);
