// Layers by an overlay's options in all the forms that kernels and fuse-overlayfs have for them; and marks that are files' names.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { parseMountinfo } from '#linux';
import { openLayer } from './layer.ts';
import { listFiles } from './layer-files.ts';
import { layerPaths } from './layer-paths.ts';

const mount = (options: string, type = 'overlay') => {
  const [found] = parseMountinfo(`1 2 0:3 / / rw - ${type} none ${options}\n`);
  if (!found) throw new Error('a line that is no mount');
  return found;
};
const pathsOf = (options: string) => layerPaths(mount(options)).map(({ path, kind }) => `${kind} ${path}`);

test('layers from the topmost, whatever the kernel calls them', t => {
  t.deepEqual(pathsOf('rw,lowerdir=/b:/a,upperdir=/u,workdir=/w'), ['upper /u', 'lower /b', 'lower /a']);
  t.deepEqual(pathsOf('ro,lowerdir=/b:/a'), ['lower /b', 'lower /a']);
  // A colon in a name; the kernel shows the backslash before it as \134.
  t.deepEqual(pathsOf('rw,lowerdir=/b\\134:c:/a'), ['lower /b:c', 'lower /a']);
  // Of folders for content only; and one by one, since Linux 6.5, with nothing escaped.
  t.deepEqual(pathsOf('rw,lowerdir=/b::/data'), ['lower /b', 'lower /data']);
  t.deepEqual(pathsOf('rw,lowerdir+=/b:c,lowerdir+=/a,datadir+=/d'), ['lower /b:c', 'lower /a', 'lower /d']);
  t.deepEqual(layerPaths(mount('rw', 'ext4')), []);
});

test('an engine’s places are taken where they are as many', t => {
  const storage = { upper: '/x/u', lowers: ['/x/b', '/x/a'] };
  const known = (options: string) => layerPaths(mount(options), storage).map(each => each.known);
  t.deepEqual(known('rw,lowerdir=l/B:l/A,upperdir=/u'), ['/x/u', '/x/b', '/x/a']);
  t.deepEqual(known('rw,lowerdir=l/C:l/B:l/A,upperdir=/u'), ['/x/u', null, null, null]);
  t.deepEqual(
    layerPaths(mount('rw,user_id=0', 'fuse.fuse-overlayfs'), storage).map(({ path }) => path),
    ['/x/u', '/x/b', '/x/a'],
  );
});

test('fuse-overlayfs’s marks for what has been removed are names of files', async t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-fuse-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const files = { low: ['a', 'b', 'd/x'], up: ['.wh.a', 'b', 'c', 'd/.wh..wh..opq', 'd/y'] };
  for (const [layer, names] of Object.entries(files)) {
    mkdirSync(`${folder}/${layer}/d`, { recursive: true });
    for (const name of names) writeFileSync(`${folder}/${layer}/${name}`, '');
  }
  const open = (name: string, kind: 'upper' | 'lower') => {
    const path = `${folder}/${name}`;
    return openLayer({ path, kind, known: path }, [path], { isFuse: true, until: performance.now() + 10_000 });
  };
  const layers = [await open('up', 'upper'), await open('low', 'lower')];
  t.deepEqual(
    layers.map(({ entries }) => entries),
    [4, 4],
  );
  const { files: found, more } = await listFiles(layers, null, true);
  t.is(more, 0);
  t.deepEqual(found.map(({ path, kind }) => `${kind} ${path}`).sort(), [
    'changed /b',
    'new /c',
    'new /d/y',
    'opaque /d',
    'whiteout /a',
  ]);
});

test('more than ten thousand files are not counted, and two hundred are listed', async t => {
  const path = mkdtempSync(`${tmpdir()}/boxwright-many-`);
  t.teardown(() => rmSync(path, { recursive: true }));
  for (let i = 0; i < 10_050; i++) writeFileSync(`${path}/${i}`, '');
  const until = performance.now() + 60_000;
  const layer = await openLayer({ path, kind: 'upper', known: path }, [path], {
    isFuse: false,
    until,
    patience: 60_000,
  });
  t.is(layer.entries, 10_000);
  t.is(layer.bytes, null);
  const { files, more } = await listFiles([layer], null, false);
  t.is(files.length, 200);
  t.is(more, 9_800);
  // No time left: nothing is claimed.
  for (let i = 0; i < 100; i++) rmSync(`${path}/${i}`);
  mkdirSync(`${path}/folder`);
  const none = await openLayer({ path, kind: 'upper', known: path }, [path], { isFuse: false, until: 0 });
  t.is(none.entries, null);
});
