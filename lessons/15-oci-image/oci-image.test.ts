// What must be true of lesson 15's images. They are made on the spot; what became of them is read from outside: the tree, what
// of the blobs was read, and what has changed around the tree, which is nothing.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type Context, defaults, diagnosis, task } from '#check';
import { chainNames, type Descriptor, digestOf, type ImageConfig, mediaTypes, thisPlatform } from '#images';
import { O, type Process, S, SyscallError } from '#linux';
import { attribute, differences, type Found, inShort, look, snapshot } from '../../workshop/check/found.ts';
import * as make from '../../workshop/check/image.ts';

defaults({ command: ['/bin/sleep', '60'], containers: '/run/boxwright/containers' });

const { file, directory, symlink, link, fifo, whiteout, opaque, Layout } = make;

task('digest', async t => {
  const good = await make.layer([file('a', t.nonce('content'))]);
  await expectUnpacked(t, [good], 'an image of one layer', {
    means:
      'It is what its digest names, to the last bit. In front of its digits a digest has the name of the algorithm.',
    look: 'images.parseDigest()',
    diagnosis: 'refuses-all',
  });

  const bad = Buffer.from(good.bytes);
  bad.writeUInt8(bad.readUInt8(512) ^ 1, 512);
  const said = { digest: digestOf(good.bytes) };
  await expectRefused(t, [{ bytes: bad, mediaType: good.mediaType, diffId: digestOf(bad), says: said }], {
    did: 'unpacked an image of one layer, in whose blob one bit has another value than when its digest was made',
    means: 'Whoever can change a blob on its way can put anything into it. Its name says what it must be.',
    look: 'README, “Named by its content”',
    diagnosis: 'digest-ignored',
  });
});

task('size', async t => {
  const [said, length] = [4096, 32 << 20];
  const archive = (await make.layer([file('zeros', '')])).bytes.subarray(0, 512);
  const layout = new Layout(t);
  const blob = layout.put(mediaTypes.layer, archive, { size: said, digest: digestOfLong(archive, length) }, length);
  const manifest = layout.image([]);
  const config = layout.document(mediaTypes.config, {
    ...{ ...thisPlatform(), rootfs: { type: 'layers', diff_ids: [blob.digest] } },
  });
  const whole = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [blob] };
  await layout.write(t, { long: layout.document(mediaTypes.manifest, whole), other: manifest });
  const image = await t.call('openImage', layout.folder, 'long');
  const [before, target] = [bytesRead(t), `/run/boxwright/${t.nonce('target')}`];
  const error = await t.refused(t.call('unpack', image, target));
  const read = (bytesRead(t) ?? 0) - (before ?? 0);
  const did = `unpacked an image whose layer has ${length >> 20} MB, and ${said} bytes as its descriptor says`;
  const look = 'README, “Named by its content”';
  t.ok(error, {
    ...{ did, look, diagnosis: 'size-ignored' },
    kernel: `${target} is there`,
    means: 'The layer is longer than was said, and nobody has noticed.',
  });
  t.ok(read < length / 2, {
    ...{ did, look, diagnosis: 'size-at-end' },
    kernel: `/proc/PID/io: the process has read ${read >> 20} MB since`,
    means: 'It was refused, but after it had come to its end. Who sends without end is never refused like that.',
  });

  const short = await make.layer([file('a', t.nonce())]);
  await expectRefused(t, [{ ...short, says: { size: short.bytes.length + 512 } }], {
    did: 'unpacked an image whose layer is 512 bytes shorter than its descriptor says',
    means: 'It is not what was described, and nobody has noticed.',
    look,
    diagnosis: 'size-ignored',
  });
});

task('diff-id', async t => {
  const [mine, other] = [await make.layer([file('a', t.nonce())], 'gzip'), await make.layer([file('a', t.nonce())])];
  await expectUnpacked(t, [mine], 'an image of one compressed layer', {
    means:
      'The descriptor’s digest is that of the compressed layer, the diff_id that of the archive in it. Which is compared with which?',
    diagnosis: 'diff-id-of-stored',
  });
  await expectRefused(t, [{ ...mine, diffId: other.diffId }], {
    did: 'unpacked an image whose configuration has the diff_id of another layer',
    means:
      'The blob is the manifest’s, but its archive is not what the configuration speaks of. Layers are kept and shared under names ' +
      'made from diff_ids: this one would have been handed to every image that really has the other.',
    look: 'README, “Named by its content”',
    diagnosis: 'diff-id-unchecked',
  });
});

task('platform', async t => {
  const mine = thisPlatform();
  const offer = [
    { os: 'unknown', architecture: 'unknown' },
    { ...mine, os: 'windows' },
    { os: 'linux', architecture: 'mips64le' },
    mine,
    { os: 'linux', architecture: 's390x' },
  ];
  for (const nested of [false, true]) {
    const { read, choose } = await offered(t, offer, nested);
    for (const wanted of [undefined, offer[2], offer[4]] as const) {
      const name = spell(wanted ?? mine);
      const error = await choose(wanted);
      t.same(error ? [error] : read(), [name], {
        did: `unpacked an image for ${wanted ? name : 'this machine'} from an index${nested ? ' in an index' : ''}: ${offer.map(spell).join(', ')}`,
        kernel: error ? `your code threw ${error}` : `the layers that were read are those of ${read().join(', ')}`,
        means: 'That is another system’s image. None of its programs could be executed here.',
        look: 'README, “One name, many machines”',
        diagnosis:
          read()[0] === 'windows'
            ? 'first-manifest'
            : read()[0] === `windows/${mine.architecture}`
              ? 'os-ignored'
              : 'first-manifest',
      });
    }
  }
});

