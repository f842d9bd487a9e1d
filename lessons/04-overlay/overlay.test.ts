// What must be true of lesson 04's layers and container. Layers are judged by what lies in them on the host, past the overlay
// that is mounted of them; changes are made by a process of ours, or by a command in the container.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Finding, type TraceLine, task } from '#check';
import { into, MNT, O, type Process, readStatus, SyscallError } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

task('folders', t =>
  onHost(t, async place => {
    const layer = await place.layer({ file: 'x' });
    // The mount that follows is not this task's business.
    const failure = await t.refused(t.call('mountLayers', await t.start(), [layer], place.folder));
    const names = list(t, place.folder);
    if (failure && names.length === 0) throw failure;

    const did = `called mountLayers with the empty folder ${place.folder}, and listed it`;
    const modes = names.map(name => ({ name, mode: t.host.stat(`${place.folder}/${name}`).mode & 0o7777 }));
    const kernel = modes.map(({ name, mode }) => `0${mode.toString(8).padStart(3, '0')} ${name}`).join('\n');
    t.ok(names.length >= 3, {
      did,
      kernel: kernel || 'it is still empty',
      means:
        'Three folders of this container’s own belong here, side by side: for its changes, for the kernel’s work, and to be ' +
        'mounted on. mount(2) makes none of them.',
      look: 'README, “Four folders” · mkdir(2)',
    });
    // What the umask takes away is not the learner's doing. umask(2)
    const wanted = 0o005 & ~Number.parseInt(readStatus(t.session.runner).fields.Umask ?? '0', 8);
    t.ok(
      modes.every(({ name, mode }) => name === 'work' || (mode & wanted) === wanted),
      {
        did,
        kernel,
        means:
          'The merged tree’s `/` takes owner and mode from the upper folder. Who may not enter that one may not enter `/`: ' +
          'a program that does not run as root would find nothing in the container, not even itself.',
        look: 'README, “Four folders” · mkdir(2), mode',
        diagnosis: 'root-closed',
      },
    );
  }),
);

task('order', t =>
  onHost(t, async place => {
    const [one, two, three] = [t.nonce('one'), t.nonce('two'), t.nonce('three')];
    const tree = await place.mount([
      await place.layer({ a: one, b: one, c: one }),
      await place.layer({ a: two, b: two }),
      await place.layer({ a: three, d: three }),
    ]);
    const wanted: Record<string, string> = { a: three, b: two, c: one, d: three };
    const found = Object.keys(wanted).map(name => (tree.exists(name) ? tree.read(name) : 'none'));
    t.same(found, Object.values(wanted), () => {
      const whose = found.map(text => (text === 'none' ? 'not there' : `the layer ${text.split('-')[0]}’s`));
      return {
        did: 'mounted three layers: one with the files a, b, c; two with a, b; three with a, d. Then read them in the merged tree',
        kernel: Object.keys(wanted)
          .map((name, i) => `${name} is ${whose[i]}`)
          .join('\n'),
        look: 'README, “Four folders” · overlayfs.rst, “Multiple lower layers”',
        ...(found.includes('none')
          ? { means: 'A layer is missing. An image is all of its layers.', diagnosis: 'layers-left-out' }
          : {
              means:
                'The base hides what was built upon it. An image lists the base first, and each further layer changes what ' +
                'came before it. The kernel’s list begins at the other end.',
              diagnosis: 'lowers-reversed',
            }),
      };
    });
  }),
);

