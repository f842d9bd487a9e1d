// Every test image as umoci unpacks it and as we do: the trees are the same in every attribute. Then our layers apart, as the kernel's
// overlay puts them together.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { openImage, unpack, unpackLayers } from '#15-oci-image';
import { CLONE, MS, Process } from '#linux';
import { findProgram, machineFacts } from '../../doctor/facts.ts';
import { home } from '../../paths.ts';
import { debianImage } from './debian.ts';
import { differences, type Listing, list } from './listing.ts';
import { has } from './make.ts';
import { images } from './recipes.ts';

const tools = ['umoci', 'skopeo', 'buildah', 'zstd', 'git', 'setcap', 'setfattr'];
const missing = tools.filter(name => !findProgram(name));
const facts = await machineFacts();
const reason =
  (!facts.root && 'it needs root, for devices and owners') ||
  (missing.length > 0 && `not installed: ${missing.join(', ')}`) ||
  (!facts.overlay && 'this kernel has no overlay for us');

/** What is not compared with umoci's tree, and why. */
const aside: Record<string, string[]> = {
  // umoci takes what an opaque whiteout hides out of a directory of the same layer, and leaves it the time of that.
  'opaque directories': ['last/older: mtime'],
  // Nobody says what time these directories have; of `a` a layer below did, and umoci sets it to now when it puts a child in.
  'entries in any order, and without their parents': ['.', 'a', 'a/n', 'n', 'n/m', 'x/y'].map(path => `${path}: mtime`),
  'names with ./, / and // in front, inside and behind': ['three: mtime'],
  'no layers': ['.: mtime'],
  // GNU tar writes and reads an attribute without a value; to Go's reader, as to pax(1), a record without one takes it away.
  'xattrs and capabilities': ['hollow: xattrs'],
};

/** What an overlay cannot show: two names of one file, when one layer has the one and a layer above it the other. */
const asideMerged: Record<string, string[]> = {
  'hard links across layers': ['solo: link', 'y: link', 'z: link'],
};

const umoci = (layout: string, target: string) =>
  execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:${has(layout, 'twin') ? 'twin' : 'image'}`, target], {
    stdio: 'pipe',
  });

/** In memory, where that keeps all attributes: to write so many small files can take long. */
const roomy = facts.tmpfsUserXattr && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder for the test's time. */
function folderOf(t: { teardown(undo: () => void): void }): string {
  const folder = mkdtempSync(`${roomy}/boxwright-unpack-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The listing of the layers, the base first, put together by the kernel in a mount namespace of its own. */
async function listMerged(layers: string[], folder: string): Promise<Listing> {
  const box = await Process.start({ stdio: ['ignore', 'ignore', 'inherit'], trace: false });
  try {
    for (const name of ['short', 'merged', 'nothing']) mkdirSync(`${folder}/${name}`);
    // The options of a mount have a page, so a hundred layers need short names. The kernel wants two at least.
    for (const [i, layer] of layers.entries()) symlinkSync(layer, `${folder}/short/${i}`);
    const names = [...layers.keys()].reverse().map(String);
    await box.unshare(CLONE.NEWNS);
    await box.mount('none', '/', null, MS.REC | MS.PRIVATE);
    await box.chdir(`${folder}/short`);
    await box.mount(
      'overlay',
      '../merged',
      'overlay',
      MS.RDONLY,
      `lowerdir=${[...names, '../nothing'].join(':')},userxattr`,
    );
    return await list(`/proc/${box.pid}/root${folder}/merged`);
  } finally {
    await box.end();
  }
}

const here = reason ? test.skip : test.serial;
const say = (title: string) => (reason ? `${title} (skipped: ${reason})` : title);

for (const { name, make } of images) {
  here(say(`${name}: as umoci does`), async t => {
    const folder = folderOf(t);
    const layout = `${folder}/layout`;
    make(layout);
    umoci(layout, `${folder}/theirs`);
    const theirs = await list(`${folder}/theirs`);
    t.true(name === 'no layers' || theirs.size > 2, 'the image holds something');

    const image = await openImage(layout, 'image');
    await unpack(image, `${folder}/ours`);
    const ours = await list(`${folder}/ours`);
    t.deepEqual(differences(ours, theirs, aside[name]), []);

    const layers = await unpackLayers(image, `${folder}/layers`);
    if (layers.length === 0) return;
    const merged = await listMerged(layers, folder);
    t.deepEqual(differences(merged, ours, [...(aside[name] ?? []), ...(asideMerged[name] ?? [])]), [], 'layers apart');
  });
}