task('variant', async t => {
  const arm = (variant: string) => ({ os: 'linux', architecture: 'arm', variant });
  const { read, choose } = await offered(t, [arm('v7'), { os: 'linux', architecture: 's390x' }, arm('v5'), arm('v6')]);
  for (const [wanted, best] of [
    ['v6', 'v6'],
    ['v7', 'v7'],
    ['v8', 'v7'],
    ['v5', 'v5'],
  ] as const) {
    const error = await choose(arm(wanted));
    t.same(error ? [error] : read(), [`linux/arm/${best}`], {
      did: `unpacked an image for linux/arm/${wanted} from an index that has v7, v5 and v6, in this order`,
      kernel: error ? `your code threw ${error}` : `the layers that were read are those of ${read().join(', ')}`,
      means:
        'A processor runs what was made for older variants of its kind, not what was made for newer ones; best is its own.',
      look: 'images/platform.ts, fitness()',
      diagnosis: 'variant-ignored',
    });
  }
  const error = await choose({ os: 'linux', architecture: 'riscv64' });
  const did = 'asked for linux/riscv64, which the same index does not have';
  t.ok(error?.startsWith('ImageError'), {
    ...{ did, look: 'chooseManifest()', diagnosis: 'falls-back' },
    kernel: error ? `your code threw ${error}` : `the layers that were read are those of ${read().join(', ')}`,
    means: 'There is none that this platform could run. That is an ImageError.',
  });
  t.ok(error?.includes('linux/s390x'), {
    ...{ did, look: 'images.showPlatform()' },
    kernel: `your code threw ${error}`,
    means: 'True; but whoever reads it will ask next what there is.',
  });
});

task('confined', async t => {
  const [root, outside] = [`/run/boxwright/${t.nonce('root')}`, `/run/boxwright/${t.nonce('outside')}`];
  const bytes = Object.values((await t.call('confined', O.RDONLY | O.DIRECTORY | O.CLOEXEC)) as object) as number[];
  const lib = `/tmp/${t.nonce('usr')}`;
  await onHost(t, async hand => {
    for (const path of [root, outside, lib, `${root}/tmp`, root + lib]) await hand.mkdir(path, 0o755);
    await hand.mknod(`${root}/file`, S.IFREG | 0o644);
    for (const [name, target] of Object.entries({ lib, away: outside, up: `../../..${outside}` }))
      await hand.symlink(target, `${root}/${name}`);
    const how = Uint8Array.from(bytes);
    const folder = await hand.open(root, O.PATH);
    const open = async (path: string) => {
      try {
        return await hand.readlink(`/proc/self/fd/${await hand.syscall('openat2', folder, path, how, how.length)}`);
      } catch (error) {
        if (error instanceof SyscallError) return error.code;
        throw error;
      }
    };
    const finding = (path: string, to: string, came: string, means: string, id: string) => ({
      did: `opened ${path}${to} below ${root}, with what confined() says`,
      kernel: `openat2(${root}, "${path}", …) ${came.startsWith('/') ? `leads to ${came}` : `= -1 ${came}`}`,
      ...{ means, look: 'openat2(2), RESOLVE_… · README, “A root for one call”', diagnosis: id },
    });
    const out = 'The path leads out of the tree. Whatever a layer puts at it, the host gets.';
    for (const [path, to] of [
      ['away', `, a link to ${outside},`],
      ['up', `, a link to ../../..${outside},`],
      [`../${outside.split('/').at(-1)}`, ''],
    ] as const) {
      const came = await open(path);
      t.ok(!came.startsWith(outside), finding(path, to, came, out, 'links-lead-out'));
    }
    const came = await open('lib');
    const refused =
      'The link is an honest one: in the container it means the container’s own folder. Here it is refused, or leads elsewhere. ' +
      'Debian’s /var/run is a link to /run, and layers have files behind it.';
    const id = came === 'EXDEV' ? 'beneath' : came === 'ELOOP' ? 'links-refused' : 'links-lead-out';
    t.is(came, root + lib, finding('lib', `, a link to ${lib},`, came, came.startsWith('/') ? out : refused, id));
    t.is(await open('..'), root, finding('..', '', await open('..'), out, 'links-lead-out'));
    t.is(await open('file'), 'ENOTDIR', finding('file', ', no folder,', await open('file'), 'The flags are lost.', ''));
  });
});

task('kinds', async t => {
  const [short, long] = [t.nonce('content'), randomBytes(300_000)];
  const deep = `${t.nonce('deep')}/é/${'x'.repeat(120)}/${'y'.repeat(120)}`;
  const items = [
    ...[file('empty'), file('short', short), directory('folder'), file('folder/long', long), file(deep, short)],
    ...[
      symlink('dangling', '/no/such'),
      symlink('folder/up', '../short'),
      fifo('folder/fifo'),
      file('./dotted', short),
    ],
  ];
  const [content, text] = [inShort(long), inShort(short)];
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    await expectTree(t, [await make.layer(items, compression)], {
      did: `unpacked a layer (compression: ${compression}) with every kind of entry but devices`,
      wanted: {
        ...{ empty: { type: 'file', content: '""' }, short: { type: 'file', content: text } },
        ...{ folder: { type: 'directory' }, 'folder/long': { type: 'file', content }, [deep]: { content: text } },
        ...{ dangling: { target: '/no/such' }, 'folder/up': { target: '../short' }, 'folder/fifo': { type: 'fifo' } },
        ...{ dotted: { content: text } },
      },
      look: 'README, “Seven kinds of entries”',
    });
  }
});