task('copy-up', t =>
  onHost(t, async place => {
    const [text, line] = [`${t.nonce('text')}\n`.repeat(2000), t.nonce('line')];
    const layer = await place.layer({ changed: text, untouched: text });
    const tree = await place.mount([layer]);
    await tree.append('changed', line);

    const did = 'mounted a layer with two long files, and appended a line to one of them in the merged tree';
    t.is(read(t, `${layer}/changed`), text, {
      did,
      kernel: `${layer}/changed, in the image’s layer, has the line at its end`,
      means: upperIsImage,
      look: 'README, “Four folders”',
      diagnosis: 'image-is-upper',
    });
    const upper = place.find('changed');
    t.is(upper && read(t, `${upper}/changed`), text + line, {
      did,
      kernel: upper ? `${upper}/changed is something else` : 'no folder of the container has the changed file',
      means: 'The file as it is now, whole, should lie in the upper layer.',
      look: 'README, “Copy on write”',
    });
    t.is(place.find('untouched'), undefined, {
      did,
      kernel: `${upper}/untouched is there as well`,
      means: 'Nobody wrote to that file. Only what is written to is copied, and not before.',
      look: 'README, “Copy on write”',
    });
  }),
);

task('whiteout', t =>
  onHost(t, async place => {
    const layer = await place.layer({ gone: t.nonce() });
    const tree = await place.mount([layer]);
    t.ok(tree.exists('gone'), unseen(layer));
    await tree.unlink('gone');

    const upper = place.find('gone');
    const cover = upper === undefined ? null : t.host.stat(`${upper}/gone`);
    t.ok(!tree.exists('gone') && t.host.exists(`${layer}/gone`) && cover?.isCharacterDevice() && cover.rdev === 0, {
      did: 'mounted a layer with one file, and removed the file from the merged tree',
      kernel: [
        `in the merged tree: ${tree.exists('gone') ? 'still there' : 'gone'}`,
        `in the layer: ${t.host.exists(`${layer}/gone`) ? 'still there' : 'gone'}`,
        `in the container’s folders: ${cover ? 'something that is no whiteout' : 'nothing of this name'}`,
      ].join('\n'),
      means: 'A lower layer is only read. That its file is gone must be noted above it, by a character device 0, 0.',
      look: 'README, “Copy on write” · overlayfs.rst, “whiteouts and opaque directories”',
    });
  }),
);

task('opaque', t =>
  onHost(t, async place => {
    const layer = await place.layer({ 'folder/old': t.nonce() });
    const tree = await place.mount([layer]);
    t.ok(tree.exists('folder/old'), unseen(layer));

    await tree.unlink('folder/old');
    await tree.rmdir('folder');
    await tree.mkdir('folder');
    const upper = place.find('folder');
    const mark = upper ? await place.attribute(`${upper}/folder`, 'user.overlay.opaque') : null;
    t.same([tree.list('folder'), mark], [[], 'y'], {
      did: 'mounted a layer with folder/old in it; then, in the merged tree: rm -rf folder; mkdir folder',
      kernel: `the new folder has ${tree.list('folder').join(', ') || 'nothing'} in it\nuser.overlay.opaque of the one in the upper layer: ${mark ?? 'not set'}`,
      means: 'A folder that is made anew must hide what a layer below has under its name. That mark says so.',
      look: 'README, “Notes in the margin” · mount(8), “Mount options for overlay”: userxattr',
    });
  }),
);

task('own-layer', t =>
  onHost(t, async place => {
    const box = await t.contain({ containers: place.folder });
    const folders = list(t, place.folder);
    // A folder that is gone takes the mount in it along: then that is the news.
    if (folders.length > 0 || !(await hasMounted(box))) requireOverlay(t, box);
    requireFolder(t, place.folder);
    const name = t.nonce('change');
    await place.in(box).append(name, 'x');
    const found = folders.map(folder => place.find(name, `${place.folder}/${folder}`)).find(Boolean);
    t.ok(found && !t.host.exists(`${t.image}/${name}`), {
      did: 'started a container, wrote a file in its `/`, and looked for the file on the host',
      kernel: `ls ${place.folder}: ${folders.join(' ')}\nthe file is in none of their folders${t.host.exists(`${t.image}/${name}`) ? `, but in ${t.image}` : ''}`,
      means: 'A container’s changes belong in a folder of its own in spec.containers. These went elsewhere.',
      look: 'the comment at `containers` in Spec',
    });
  }),
);

