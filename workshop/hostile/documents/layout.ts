// The files that hold the documents, and what leads from one to the next. image-layout.md
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mediaTypes, refName } from '#images';
import type { DocumentCase, Expected } from '../case.ts';
import { putBlob } from '../layout.ts';
import { secret, sequence } from './change.ts';

/** The blobs of a good layout, the config's first: there is one layer, one configuration, one manifest. */
const blobs = (folder: string) => readdirSync(`${folder}/blobs/sha256`).map(name => `${folder}/blobs/sha256/${name}`);

const late = (how: string, expect: Expected, spoil: (folder: string) => void, intent: string): DocumentCase => ({
  ...{ kind: 'document', name: `layout: ${how}`, intent, expect, edits: {}, late: spoil },
});

const replace = (path: string, make: (path: string) => void) => {
  unlinkSync(path);
  make(path);
};
const makeFifo = (path: string) => void execFileSync('mkfifo', [path]);

export const layouts: DocumentCase[] = [
  late(
    'without oci-layout',
    /oci-layout/,
    folder => unlinkSync(`${folder}/oci-layout`),
    'The folder does not say that it is a layout.',
  ),
  late('without index', /index/, folder => unlinkSync(`${folder}/index.json`), 'The layout has no index.'),
  late(
    'index a folder',
    /index/,
    folder => replace(`${folder}/index.json`, path => mkdirSync(path)),
    'The index is a folder.',
  ),
  late(
    'index a fifo',
    /index/,
    folder => replace(`${folder}/index.json`, makeFifo),
    'The index is a fifo: who opens it waits for ever.',
  ),
  late(
    'index a link to /dev/zero',
    /index/,
    folder => replace(`${folder}/index.json`, path => symlinkSync('/dev/zero', path)),
    'The index is a link to a file without end.',
  ),
  late(
    'oci-layout a fifo',
    /oci-layout/,
    folder => replace(`${folder}/oci-layout`, makeFifo),
    'The version’s file is a fifo.',
  ),
  late(
    'blobs missing',
    /missing/,
    folder => rmSync(`${folder}/blobs`, { recursive: true }),
    'The layout has no blobs.',
  ),
  late(
    'blobs links to /etc/passwd',
    /link/,
    folder => blobs(folder).map(blob => replace(blob, path => symlinkSync('/etc/passwd', path))),
    'Blobs are links to the machine’s files.',
  ),
  late(
    'blobs links to themselves',
    /link/,
    folder => blobs(folder).map(blob => replace(blob, path => symlinkSync(path, path))),
    'Blobs are links in a circle.',
  ),
  late(
    'blobs links to what they were',
    /link/,
    folder => blobs(folder).map(aside),
    'Blobs are links to the right bytes, which may be exchanged after they were verified.',
  ),
  late(
    'blobs fifos',
    /file/,
    folder => blobs(folder).map(blob => replace(blob, makeFifo)),
    'Blobs are fifos: who opens them waits for ever.',
  ),
  late(
    'blobs folders',
    /file/,
    folder => blobs(folder).map(blob => replace(blob, path => mkdirSync(path))),
    'Blobs are folders.',
  ),
  late(
    'blobs /dev/zero',
    /link|file/,
    folder => blobs(folder).map(blob => replace(blob, path => symlinkSync('/dev/zero', path))),
    'Blobs are links to a file without end.',
  ),
  late('blobs empty', /bytes/, folder => blobs(folder).map(blob => writeFileSync(blob, '')), 'Blobs have no bytes.'),
  late(
    'blobs of a terabyte',
    /bytes|long/,
    folder => blobs(folder).map(blob => grow(blob)),
    'Blobs are sparse files of a terabyte.',
  ),
  late(
    'an index in an index in a circle',
    /./,
    circle,
    'An index lists itself, under a digest that cannot be its own.',
  ),
  late(
    'no platform that fits',
    /no image for/,
    folder => platforms(folder, { os: 'plan9', architecture: 'mips' }),
    'An index has manifests for other machines only.',
  ),
  late(
    'platforms of escapes',
    /no image for/,
    folder => platforms(folder, { os: sequence, architecture: '\u009b2J' }),
    'The platforms that are listed clear the screen.',
  ),
  late(
    'manifest and index',
    /at once/,
    folder => platforms(folder, { os: 'linux', architecture: 'any' }, { layers: [] }),
    'An index is a manifest to another reader, by the same digest.',
  ),
  late(
    'a hundred indexes in each other',
    /index|deep|nested/i,
    tower,
    'An index lists an index, which lists an index, a hundred times.',
  ),
];

function grow(path: string): void {
  const fd = openSync(path, 'r+');
  ftruncateSync(fd, 2 ** 40);
  closeSync(fd);
}

function writeIndex(folder: string, entry: object): void {
  writeFileSync(
    `${folder}/index.json`,
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations: { [refName]: 'hostile' } }] }),
  );
}

function platforms(folder: string, platform: object, more: object = {}): void {
  const manifests = [1, 2].map(size => ({ mediaType: mediaTypes.manifest, digest: secret, size, platform }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests, ...more }));
  writeIndex(folder, putBlob(folder, { bytes, mediaType: mediaTypes.index }));
}

function circle(folder: string): void {
  const entry = { mediaType: mediaTypes.index, digest: secret, size: 0 };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, size: 999 }] }).padEnd(999));
  putBlob(folder, { bytes, mediaType: mediaTypes.index, digest: secret });
  writeIndex(folder, { ...entry, size: 999 });
}

function tower(folder: string): void {
  let entry: object = { mediaType: mediaTypes.manifest, digest: secret, size: 1 };
  for (let i = 0; i < 100; i++) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] }));
    entry = putBlob(folder, { bytes, mediaType: mediaTypes.index });
  }
  writeIndex(folder, entry);
}

function aside(blob: string): void {
  renameSync(blob, `${blob}.real`);
  symlinkSync(`${blob}.real`, blob);
}