task('hard-links', async t => {
  const layers = [
    await make.layer([file('one', t.nonce()), link('two', 'one'), symlink('soft', 'one'), link('three', './one')]),
    await make.layer([link('four', '/one'), link('hard', 'soft')]),
  ];
  const { target } = await expectTree(t, layers, {
    did: 'unpacked two layers with links to one file',
    wanted: { one: { type: 'file' }, four: { type: 'file' } },
    look: 'linkat(2)',
    tells: wrong => (wrong.some(each => /^four: a symlink/.test(each)) ? 'link-is-symlink' : undefined),
  });
  const inode = (name: string) => look(t, `${target}/${name}`)?.inode;
  const apart = ['two', 'three', 'four'].filter(name => inode(name) !== inode('one'));
  t.is(apart.length, 0, {
    did: 'unpacked two layers with hard links to the file `one`',
    kernel: `one: inode ${inode('one')}\n${apart.map(name => `${name}: inode ${inode(name)}`).join('\n')}`,
    means:
      'They are files of their own. What is written into one is not in the other, and all take their room on the disk.',
    look: 'linkat(2)',
    diagnosis: 'link-copied',
  });
  t.is(look(t, `${target}/hard`)?.type, 'symlink', {
    did: 'unpacked a hard link to a symbolic link',
    kernel: `hard: a ${look(t, `${target}/hard`)?.type}`,
    means: 'The second name is one of the link itself. Where that leads to, is no matter of the archive.',
    look: 'linkat(2), flags',
  });
});

task('attributes', async t => {
  const [one, two, three, four] = [ids(), ids(), ids(), ids()];
  const items = [
    directory('./', { ...two, mode: 0o711 }),
    ...[file('setuid', 'x', { ...one, mode: 0o4755 }), file('closed', '', { ...two, mode: 0o400 })],
    ...[directory('shared', { ...two, mode: 0o3777 }), file('shared/odd', 'x', { ...three, mode: 0o2705 })],
    ...[symlink('link', 'closed', four), fifo('fifo', { ...four, mode: 0o622 })],
  ];
  const owner = ({ uid, gid }: ReturnType<typeof ids>) => `${uid}:${gid}`;
  await expectTree(t, [await make.layer(items)], {
    did: 'unpacked a layer with files of several owners and modes',
    wanted: {
      '.': { mode: '711', owner: owner(two) },
      ...{ setuid: { mode: '4755', owner: owner(one) }, closed: { mode: '400', owner: owner(two) } },
      ...{ shared: { mode: '3777', owner: owner(two) }, 'shared/odd': { mode: '2705', owner: owner(three) } },
      ...{ link: { owner: owner(four) }, fifo: { mode: '622', owner: owner(four) } },
    },
    look: 'README, “The order, again” · chown(2)',
    tells: wrong => (wrong.every(each => /mode (755|705), /.test(each)) ? 'mode-before-owner' : undefined),
  });
});

task('xattrs', async t => {
  const { tmpfsUserXattr } = await t.facts();
  const user = randomBytes(20);
  // VFS_CAP_REVISION_2: CAP_NET_RAW, permitted and effective. capabilities(7)
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  const xattrs = new Map([
    ['security.capability', capability],
    ...(tmpfsUserXattr ? [['user.note', user] as const] : []),
  ]);
  const { target } = await expectTree(t, [await make.layer([file('ping', 'x', { ...ids(), mode: 0o755, xattrs })])], {
    did: 'unpacked a layer whose file `ping` has a capability in its extended attributes',
    wanted: { ping: { type: 'file' } },
    look: 'xattr(7)',
  });
  await onHost(t, async hand => {
    for (const [name, value] of xattrs) {
      const is = await attribute(hand, `${target}/ping`, name);
      t.is(is, value.toString('hex'), {
        did: `unpacked a layer whose file \`ping\` has the extended attribute ${name}`,
        kernel:
          is === null
            ? `lgetxattr("ping", "${name}") = -1 ENODATA`
            : `${name} is ${is}, and should be ${value.toString('hex')}`,
        means: 'The attribute is lost.',
        look: 'README, “The order, again” · chown(2)',
      });
    }
  });
});