task('image-kept', t =>
  onHost(t, async place => {
    const image = `${place.root}/image`;
    await t.host.run(['cp', '-a', t.image, image]);
    const before = hashOf(t.host.path(image));
    const script = 'echo x >>/etc/passwd; chmod 700 /var; mkdir /etc/new; rm -rf /bin /sbin /usr/*';
    const done = t.nonce('done');
    const spec = { containers: place.folder, layers: [image] };
    const box = await t.contain({ ...spec, command: ['/bin/sh', '-c', `${script}; : >/${done}; read x`] });

    const did = `in a container: ${script}`;
    t.ok((await t.until(() => box.exists(`/${done}`))) && !box.exists('/bin/busybox'), {
      did,
      kernel: box.exists('/bin/busybox')
        ? 'in the container /bin/busybox is still there'
        : 'it did not come to its end',
      means: 'Root inside must be able to ruin its own container: otherwise this says nothing about the image.',
      look: 'README, “Copy on write”',
    });
    t.is(hashOf(t.host.path(image)), before, () => ({
      did,
      kernel: `the image’s SHA-256 has changed\nls ${image}: ${list(t, image).join(' ')}\nls ${image}/bin: ${t.host.exists(`${image}/bin`) ? list(t, `${image}/bin`).length : 'no such folder'}`,
      ...(rootOf(box)?.type === 'overlay'
        ? { means: upperIsImage, diagnosis: 'image-is-upper' }
        : {
            means: 'The container lives in the image itself. Every later container finds what this one has left of it.',
          }),
      look: 'README, “Four folders”',
    }));
    const next = await t.contain(spec);
    t.ok(next.exists('/bin/busybox') && !next.exists('/etc/new'), {
      did: `${did}; then started another from the same image`,
      kernel: `there, /bin/busybox is ${next.exists('/bin/busybox') ? '' : 'not '}there, and /etc/new is ${next.exists('/etc/new') ? '' : 'not '}there`,
      means: 'The image is whole, and still the next container got the ruins: they are in the upper layer that it got.',
      look: 'README, “A folder for as long as it runs”',
      diagnosis: 'upper-shared',
    });
  }),
);

task('apart', t =>
  onHost(t, async place => {
    const first = await t.contain({ containers: place.folder });
    const second = await t.contain({ containers: place.folder });
    const name = t.nonce('change');
    t.ok(first.exists('/etc/passwd') && second.exists('/etc/passwd'), unseen(t.image));
    const upper = upperOf(first);
    const look = 'README, “A folder for as long as it runs” · overlayfs.rst, “Sharing and copying layers”';
    t.ok(upper === undefined || upper !== upperOf(second), {
      did: 'started two containers, and looked where each writes',
      kernel: [first, second].map(box => `/proc/${box.reference.pid}/mountinfo: upperdir=${upper}`).join('\n'),
      means:
        'Two overlays write into one upper folder. At best, each sees what the other does; the kernel’s own text calls it ' +
        'undefined. And the first that ends takes the folder away from the other.',
      look,
      diagnosis: 'upper-shared',
    });
    await place.in(first).append(`tmp/${name}`, 'x');
    await place.in(first).unlink('etc/passwd');

    const has = (box: Box, file: string) => `${file} is ${box.exists(file) ? 'there' : 'not there'}`;
    const seen = (box: Box) => `${has(box, `/tmp/${name}`)}, ${has(box, '/etc/passwd')}`;
    t.ok(!second.exists(`/tmp/${name}`) && second.exists('/etc/passwd'), {
      did: `started two containers; in the first: touch /tmp/${name}; rm /etc/passwd`,
      kernel: `in the first: ${seen(first)}\nin the second: ${seen(second)}`,
      means: 'What one container does, the other sees: they share what they write to.',
      look,
    });
  }),
);