for (const { name, make } of images.filter(each => each.name.startsWith('several platforms'))) {
  here(say(`${name}: each is found`), async t => {
    const folder = folderOf(t);
    make(`${folder}/layout`);
    for (const each of ['arm:v6', 'arm:v7', 'arm64:v8', 'amd64:', 'amd64:v3', '386:', 's390x:']) {
      const [architecture = '', variant] = each.split(':');
      const image = await openImage(`${folder}/layout`, 'image', {
        os: 'linux',
        architecture,
        ...(variant && { variant }),
      });
      await unpack(image, `${folder}/${each}`);
      t.deepEqual(readdirSync(`${folder}/${each}`), [each, 'base'].sort());
    }
  });
}

/** Names of images in which all is root's, and nothing is a device. */
const rootless = [
  ...['whiteouts', 'opaque directories', 'hard links across layers', 'a directory replaced by a link and back'],
  ...['long names', 'names in every language, and in none', 'times before 1970, and with nanoseconds'],
  ...['sparse files, PAX 1.0', 'empty layers, and the same one twice', 'a hundred small layers'],
];

/** As an ordinary user, who has been granted no ids but its own. */
const asNobody = (...command: string[]) =>
  execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...command], {
    cwd: home,
    stdio: 'pipe',
    env: { ...process.env, HOME: '/' },
  });

for (const { name, make } of images.filter(each => rootless.includes(each.name))) {
  here(say(`${name}: as umoci does for an ordinary user`), async t => {
    const folder = folderOf(t);
    make(`${folder}/layout`);
    execFileSync('chown', ['-R', '65534:65534', folder]);
    const tag = has(`${folder}/layout`, 'twin') ? 'twin' : 'image';
    asNobody('umoci', 'raw', 'unpack', '--rootless', '--image', `${folder}/layout:${tag}`, `${folder}/theirs`);

    const source = `import { openImage, unpack } from '#15-oci-image';
      await unpack(await openImage('${folder}/layout', 'image'), '${folder}/ours');`;
    asNobody(process.execPath, '--no-warnings', '--conditions=solution', '--input-type=module', '--eval', source);
    const [ours, theirs] = [await list(`${folder}/ours`), await list(`${folder}/theirs`)];
    t.true(theirs.size > 2);
    t.deepEqual(differences(ours, theirs, aside[name]), []);
  });
}

// At once, and not in a test: whether there is one decides whether the tests are skipped.
const debian = reason ? { reason } : debianImage();
if ('reason' in debian) test.skip(`Debian (skipped: ${debian.reason})`, () => {});
else {
  test.serial('Debian, by gzip and by zstd: as umoci and as tar do', async t => {
    const folder = folderOf(t);
    const { layout } = debian;
    for (const tag of ['gzip', 'zstd']) await unpack(await openImage(layout, tag), `${folder}/${tag}`);
    execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:gzip`, `${folder}/umoci`], { stdio: 'pipe' });
    mkdirSync(`${folder}/tar`);
    const blob = (await openImage(layout, 'gzip')).manifest.layers[0]?.digest.replace(':', '/');
    const options = ['--extract', '--numeric-owner', '--xattrs', '--xattrs-include=*', `--directory=${folder}/tar`];
    execFileSync('tar', [...options, '--gzip', `--file=${layout}/blobs/${blob}`]);

    const ours = await list(`${folder}/gzip`);
    t.true(ours.size > 5000);
    for (const other of ['zstd', 'umoci', 'tar'])
      t.deepEqual(differences(ours, await list(`${folder}/${other}`)), [], other);
    const layers = await unpackLayers(await openImage(layout, 'gzip'), `${folder}/layers`);
    t.deepEqual(differences(await listMerged(layers, folder), ours), [], 'layers apart');
  });
}