task('times', async t => {
  const time = () => BigInt(randomInt(1_000_000_000)) * 1_000_000_000n + BigInt(randomInt(1_000_000_000));
  const [one, two, three, four] = [time(), time(), time(), -time()];
  const items = [
    ...[directory('folder', { mtime: one }), file('folder/a', 'x', { mtime: two })],
    ...[directory('folder/inner', { mtime: three }), file('folder/inner/old', 'x', { mtime: four })],
    ...[symlink('link', 'folder', { mtime: two }), file('folder/last', randomBytes(200_000), { mtime: three })],
  ];
  await expectTree(t, [await make.layer(items)], {
    did: 'unpacked a layer with times to the nanosecond, some before 1970',
    wanted: {
      ...{ folder: { time: one }, 'folder/a': { time: two }, 'folder/inner': { time: three } },
      ...{ 'folder/inner/old': { time: four }, link: { time: two }, 'folder/last': { time: three } },
    },
    look: 'utimensat(2) · README, “The order, again”',
    tells: wrong => {
      if (wrong.every(each => /^folder(\/inner)?:/.test(each))) return 'directory-times';
      return wrong.every(each => /^folder\/(a|last|inner\/old):/.test(each)) ? 'time-before-content' : undefined;
    },
  });
});

task('replace', async t => {
  const [a, b] = [t.nonce('lower'), t.nonce('upper')];
  const content = inShort(b);
  const lower = [
    ...[directory('kept', { mode: 0o755 }), file('kept/below', a), directory('gone'), file('gone/inner/below', a)],
    ...[file('plain', a), symlink('link', 'kept'), directory('moved'), file('moved/below', a), file('same', a)],
  ];
  const upper = [
    ...[directory('kept', { mode: 0o700 }), file('kept/above', b), file('gone', b), directory('plain')],
    ...[file('plain/inside', b), directory('link'), file('link/inside', b), symlink('moved', 'kept')],
    ...[file('same', b), file('moved/through', b)],
  ];
  const wanted = {
    ...{ kept: { type: 'directory', mode: '700' }, 'kept/below': { content: inShort(a) }, 'kept/above': { content } },
    ...{ gone: { type: 'file', content }, 'plain/inside': { content }, link: { type: 'directory' } },
    ...{ 'link/inside': { content }, moved: { target: 'kept' }, 'kept/through': { content }, same: { content } },
    'kept/inside': null,
  };
  const did = 'unpacked two layers, the upper of which has other things at the lower one’s paths';
  const look = 'README, “One layer over the other”';
  const tells = (wrong: string[]) => {
    if (wrong.some(each => /^kept\/below: nothing/.test(each))) return 'directory-emptied';
    return wrong.every(each => /^kept: mode/.test(each)) ? 'directory-not-updated' : undefined;
  };
  await expectTree(t, [await make.layer(lower), await make.layer(upper)], { did, wanted, look, tells });
  const back = await make.layer([directory('moved'), symlink('link', 'moved'), directory('gone')]);
  await expectTree(t, [await make.layer(lower), await make.layer(upper), back], {
    ...{ did: 'unpacked a third layer over them, which turns some of it back', look },
    wanted: {
      moved: { type: 'directory' },
      link: { target: 'moved' },
      gone: { type: 'directory' },
      'gone/inner': null,
    },
  });
});

task('whiteouts', async t => {
  const lower = ['etc/gone', 'etc/kept', 'opt/a/b/c', 'opt/d', 'srv/deep/x', 'srv/y', 'whole/z'];
  const upper = [whiteout('etc/gone'), opaque('srv'), file('srv/new', 'x'), whiteout('whole'), whiteout('opt/a/b')];
  const [is, not] = [{ type: 'file' }, null];
  await expectTree(t, [await make.layer(lower.map(path => file(path, 'x'))), await make.layer(upper)], {
    did: 'unpacked two layers; the upper hides a file, two folders, and all that the lower has in a third',
    wanted: {
      ...{ 'etc/gone': not, 'etc/kept': is, 'opt/a': { type: 'directory' }, 'opt/a/b': not, 'opt/d': is },
      ...{ 'srv/deep': not, 'srv/y': not, 'srv/new': is, whole: not },
      ...{ 'etc/.wh.gone': not, 'srv/.wh..wh..opq': not, '.wh.whole': not, 'opt/a/.wh.b': not },
    },
    look: 'README, “What is not there”',
    tells: wrong => {
      if (wrong.some(each => each.includes('.wh.'))) return 'whiteout-as-file';
      return wrong.every(each => each.startsWith('srv/')) ? 'opaque-not-known' : undefined;
    },
  });
});

task('own-layer', async t => {
  const lower = [file('a/old', 'x'), file('b/old', 'x'), file('c', 'lower'), file('d/old', 'x')];
  const upper = [
    ...[file('a/new', 'x'), opaque('a'), opaque('b'), file('b/new', 'x'), whiteout('c'), file('c', 'upper')],
    ...[file('d/new/deep', 'x'), whiteout('d')],
  ];
  const [is, not] = [{ type: 'file' }, null];
  await expectTree(t, [await make.layer(lower), await make.layer(upper)], {
    did: 'unpacked two layers; the upper hides a folder’s content, and has something in the folder itself',
    wanted: {
      ...{ 'a/old': not, 'a/new': is, 'b/old': not, 'b/new': is, c: { content: '"upper"' } },
      ...{ 'd/new/deep': is, 'd/old': not },
    },
    look: 'README, “What is not there” · tree.note()',
    tells: wrong => (wrong.every(each => /(new|deep|c): nothing/.test(each)) ? 'own-layer-hidden' : undefined),
  });
});