task('no-copying', t =>
  onHost(t, async place => {
    const spec = { containers: place.folder };
    requireRunning(t, await t.contain(spec));
    const before = list(t, place.folder);
    const second = await t.contain(spec);
    const added = list(t, place.folder).filter(name => !before.includes(name));
    const files = added.flatMap(name => filesIn(t.host.path(`${place.folder}/${name}`)));
    const bytes = files.reduce((sum, size) => sum + size, 0);
    const kernel = `${files.length} files with together ${bytes} bytes`;
    const did =
      'started a second container of one image, and counted what lies in its folder before it has done anything';
    t.ok(bytes < 4096 && files.length < 20, {
      did,
      kernel,
      means:
        'The image was copied. That costs its size at every start: seconds, and gigabytes for a hundred containers that ' +
        'differ in a few files. What is only read can be read where it lies.',
      look: 'README, “Copy on write”',
      diagnosis: 'image-copied',
    });
    requireOverlay(t, second);
    t.ok(added.length > 0, {
      did,
      kernel: 'it has no folder',
      means: 'The second container got no folder of its own.',
    });
  }),
);

task('private', t =>
  onHost(t, async place => {
    const before = new Set(t.host.mounts().map(mount => mount.id));
    const box = await t.contain({ containers: place.folder });
    requireOverlay(t, box);
    const seen = t.host.mounts().filter(mount => !before.has(mount.id));
    t.is(seen.length, 0, {
      did: 'started a container, and compared the host’s /proc/1/mountinfo with before',
      kernel: seen.map(mount => `new on the host: ${mount.type} on ${mount.mountPoint}`).join('\n'),
      means:
        'The host has the mount as well, and keeps it when the container has ended: one more with every start, and a folder ' +
        'with something mounted in it cannot be removed.',
      look: 'README, “A folder for as long as it runs” · mount_namespaces(7)',
    });
  }),
);

task('removed', t =>
  onHost(t, async place => {
    const box = await t.contain({ containers: place.folder });
    requireFolder(t, place.folder);
    const ends = [
      { how: 'was killed', diagnosis: 'never-removed', end: () => box.kill() },
      {
        how: 'ended by itself',
        diagnosis: 'never-removed',
        end: (containers: string) => t.contain({ containers, command: ['/bin/true'] }),
      },
      {
        how: 'could not start its command, which does not exist',
        diagnosis: 'kept-after-failure',
        end: (containers: string) => t.refused(t.contain({ containers, command: ['/none'] })),
      },
    ];
    const tried = ends.map(async ({ how, diagnosis, end }, i) => {
      const containers = i === 0 ? place.folder : await place.another(how);
      await end(containers);
      const gone = await t.until(() => list(t, containers).length === 0, 500);
      t.ok(gone, () => ({
        did: `had a container that ${how}, and looked again`,
        kernel: `ls ${containers}: ${list(t, containers).join(' ')}`,
        means:
          'Its folder is still there, and nobody needs it any more. A busy machine starts thousands of containers a day.',
        look: 'README, “A folder for as long as it runs”',
        diagnosis,
        ...whyNotRemoved(t, containers),
      }));
      t.ok(t.host.exists(containers), {
        did: `had a container that ${how}, and looked again`,
        kernel: `${containers}, which was given as spec.containers, does not exist any more`,
        means:
          'That was not the container’s folder, but the one in which each container has its own: all of them are gone.',
        look: 'the comment at `containers` in Spec',
        diagnosis: 'containers-removed',
      });
    });
    await Promise.allSettled(tried);
    await Promise.all(tried);
  }),
);

/** A promise of the learner's that was rejected meanwhile, to which nobody listened. */
function whyNotRemoved(t: Context, containers: string): Partial<Finding> {
  const error = t.session.unhandled.find(each => each.message.includes(`${containers}/`));
  return error
    ? {
        kernel: error.message,
        means: 'Your code has tried, and was refused; the promise was rejected, and nobody was there to hear it.',
        diagnosis: 'removal-failed',
      }
    : {};
}

const upperIsImage =
  'The overlay is there, and yet the image has changed: it is the image that was given as the upper layer, the one that is ' +
  'written to. Only lower layers are left alone.';