task('no-way-out', async t => {
  const outside = `/run/boxwright/${t.nonce('outside')}`;
  await onHost(t, async hand => {
    for (const path of [outside, `${outside}/folder`]) await hand.mkdir(path, 0o755);
    for (const path of ['kept', 'folder/kept']) await hand.mknod(`${outside}/${path}`, S.IFREG | 0o640);
  });
  const [x, up] = [t.nonce('written'), '../'.repeat(12)];
  const content = inShort(x);
  const inside = outside.slice(1);
  const cases: [string, ReturnType<typeof file>[][], Record<string, Partial<Found> | null>][] = [
    [
      'a link to a folder outside, and a file behind it',
      [[symlink('out', outside), file('out/new', x)]],
      { [`${inside}/new`]: { content } },
    ],
    [
      'such a link, and in another layer a file behind it',
      [[symlink('out', outside)], [file('out/kept', x)]],
      { [`${inside}/kept`]: { content } },
    ],
    [
      'a link upwards, and a file behind it',
      [[symlink('up', up + inside), file('up/kept', x)]],
      { [`${inside}/kept`]: { content } },
    ],
    ['a path with ..', [[file(up + inside, x)]], {}],
    ['a path from /', [[file(`${outside}/kept`, x)]], { [`${inside}/kept`]: { content } }],
    [
      'a link to a file outside, and in its place a file',
      [[symlink('s', `${outside}/kept`)], [file('s', x)]],
      { s: { content } },
    ],
    [
      'a hard link to a link to a file outside',
      [[symlink('s', `${outside}/kept`), link('hard', 's')]],
      { hard: { type: 'symlink' } },
    ],
    ['a hard link to a file outside', [[link('hard', `${outside}/kept`)]], {}],
    [
      'a link to a file outside, with an owner',
      [[symlink('s', `${outside}/kept`, { ...ids(), mode: 0o777 })]],
      { s: { type: 'symlink' } },
    ],
    [
      'a link to a folder outside, and in its place a folder',
      [[symlink('out', outside)], [directory('out', { mode: 0o777 })]],
      { out: { type: 'directory' } },
    ],
    ['a whiteout behind a link', [[symlink('out', outside)], [whiteout('out/kept'), opaque('out')]], {}],
  ];
  for (const [name, layers, wanted] of cases) {
    const before = snapshot(t, outside);
    const { target, error } = await unpack(t, await Promise.all(layers.map(items => make.layer(items))));
    const after = snapshot(t, outside);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      path => before.get(path) !== after.get(path),
    );
    const did = `unpacked an image with ${name}`;
    t.is(changed.length, 0, {
      did,
      kernel: changed.map(path => `${path} ${before.has(path) ? 'has changed' : 'is new'} on the host`).join('\n'),
      means: 'The layer reached out of its tree. Unpacking as root, it would have reached /etc/shadow.',
      look: 'README, “A root for one call”',
      diagnosis: 'reached-out',
    });
    const wrong = error
      ? []
      : Object.entries(wanted).flatMap(([path, each]) => differences(path, look(t, `${target}/${path}`), each));
    if (error && Object.keys(wanted).length > 0) wrong.push(`your code threw ${error}`);
    t.is(wrong.length, 0, {
      did,
      kernel: wrong.join('\n'),
      means: 'Outside, nothing has changed. But this path has a meaning within the tree, and there it should be.',
      look: 'README, “A root for one call”',
      ...(error && { diagnosis: 'inside-refused' }),
    });
  }
});

task(
  'devices',
  async t => {
    const given = { ...ids(), mode: 0o640 };
    const owner = `${given.uid}:${given.gid}`;
    const items = [make.device('character', 'null', 1, 3, given), make.device('block', 'disk', 8, 300, given)];
    const tells = (wrong: string[]) => (wrong.every(each => /: device/.test(each)) ? 'device-number' : undefined);
    await expectTree(t, [await make.layer(items)], {
      did: 'unpacked a layer with two devices, as the machine’s root',
      wanted: {
        null: { type: 'character', device: '1:3', mode: '640', owner },
        disk: { type: 'block', device: '8:300', mode: '640', owner },
      },
      look: 'mknodat(2), makedev(3)',
      tells,
    });
  },
  { privileged: true },
);