const unseen = (layer: string): Finding => ({
  did: `mounted the layer ${layer}`,
  kernel: 'what the layer has in it cannot be seen',
  means: 'A file must be there before its removal means something.',
  look: 'README, “Four folders”',
});

/** What the learner's code has taken away is a finding, and no error of ours. */
const list = (t: Context, path: string) => (t.host.exists(path) ? t.host.list(path) : []);
const read = (t: Context, path: string) => (t.host.exists(path) ? t.host.read(path) : null);

const rootOf = (box: Box) => box.mounts().findLast(mount => mount.mountPoint === '/');
const upperOf = (box: Box) =>
  rootOf(box)
    ?.superOptions.find(option => option.startsWith('upperdir='))
    ?.slice(9);

const hasMounted = async (box: Box) => (await box.trace()).some(call => isOverlay.test(call.text) && call.result === 0);

function requireRunning(t: Context, box: Box): void {
  t.ok(box.root().inode, { did: t.did, kernel: 'its process has ended', means: 'The container does not run.' });
}

function requireOverlay(t: Context, box: Box): void {
  const root = rootOf(box);
  t.is(root?.type, 'overlay', {
    did: 'started a container, and looked what is mounted at its `/`',
    kernel: `/proc/${box.reference.pid}/mountinfo: ${root ? `/ is ${root.type}` : 'nothing is mounted at /'}\n/proc/${box.reference.pid}/root -> ${box.root().path}`,
    means: 'The container lives in the image itself: whatever it writes, it writes there.',
    look: 'README, “Four folders”',
  });
}

function requireFolder(t: Context, containers: string): void {
  t.ok(list(t, containers).length > 0, {
    did: 'started a container, and looked for its folder while it runs',
    kernel: `ls ${containers}: nothing`,
    means: 'A container has a folder in spec.containers for as long as it runs: its changes lie there.',
    look: 'README, “A folder for as long as it runs”',
  });
}

type Place = ReturnType<typeof placeFor>;

/** A folder on the host for one task, and a process of ours to work there. */
async function onHost(t: Context, use: (place: Place) => Promise<void>): Promise<void> {
  const hand = await t.session.sandbox.join({ stdio: ['ignore', 'inherit', 'inherit'] });
  const place = placeFor(t, hand);
  try {
    for (const path of [place.root, place.folder]) await hand.mkdir(path, 0o755);
    await use(place);
  } finally {
    for (const { mountPoint } of t.host.mounts())
      if (mountPoint.startsWith(place.root)) await hand.umount2(mountPoint, MNT.DETACH);
    await hand.end();
  }
}

/** Paths are short, so that a mount's options can be read whole in a trace. */
function placeFor(t: Context, hand: Process) {
  const root = `/run/${t.nonce().slice(-6)}`;
  const folder = `${root}/c`;
  let layers = 0;

  async function append(path: string, text: string): Promise<void> {
    const fd = await hand.open(path, O.WRONLY | O.CREAT | O.APPEND, 0o644);
    await hand.write(fd, text);
    await hand.close(fd);
  }

  /** A tree as a container sees it. What fails there is the learner's to hear. */
  function inBox(box: Box, base = '/') {
    async function attempt(what: string, name: string, work: (path: string) => Promise<unknown>): Promise<void> {
      try {
        await work(`/proc/${box.reference.pid}/root${base}${name}`);
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        t.fail({
          did: `in the merged tree, as root: ${what} ${name}`,
          kernel: error.message,
          means: 'What the image would allow, the merged tree must allow: the upper layer takes the change.',
          look: 'README, “Copy on write”',
        });
      }
    }
    return {
      exists: (name: string) => box.exists(base + name),
      read: (name: string) => box.read(base + name),
      list: (name: string) => box.list(base + name),
      append: (name: string, text: string) => attempt('echo … >>', name, path => append(path, text)),
      unlink: (name: string) => attempt('rm', name, path => hand.unlink(path)),
      rmdir: (name: string) => attempt('rmdir', name, path => hand.rmdir(path)),
      mkdir: (name: string) => attempt('mkdir', name, path => hand.mkdir(path, 0o755)),
    };
  }

  return {
    root,
    /** Empty: for mountLayers, or to be spec.containers. */
    folder,
    in: inBox,

    /** One more, also empty. */
    async another(name: string): Promise<string> {
      const path = `${root}/${name.replace(/\W.*/, '')}`;
      await hand.mkdir(path, 0o755);
      return path;
    },

    /** A new layer: path → text. */
    async layer(files: Record<string, string>): Promise<string> {
      const layer = `${root}/${++layers}`;
      await hand.mkdir(layer, 0o755);
      for (const [path, text] of Object.entries(files)) {
        if (path.includes('/')) await hand.mkdir(`${layer}/${path.split('/')[0]}`, 0o755);
        await append(`${layer}/${path}`, text);
      }
      return layer;
    },

    /** The tree that the learner's mountLayers makes of these. */
    async mount(paths: string[]) {
      const box = await t.start();
      const merged = String(await t.call('mountLayers', box, paths, folder));
      const mount = box.mounts().findLast(each => each.mountPoint === merged);
      t.is(mount?.type, 'overlay', {
        did: `called mountLayers with ${paths.length === 1 ? 'a layer' : `${paths.length} layers`} and an empty folder`,
        kernel: `it returned ${merged}\n/proc/${box.reference.pid}/mountinfo: ${mount ? `${mount.type} is mounted there` : 'nothing is mounted there'}`,
        means: 'Nothing shows the layers as one tree yet.',
        look: 'README, “Four folders” · mount(8), “Mount options for overlay”',
      });
      return inBox(box, `${merged}/`);
    },

    /** The folder in `from` that has an entry of this name, the merged tree left out. */
    find(name: string, from = folder): string | undefined {
      const mounted = t.host.mounts().map(mount => mount.mountPoint);
      const paths = list(t, from).map(each => `${from}/${each}`);
      return paths.find(path => !mounted.includes(path) && t.host.exists(`${path}/${name}`));
    },

    /** Null when the file has none of this name. getxattr(2) */
    async attribute(path: string, name: string): Promise<string | null> {
      const value = Buffer.alloc(16);
      try {
        const length = await hand.syscall('getxattr', path, name, into(value), value.length);
        return value.toString('utf8', 0, length);
      } catch (error) {
        if (error instanceof SyscallError && error.code === 'ENODATA') return null;
        throw error;
      }
    },
  };
}

/** The sizes of all that is no folder. */
function filesIn(folder: string): number[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesIn(path) : [lstatSync(path).size];
    });
  } catch {
    // The kernel's own in the work folder, which is closed to everybody.
    return [];
  }
}