task('layers-apart', async t => {
  const busybox = readFileSync(t.host.path(`${t.image}/bin/busybox`));
  const base = await make.layer(
    [
      ...['bin', 'dev', 'etc', 'proc', 'run', 'srv', 'sys', 'tmp'].map(path => directory(path)),
      ...[file('bin/busybox', busybox, { mode: 0o755 }), symlink('bin/sleep', 'busybox')],
      ...[file('etc/gone', 'x'), file('srv/old', 'x')],
    ],
    'gzip',
  );
  const name = t.nonce('new');
  const upper = await make.layer([whiteout('etc/gone'), opaque('srv'), file(`srv/${name}`, 'x')], 'gzip');
  const layout = new Layout(t);
  await layout.write(t, { it: layout.image([base, upper]) });
  const [image, store] = [await t.call('openImage', layout.folder), `/run/boxwright/${t.nonce('store')}`];
  const did = 'started a container from an image of two layers';
  const finding = { did, look: 'unpackLayers() · README, “Each by itself”' };
  const box = await t.contain({ image, store });
  const root = box.mounts().find(mount => mount.mountPoint === '/');
  t.is(root?.type, 'overlay', { ...finding, kernel: `at / there is ${root?.type}`, means: 'Its root is no overlay.' });
  const kernel = `ls /etc: ${box.list('/etc')}\nls /srv: ${box.list('/srv')}`;
  t.ok(!box.exists('/etc/gone') && box.list('/srv').join() === name, {
    ...{ ...finding, kernel, means: 'The upper layer hides what the lower one has there, and it shows.' },
  });
  const [one = '', two = ''] = chainNames([base.diffId, upper.diffId]);
  const hidden = look(t, `${store}/${two}/etc/gone`);
  t.ok(look(t, `${store}/${one}/etc/gone`)?.type === 'file' && hidden?.device === '0:0', {
    ...finding,
    kernel: `${store}/${one}/etc/gone: ${look(t, `${store}/${one}/etc/gone`)?.type}\n${store}/${two}/etc/gone: ${hidden?.type ?? 'nothing'}`,
    means: 'Each layer has a folder of its own, in which an overlay’s whiteout (device 0:0) stands for what is hidden.',
  });
  const before = [look(t, `${store}/${one}`)?.inode, t.host.list(store)];
  await t.contain({ image, store });
  t.same([look(t, `${store}/${one}`)?.inode, t.host.list(store)], before, {
    ...finding,
    did: 'started a second container from the same image',
    kernel: `${store} has ${t.host.list(store).join(', ')}`,
    means: 'The layers were there already, and are unpacked once for all.',
  });
});

task('command', async t => {
  // Whatever is left out or added, something runs that can be looked at.
  const config = { Entrypoint: ['/bin/sh', '-c', 'sleep 60; :', 'name'], Cmd: ['/bin/sleep', '61'] };
  const start = await ready(t, config);
  for (const [asked, wanted, id] of [
    [{}, [...config.Entrypoint, ...config.Cmd], 'entrypoint-dropped'],
    [{ command: ['/bin/sleep', '62'] }, [...config.Entrypoint, '/bin/sleep', '62'], 'command-alone'],
    [{ entrypoint: ['/bin/sh', '-c', 'sleep 63; :'] }, ['/bin/sh', '-c', 'sleep 63; :'], 'cmd-kept'],
    [{ entrypoint: ['/bin/sleep'], command: ['64'] }, ['/bin/sleep', '64'], 'cmd-kept'],
  ] as const) {
    const box = await start({ command: undefined, ...asked });
    t.same(box.args(), wanted, {
      did: `started a container from an image with an Entrypoint and a Cmd; asked for was ${JSON.stringify(asked)}`,
      kernel: `/proc/PID/cmdline: ${JSON.stringify(box.args())}\nexpected: ${JSON.stringify(wanted)}`,
      means:
        'The entrypoint is the program, the rest its arguments. `command` comes in place of Cmd; who brings an entrypoint of their own wants neither.',
      look: 'README, “How it is run”',
      diagnosis: id,
    });
  }
  const start2 = await ready(t, { Cmd: ['/bin/sleep', '63'] });
  t.same((await start2({ command: undefined })).args(), ['/bin/sleep', '63'], {
    did: 'started a container from an image with a Cmd and no Entrypoint',
    kernel: '/proc/PID/cmdline is something else',
    means: 'Then Cmd is program and arguments.',
  });
});

task('environment', async t => {
  const [mine, theirs, cwd] = [t.nonce('mine'), `${t.nonce('theirs')}=a=b`, `/srv/${t.nonce('deep')}/er`];
  const Env = [`PATH=/bin:/no/such`, `THEIRS=${theirs}`, 'BOTH=image'];
  const start = await ready(t, { Env, WorkingDir: cwd });
  const box = await start({ env: { MINE: mine, BOTH: 'asked' } });
  const { PATH, THEIRS, MINE, BOTH, HOME } = box.environment();
  const is = { PATH, THEIRS, MINE, BOTH };
  const wanted = { PATH: '/bin:/no/such', THEIRS: theirs, MINE: mine, BOTH: 'asked' };
  const id = THEIRS === undefined ? 'env-ignored' : THEIRS.includes('=') ? 'env-mixed' : 'env-cut';
  const did = `started a container from an image with ${Env.join(', ')}, and asked for MINE=${mine} and BOTH=asked`;
  t.same(is, wanted, {
    ...{ did, look: 'README, “How it is run”', diagnosis: id },
    kernel: `/proc/PID/environ: ${JSON.stringify(is)}`,
    means: 'The image’s variables, and over them what was asked for. A value may have `=` in it.',
  });
  t.ok(HOME, { did, kernel: 'there is no HOME', means: 'Who has none in the image has the one of /etc/passwd.' });
  t.is(box.cwd().path, cwd, {
    did: `started a container from an image with the WorkingDir ${cwd}`,
    kernel: `/proc/PID/cwd -> ${box.cwd().path}`,
    means: 'The command starts in another folder. Relative paths lead it elsewhere.',
    look: 'README, “How it is run”',
    diagnosis: 'cwd-ignored',
  });
});