/** Of a tree: names, kinds, modes, owners, times, contents. */
function hashOf(folder: string): string {
  const hash = createHash('sha256');
  const visit = (path: string) => {
    const stat = lstatSync(path);
    hash.update(`${path.slice(folder.length)}\0${stat.mode} ${stat.uid} ${stat.gid} ${stat.mtimeMs}\0`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    if (stat.isFile()) hash.update(readFileSync(path));
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(`${path}/${name}`);
  };
  visit(folder);
  return hash.digest('hex');
}

const isOverlay = /^mount\("[^"]*", "[^"]*", "overlay"/;

/** '/run/boxwright/x' → '/run': on this host, one file system. */
const topOf = (path = '') => path.split('/').slice(0, 2).join('/');

const targetOf = (mount: TraceLine) => /^mount\("[^"]*", "([^"]*)"/.exec(mount.text)?.[1];

/** The options of an overlay's mount, as far as the trace shows them: a long text is cut there. */
function optionsOf(call: TraceLine | undefined): [name: string, value: string][] {
  const [, text = '', cut] = /, "([^"]*)"(\.\.\.)?\)/.exec(call?.text ?? '') ?? [];
  const options = text.split(',').map((option): [string, string] => {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(option) ?? [];
    return [name, value];
  });
  return cut ? options.slice(0, -1) : options;
}

/** A mistake for which the kernel refused the mount with this errno. */
function refused(
  id: string,
  code: string,
  explain: (options: Map<string, string>, whole: boolean, call: TraceLine) => string | false,
  look = 'README, “Four folders” · mount(8), “Mount options for overlay”',
): void {
  diagnosis(id, ({ error, trace }) => {
    const call =
      error?.error?.syscall === 'mount' && trace.findLast(each => each.name === 'mount' && each.code === code);
    if (!call || !/"overlay/.test(call.text)) return null;
    const means = explain(new Map(optionsOf(call)), !call.text.includes('...'), call);
    return means ? { kernel: call.text, means, look } : null;
  });
}

refused('not-an-option', 'EINVAL', options => {
  const names =
    /^(lowerdir\+?|upperdir|workdir|userxattr|redirect_dir|index|metacopy|xino|uuid|nfs_export|volatile|verity)$/;
  const stranger = [...options.keys()].find(name => !names.test(name));
  return (
    stranger !== undefined &&
    `A comma ends an option, and what follows is read as the next: here “${stranger}”, and overlayfs has no option of that ` +
      'name. Between two layers stands something else; between two options, the comma and nothing more.'
  );
});

refused('option-missing', 'EINVAL', (options, whole) => {
  const missing = ['lowerdir', 'upperdir', 'workdir'].filter(name => !options.has(name));
  return (
    whole &&
    missing.length > 0 &&
    `The options do not say ${missing.join(' and ')}. What is read, what is written, and where the kernel prepares what it ` +
      'writes: an overlay that takes changes wants to know all three.'
  );
});

refused('work-inside-upper', 'EINVAL', options => {
  const [upper, work] = [`${options.get('upperdir')}/`, `${options.get('workdir')}/`];
  return (
    (work.startsWith(upper) || upper.startsWith(work)) &&
    'The upper folder and the work folder lie one inside the other. Everything in the upper folder shows in the merged tree, ' +
      'and the kernel’s half-finished business is not for showing: they must lie beside each other.'
  );
});

refused('work-elsewhere', 'EINVAL', options => {
  const [upper, work] = ['upperdir', 'workdir'].map(name => topOf(options.get(name)));
  return (
    upper !== work &&
    'The kernel finishes a file in the work folder and then renames it into the upper folder. rename(2) does that in one step ' +
      'only within one file system, and in one mount of it: these two are not in the same.'
  );
});

refused(
  'upper-elsewhere',
  'EINVAL',
  options =>
    topOf(options.get('upperdir')) !== '/run' &&
    'The upper folder is not in spec.containers, and where it is, the host’s files are an overlay already. That one cannot be ' +
      'the upper layer of another: nobody can make whiteouts in it.',
  'the comment at `containers` in Spec',
);

refused(
  'wrong-type',
  'ENODEV',
  () => 'The kernel has no file system of this name. What does /proc/filesystems call it?',
  'filesystems(5)',
);

refused(
  'image-is-upper',
  'ELOOP',
  () =>
    'A folder is given twice, to be read below and to be written to above. A layer of the image must never be the upper one: ' +
    'that takes the changes.',
);

refused(
  'source-and-target',
  'ENOENT',
  (_options, _whole, call) =>
    !targetOf(call)?.includes('/') &&
    `The call asks to mount something on “${targetOf(call)}”. mount(2) takes the source first, then the folder to be mounted ` +
      'on, then the type.',
  'mount(2), SYNOPSIS',
);

refused(
  'bind-mount',
  'ENOENT',
  (_options, _whole, call) =>
    call.text.includes('MS_BIND') &&
    'With MS_BIND, mount(2) shows the source, a folder, at another place, and reads neither type nor options. An overlay is a ' +
      'new mount, for which no flag is needed.',
  'mount(2), “Creating a new mount” and “Creating a bind mount”',
);

refused('folder-missing', 'ENOENT', () => {
  return (
    'One of the folders in this call does not exist. mount(2) does not say which: the layers, the upper and the work folder ' +
    'and the one that is mounted on must all be there, and a relative path starts where the box stands.'
  );
});

diagnosis('mounted-by-another', ({ error, find, source }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mount' &&
    failed.code === 'ENOENT' &&
    !find('mount', isOverlay) &&
    /child_process|from 'zx'/.test(source) && {
      kernel: `${failed.call} = -1 ENOENT (No such file or directory)`,
      means:
        'The box does not see the merged tree. Another process has mounted it, a child of Node, and that is in the host’s ' +
        'mount namespace, which the box has left. What the container is to have must be a call on `box`.',
      look: 'README, “A folder for as long as it runs” · mount_namespaces(7)',
    }
  );
});

diagnosis('folder-taken', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mkdirat' &&
    failed.code === 'EEXIST' && {
      kernel: `${failed.call} = -1 EEXIST (File exists)`,
      means:
        'The folder is there already: another container made it. Then it is that one’s, and its changes lie in it. Each ' +
        'container needs a folder whose name nobody has had.',
      look: 'README, “A folder for as long as it runs” · mkdtemp(3)',
    }
  );
});

diagnosis(
  'userxattr-forgotten',
  ({ find, feedback }) => {
    const mount = find('mount', isOverlay);
    return (
      mount?.result === 0 &&
      !mount.text.includes('...') &&
      !optionsOf(mount).some(([name]) => name === 'userxattr') && {
        kernel: `${mount.text}\n${feedback.kernel}`,
        means:
          'The overlay must mark the new folder as opaque, and cannot: it writes such marks as trusted.overlay.…, which only ' +
          'the machine’s root may, and the mount says no word of another place. mountLayers is handed one more option.',
        look: 'README, “Notes in the margin” · mount(8), “Mount options for overlay”: userxattr',
      }
    );
  },
  ['opaque'],
);

diagnosis(
  'mounted-on-host',
  ({ find, index, feedback }) => {
    const [mount, unshare] = [find('mount', isOverlay), find('unshare', /CLONE_NEWNS/)];
    return (
      mount?.result === 0 &&
      unshare &&
      index('mount', isOverlay) < index('unshare', /CLONE_NEWNS/) && {
        kernel: `${mount.text}\n${unshare.text}\n${feedback.kernel}`,
        means:
          'The order is wrong. When the overlay was mounted, the box still shared the host’s mounts; then it got a copy of ' +
          'them, and the host kept its own. There it stays when the container ends, and its folder cannot be removed.',
      }
    );
  },
  ['private'],
);

diagnosis('mounted-not-entered', ({ find, feedback }) => {
  const [mount, chroot] = [find('mount', isOverlay), find('chroot')];
  return (
    mount?.result === 0 &&
    chroot?.result === 0 &&
    feedback.kernel.includes('nothing is mounted at /') &&
    targetOf(mount) !== /"(.*)"/.exec(chroot.text)?.[1] && {
      kernel: `${mount.text}\n${chroot.text}`,
      means:
        'The layers are mounted, and the container then enters another folder. mountLayers returns the path of the merged ' +
        'tree: that is the rootfs now.',
      look: 'contain(): what `rootfs` is',
    }
  );
});

diagnosis('removed-too-early', ({ find, feedback }) => {
  const mount = find('mount', isOverlay);
  const [, containers = ''] = /^ls (.*): nothing$/.exec(feedback.kernel) ?? [];
  return (
    mount?.result === 0 &&
    containers !== '' &&
    targetOf(mount)?.startsWith(`${containers}/`) && {
      kernel: `${mount.text}\n${feedback.kernel}`,
      means:
        'The container had a folder, and it is gone although the command is running: your code went on when the container ' +
        'had started, not when it had ended. With the folder the kernel has taken away the mount. What writes now, fails.',
    }
  );
});