task('user', async t => {
  const [uid, gid, extra, other] = [0, 0, 0, 0].map(() => randomInt(100, 60_000)) as [number, number, number, number];
  const [user, group] = [t.nonce('user'), t.nonce('group')];
  const passwd = `root:x:0:0::/root:/bin/sh\n${user}:x:${uid}:${gid}::/home/x:/bin/sh\n`;
  const groups = `root:x:0:\n${group}:x:${extra}:root,${user}\n`;
  const start = await ready(t, { User: user }, { '/etc/passwd': passwd, '/etc/group': groups });
  for (const [asked, wanted] of [
    [undefined, [uid, gid, extra]],
    [`${other}:${group}`, [other, extra]],
  ] as const) {
    const box = await start({ ...(asked && { user: asked }) });
    const { uids, gids, groups } = box.status();
    const shift = Number(readFileSync(`/proc/${box.pid}/uid_map`, 'utf8').trim().split(/\s+/)[1]);
    const is = [uids[0], gids[0], ...groups].map(id => Number(id) - shift);
    t.same(is, [...wanted], {
      did: `started a container from an image with the User ${user}${asked ? `; asked for was ${asked}` : ''}`,
      kernel: `in its status: user ${is[0]}, group ${is[1]}, and of ${is.slice(2).join(', ') || 'no other'}`,
      means: `A name means what the image’s own /etc/passwd and /etc/group say: user, group and further groups ${wanted.join(', ')}.`,
      look: 'README, “How it is run”',
      diagnosis: is[0] === 0 ? 'user-ignored' : 'user-wrong',
    });
  }
});

type Config = NonNullable<ImageConfig['config']>;

/** An image whose layers lie in the store unpacked: what TODO 4 makes is not needed. Starts containers of it. */
async function ready(t: Context, config: Config, files: Record<string, string> = {}) {
  const layers = [await make.layer([file('base', t.nonce())]), await make.layer([file('files', t.nonce())])];
  const layout = new Layout(t);
  await layout.write(t, { it: layout.image(layers, { config }) });
  const store = `/run/boxwright/${t.nonce('store')}`;
  const [base, own] = chainNames(layers.map(each => each.diffId));
  await onHost(t, async hand => {
    for (const path of [store, `${store}/${own}`, `${store}/${own}/etc`]) await hand.mkdir(path, 0o755);
    await hand.symlink(t.image, `${store}/${base}`);
    for (const path of Object.keys(files)) await hand.mknod(`${store}/${own}${path}`, S.IFREG | 0o644);
  });
  for (const [path, text] of Object.entries(files)) t.host.write(`${store}/${own}${path}`, text);
  const image = await t.call('openImage', layout.folder);
  return (spec: object) => t.contain({ image, store, ...spec });
}

/** An index with an image for each platform, and which of them the learner's code reads. */
async function offered(
  t: Context,
  platforms: { os: string; architecture: string; variant?: string }[],
  nested = false,
) {
  const layout = new Layout(t);
  const blobs: [name: string, blob: { digest: string }][] = [];
  const manifests: Descriptor[] = [];
  for (const platform of platforms) {
    const layer = await make.layer([file('for', spell(platform))]);
    blobs.push([spell(platform), { digest: layer.diffId }]);
    manifests.push(layout.image([layer], {}, { platform }));
  }
  const index = layout.index(manifests);
  await layout.write(t, { it: nested ? layout.index([index]) : index });
  const read = () => blobs.filter(([, blob]) => layout.wasRead(t, blob)).map(([name]) => name);
  return {
    read,
    /** Opens and unpacks; what it threw. */
    async choose(platform?: object): Promise<string | null> {
      layout.forgetReads(t);
      const attempt = async () => {
        const image = await t.call('openImage', layout.folder, 'it', ...(platform ? [platform] : []));
        await t.call('unpack', image, `/run/boxwright/${t.nonce('target')}`);
      };
      const error = await t.refused(attempt());
      return error && `${error.error?.name}: ${error.message}`;
    },
  };
}

const spell = ({ os, architecture, variant }: { os: string; architecture: string; variant?: string }) =>
  [os, architecture, ...(variant ? [variant] : [])].join('/');

type SaidLayer = make.Layer & { says?: { digest?: string; size?: number } };

/** An image of these layers, unpacked by the learner's code. */
async function unpack(t: Context, layers: SaidLayer[]): Promise<{ target: string; error: string | null }> {
  const layout = new Layout(t);
  await layout.write(t, { it: layout.image(layers) });
  const [folder, name] = [`/run/boxwright/${t.nonce('place')}`, t.nonce('target')];
  await onHost(t, hand => hand.mkdir(folder, 0o755));
  const image = await t.call('openImage', layout.folder, 'it');
  const error = await t.refused(t.call('unpack', image, `${folder}/${name}`));
  const left = t.host.list(folder).filter(each => error || each !== name);
  t.is(left.length, 0, {
    did: `unpacked an image to ${folder}/${name}${error ? `, which was refused: ${error.message}` : ''}`,
    kernel: `ls ${folder}: ${left.join(', ')}`,
    means: error ? 'It was left there half done.' : 'Something else was left beside it.',
    look: 'images.complete()',
  });
  if (error && error.error?.name !== 'ImageError') throw error;
  return { target: `${folder}/${name}`, error: error && `${error.error?.name}: ${error.message}` };
}

async function expectUnpacked(t: Context, layers: SaidLayer[], what: string, finding = {}): Promise<string> {
  const { target, error } = await unpack(t, layers);
  t.is(error, null, {
    did: `unpacked ${what}`,
    kernel: `your code threw ${error}`,
    means: 'Nothing is wrong with it.',
    ...finding,
  });
  return target;
}

async function expectRefused(
  t: Context,
  layers: SaidLayer[],
  finding: { did: string; means: string; look: string; diagnosis: string },
) {
  const { target, error } = await unpack(t, layers);
  t.ok(error, { ...finding, kernel: `${target} is there` });
}

interface Expected {
  did: string;
  wanted: Record<string, Partial<Found> | null>;
  look: string;
  /** A diagnosis, from what is wrong. */
  tells?: (wrong: string[]) => string | undefined;
}

async function expectTree(t: Context, layers: make.Layer[], { did, wanted, look: where, tells }: Expected) {
  const { target, error } = await unpack(t, layers);
  t.is(error, null, { did, kernel: `your code threw ${error}`, means: 'Nothing is wrong with it.', look: where });
  const wrong = Object.entries(wanted).flatMap(([path, each]) => differences(path, look(t, `${target}/${path}`), each));
  const id = wrong.length > 0 ? tells?.(wrong) : undefined;
  t.is(wrong.length, 0, {
    did,
    kernel: [...wrong.slice(0, 5), ...(wrong.length > 5 ? [`… and ${wrong.length - 5} more`] : [])].join('\n'),
    means: (id && meanings[id]) || 'The tree is not what the layers say.',
    look: where,
    ...(id && { diagnosis: id }),
  });
  return { target };
}

const meanings: Record<string, string> = {
  'device-number':
    'A device’s two numbers are put into one in a way of their own: the minor one has more than eight bits.',
  'link-is-symlink': 'A hard link is a second name of the same file, not a file with the first one’s path in it.',
  'mode-before-owner':
    'The setuid and setgid bits are gone. Whoever gives a file away gives no power with it: the kernel takes these bits off.',
  'directory-times':
    'Files were put into the folders after their times had been set, and that is a change of a folder.',
  'time-before-content':
    'The time was set, and then the content was written: since then, the file was last changed now.',
  'directory-emptied':
    'The upper layer has the folder because its mode has changed, or because something in it has. What else was in it, stays.',
  'directory-not-updated': 'The folder was there already; but its mode, owner and time are the upper layer’s now.',
  'whiteout-as-file':
    'A file whose name begins with .wh. is a word of the archive’s language, and no file of the image.',
  'opaque-not-known':
    'The marker .wh..wh..opq hides no file named .wh..opq, but all that lower layers have in its folder.',
  'own-layer-hidden':
    'Whiteouts are about the layers below. What the same layer has, stays, whichever of the two comes first in the archive.',
};

diagnosis(
  'xattrs-lost',
  ({ source, feedback }) =>
    !/setxattr/.test(source) &&
    /ENODATA/.test(feedback.kernel) && {
      means: 'Nothing in your file gives a file its attributes: fsetxattr(2), for each of entry.xattrs.',
    },
  ['xattrs'],
);

diagnosis(
  'xattrs-before-owner',
  ({ feedback }) =>
    /security\.capability.*ENODATA/.test(feedback.kernel) && {
      means: 'A file that is given away loses its capabilities, like the setuid bit. Was its owner set after them?',
    },
  ['xattrs'],
);

diagnosis(
  'written-through-link',
  ({ feedback }) =>
    /in its place a file/.test(feedback.did) && {
      means:
        'What lay there was a link, and open(2) followed it: the host’s file has the layer’s content now. First make room; and O_EXCL ' +
        'opens nothing that is there already, not even a link.',
    },
  ['no-way-out'],
);

diagnosis(
  'changed-through-link',
  ({ feedback }) =>
    /with an owner|outside, and a file behind it/.test(feedback.did) &&
    /^\S+ has changed on the host$/.test(feedback.kernel) && {
      means:
        'fchownat and fchmodat follow a link, unless told otherwise: the file outside has the link’s owner or mode now.',
    },
  ['no-way-out'],
);

diagnosis(
  'linked-through-link',
  ({ feedback }) =>
    /a hard link to a link/.test(feedback.did) && {
      means:
        'With AT_SYMLINK_FOLLOW, the second name is one of the host’s file: what is written to it in the container, the host has.',
    },
  ['no-way-out'],
);

/** What the learner's process has read from anywhere; undefined where the kernel does not count it. proc_pid_io(5) */
function bytesRead(t: Context): number | undefined {
  const path = `/proc/${t.session.runner}/io`;
  return existsSync(path) ? Number(/^rchar: (\d+)/m.exec(readFileSync(path, 'utf8'))?.[1]) : undefined;
}

/** Of these bytes, and zeros behind them up to a length. */
function digestOfLong(bytes: Uint8Array, length: number): string {
  const hash = createHash('sha256').update(bytes);
  for (let left = length - bytes.length, zeros = Buffer.alloc(1 << 20); left > 0; left -= zeros.length)
    hash.update(zeros.subarray(0, left));
  return `sha256:${hash.digest('hex')}`;
}

/** Any owner; the only one, where there is only one user. */
function ids() {
  return process.getuid?.() === 0 ? { uid: randomInt(1, 60_000), gid: randomInt(1, 60_000) } : { uid: 0, gid: 0 };
}

async function onHost<T>(t: Context, work: (hand: Process) => Promise<T>): Promise<T> {
  const hand = await t.session.sandbox.join();
  try {
    return await work(hand);
  } finally {
    await hand.end();
  }
}
