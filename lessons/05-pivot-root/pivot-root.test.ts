// What must be true of lesson 05's container. Mounts are read from /proc, from outside; what can be read and written there
// is tried by a process of ours that enters the container.
import type { Stats } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Evidence, type TraceLine, task } from '#check';
import { CLONE, MNT, type Mount, O, type Place, type Process, readMountinfo, readRoot, SyscallError } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

/** Neither masks nor read-only paths: for what is about the root alone. */
const bare = { maskedPaths: [], readonlyPaths: [] };

task('new-root', async t => {
  const layer = await makeLayer(t);
  const box = await t.contain({ ...bare, layers: [t.image, layer.folder] });
  const did = `started a container with a layer of its own, in which ${layer.beside} says ${layer.text}`;
  t.ok(layer.isIn(box), {
    did,
    kernel: `/proc/${box.reference.pid}/root -> ${box.root().path}, and there is no ${layer.beside} in it`,
    means: isSame(box.root(), t.host.stat('/'))
      ? 'The command’s `/` is still the host’s: it can read and write every file there is.'
      : 'The command has a root of its own, but not the one that was made of its layers.',
    look: 'pivot_root(2)',
  });

  const top = await enter(t, box, async visitor => readRoot(visitor.pid), 'namespace');
  const [mine, theirs] = [top, box.root()].map(({ device, inode }) => `inode ${inode} of device ${device}`);
  t.is(mine, theirs, {
    did: `${did}; then entered its mount namespace, as nsenter does`,
    kernel: `setns(CLONE_NEWNS) leads to a root that is ${mine}; the command’s root is ${theirs}`,
    means:
      'The command’s root is a folder somewhere in its mount namespace. At the top of that lies another: the host’s.',
    look: 'README, “A root for the whole namespace”',
  });
});

task('any-folder', async t => {
  const root = `/run/boxwright/${t.nonce('root')}`;
  await onHost(t, visitor =>
    visitor.together(() => {
      for (const folder of ['', '/bin', '/proc', '/sys', '/dev']) visitor.mkdir(root + folder, 0o755);
      visitor.link(`${t.image}/bin/busybox`, `${root}/bin/sleep`);
    }),
  );
  const box = await t.contain({ ...bare, root });
  const did = `made the folder ${root}, on which nothing is mounted, and started a container with it as root`;
  requireRoot(t, box, did);
  t.ok(isSame(box.root(), t.host.stat(root)), {
    did,
    kernel: `/proc/${box.reference.pid}/root -> ${box.root().path}, which is another folder: inode ${box.root().inode}`,
    means: 'The command has another root than the folder that it was given.',
    look: 'Spec, root',
  });
});

task('submounts', async t => {
  const box = await t.contain(bare);
  const did = 'started a container, and looked for what lesson 03 mounts in its root';
  requireRoot(t, box, did);
  const missing = ['/proc', '/sys', '/dev', '/dev/pts', '/dev/shm'].filter(path => !mountAt(box, path));
  t.is(missing.length, 0, {
    did,
    kernel: `no mount at ${missing.join(', ')} in /proc/${box.reference.pid}/mountinfo`,
    means: 'The folders are there, and nothing is mounted on them: no processes, no devices.',
    look: 'mount(2), MS_BIND',
  });
});

task('old-root', async t => {
  const before = t.host.mounts();
  const box = await t.contain(bare);
  const did = `started a container on a host with ${before.length} mounts, and listed those of its mount namespace`;
  requireRoot(t, box, did);

  const { fromTop, below } = await enter(
    t,
    box,
    async (visitor, proc) => ({ fromTop: readMountinfo(visitor.pid), below: await isBelow(visitor, proc, t.secrets) }),
    'namespace',
  );
  const mounts = [...new Map([...fromTop, ...box.mounts()].map(mount => [mount.id, mount])).values()];
  const own = (mount: Mount) => /^\/((proc|sys|dev)(\/.*)?)?$/.test(mount.mountPoint);
  const roots = mounts.filter(mount => mount.mountPoint === '/');
  const foreign = [...(roots.length > 1 ? roots : []), ...mounts.filter(mount => !own(mount))];
  t.is(foreign.length, 0, {
    did,
    kernel: [...foreign.slice(0, 4).map(line), ...(foreign.length > 4 ? ['…'] : [])].join('\n'),
    means: 'The host’s root is still mounted there, with what is mounted in it. What is mounted can be reached.',
    look: 'README, “Letting go”',
  });

  const ids = new Set(mounts.map(mount => mount.id));
  const ends = mounts.filter(mount => !ids.has(mount.parent));
  t.same(
    ends.map(mount => mount.mountPoint),
    ['/'],
    {
      did: `${did}; then went from each mount to its parent, the one that it is mounted on`,
      kernel: ends.map(line).join('\n'),
      means:
        'Every chain of parents must end at the container’s root. One of these hangs from a mount that is not its own.',
      look: 'proc_pid_mountinfo(5), (2) parent ID',
    },
  );

  t.ok(!below, {
    did: 'entered the container as its root, took away the mount at `/`, and looked at what lay below',
    kernel: `umount2("/", MNT_DETACH) = 0, and now ${t.secrets.file} is the host’s`,
    means: 'The old root is covered, not gone: root inside can take the cover away.',
    look: 'README, “Letting go”',
  });
});

task('inside', async t => {
  const box = await t.contain(bare);
  const did = 'started a container, and looked where it stands';
  requireRoot(t, box, did);
  const [root, cwd] = [box.root(), box.cwd()];
  t.same([cwd.device, cwd.inode], [root.device, root.inode], {
    did,
    kernel: `/proc/${box.reference.pid}/cwd -> ${cwd.path}, on device ${cwd.device}; its root is on device ${root.device}`,
    means:
      'It stands outside of its root. A file system in which somebody stands can be unmounted, and stays in their reach.',
    look: 'pivot_root(2), NOTES',
  });
});

task('no-escape', async t => {
  const secret = t.host.exists(t.secrets.file) ? t.host.read(t.secrets.file) : null;
  t.ok(secret?.includes(t.secrets.text), {
    did: `looked for the host’s ${t.secrets.file}`,
    kernel: secret === null ? 'there is no such file' : `it reads ${JSON.stringify(secret)}`,
    means: 'The secret is gone before anybody looked for it: something of yours has changed the host.',
  });
  const command = ['/bin/cat', t.secrets.file];
  const finds = async (inside = {}) =>
    (await (await t.contain({ ...bare, command, ...inside })).output()).includes(t.secrets.text);
  if (!(await finds({ inside: t.exported('climbOut', '#02-chroot') }))) return;
  t.ok(!(await finds()), {
    did: `ran \`${command.join(' ')}\` in a container`,
    kernel: 'it printed the host’s secret',
    means: 'Nobody even had to climb: the command’s `/` is the host’s.',
    look: 'pivot_root(2)',
  });
  t.fail({
    did: `called lesson 02’s climbOut in a container, and ran \`${command.join(' ')}\``,
    kernel: 'it printed the host’s secret',
    means: 'The old way out is open: above the container’s root, `..` comes to the host’s.',
    look: 'README, “Where `..` ends”',
  });
});

task('host-kept', async t => {
  const before = t.host.mounts().map(line);
  const box = await t.contain(bare);
  const during = t.host.mounts().map(line);
  const changed = [
    ...during.filter(each => !before.includes(each)).map(each => `new: ${each}`),
    ...before.filter(each => !during.includes(each)).map(each => `gone: ${each}`),
  ];
  t.is(changed.length, 0, {
    did: 'listed the host’s mounts, started a container, and listed them again',
    kernel: [...changed.slice(0, 4), t.compareNamespace(box, 'mnt')].join('\n'),
    means: 'What the container mounts and unmounts, it mounts and unmounts on the host.',
    look: 'lesson 03, `ownMounts`',
  });
});

task('masked', async t => {
  const layer = await makeLayer(t);
  const spec = {
    ...bare,
    layers: [t.image, layer.folder],
    maskedPaths: [`/${t.nonce('missing')}`, layer.file, layer.dir],
  };

  const box = await t.contain(spec);
  layer.require(box);
  const read = await enter(t, box, visitor => readHead(visitor, layer.file));
  const names = box.list(layer.dir);
  const finding = {
    did: `started a container that is to find the file ${layer.file} and the folder ${layer.dir} empty`,
    kernel: `${layer.file} reads ${JSON.stringify(read)}\n${layer.dir} holds ${names.join(', ') || 'nothing'}`,
    look: 'README, “Covering what cannot be removed”',
  };
  t.is(read, '', { ...finding, means: 'The file does not read as empty.' });
  t.is(names.length, 0, { ...finding, means: 'The folder still holds what it held.' });
});

task('kernel-masked', async t => {
  const box = await t.contain({ readonlyPaths: [] });
  const paths = usual.masked.filter(path => t.host.exists(path));
  const did = `started a container, and looked at what runc masks: here ${paths.join(', ')}`;
  requireRoot(t, box, did);
  const files = paths.filter(path => !t.host.stat(path).isDirectory());
  const read = await enter(t, box, visitor => Promise.all(files.map(path => readHead(visitor, path))));
  const found = paths.flatMap(path => {
    if (!box.exists(path)) return `${path} is not there: has /proc come along?`;
    const holds = files.includes(path) ? read[files.indexOf(path)] : box.list(path).join(', ');
    if (!mountAt(box, path)) return `${path} is the kernel’s own, with no mount over it`;
    return holds === '' ? [] : `${path} holds ${JSON.stringify(holds)}`;
  });
  t.is(found.length, 0, {
    did,
    kernel: found.join('\n'),
    means: 'The machine shows through: what the kernel says there is about all of it, not about this container.',
    look: 'README, “Covering what cannot be removed”',
  });
});

task('read-only-paths', async t => {
  const { file, beside, dir, nested, ...layer } = await makeLayer(t);
  const readonlyPaths = [`/${t.nonce('missing')}`, file, dir];
  const spec = { layers: [t.image, layer.folder], maskedPaths: [nested], readonlyPaths };

  const box = await t.contain(spec);
  layer.require(box);
  let read = '';
  const { answers, kernel } = await tryInside(t, box, {
    [`open("${file}", O_WRONLY)`]: visitor => visitor.open(file, O.WRONLY),
    [`mkdir("${dir}/new")`]: visitor => visitor.mkdir(`${dir}/new`),
    [`open("${beside}", O_WRONLY)`]: visitor => visitor.open(beside, O.WRONLY),
    [`open("${nested}", O_RDONLY)`]: async visitor => {
      read = await readHead(visitor, nested);
    },
  });
  const finding = { did: `started a container that is not to change the file ${file} and the folder ${dir}`, kernel };
  t.same(answers.slice(0, 2), ['EROFS', 'EROFS'], {
    ...finding,
    means:
      'It can be changed there, or is refused for another reason. A read-only mount answers EROFS, to root as well.',
    look: 'README, “A mount that refuses”',
  });
  t.is(answers[2], 'OK', {
    ...finding,
    means: `More has become read-only than that: ${beside} is a file beside it.`,
    look: 'README, “A mount that refuses”',
  });
  // A mask that was never mounted is another task's matter; one that was can still be seen in mountinfo.
  if (!mountAt(box, nested)) return;
  t.is(read, '', {
    did: `${finding.did}; in that folder, ${nested} is masked`,
    kernel: `${nested} reads ${JSON.stringify(read)}`,
    means: 'What was covered is bare again: the new mount shows the folder as it is below all that was mounted in it.',
    look: 'mount(2), MS_REC',
  });
});

task('kernel-read-only', async t => {
  const box = await t.contain();
  const paths = usual.readonly.filter(path => t.host.exists(path));
  const did = `started a container, and tried to change what runc protects: here ${paths.join(', ')}`;
  requireRoot(t, box, did);
  const setting = 'sys/net/ipv4/ip_default_ttl';
  const comm = `/proc/${box.status().nsPids[1]}/comm`;
  // With the mode that it has: where that is allowed, it changes nothing.
  const chmod = (path: string): [string, Try] => [
    `chmod("${path}")`,
    visitor => visitor.chmod(path, t.host.stat(path).mode & 0o7777),
  ];
  const { answers, kernel } = await tryInside(t, box, {
    [`on the host: open("/proc/${setting}", O_WRONLY)`]: (visitor, proc) =>
      visitor.syscall('openat', proc, setting, O.WRONLY, 0),
    ...Object.fromEntries(paths.map(chmod)),
    [`open("/proc/${setting}", O_WRONLY)`]: visitor => visitor.open(`/proc/${setting}`, O.WRONLY),
    [`open("${comm}", O_WRONLY)`]: visitor => visitor.open(comm, O.WRONLY),
  });
  const own = answers.pop();
  t.ok(
    answers.slice(1).every(each => each === 'EROFS'),
    {
      did,
      kernel,
      means: 'What is set in /proc/sys is set in the kernel, and there is one for the host and all its containers.',
      look: 'README, “A mount that refuses”',
    },
  );
  t.is(own, 'OK', {
    did: `${did}; then what is not protected, the file by which a process is renamed`,
    kernel,
    means:
      'All of /proc has become read-only. On a kernel before 5.8, on which there is one /proc for all, the host’s too.',
    look: 'README, “A mount that refuses”',
  });
});

task('read-only-root', async t => {
  const name = t.nonce('new');
  const tryWith = async (spec: Record<string, unknown>, did: string) => {
    const box = await t.contain({ ...bare, ...spec });
    requireRoot(t, box, did);
    const { answers, kernel } = await tryInside(t, box, {
      [`mkdir("/${name}")`]: visitor => visitor.mkdir(`/${name}`),
      [`mkdir("/dev/shm/${name}")`]: visitor => visitor.mkdir(`/dev/shm/${name}`),
    });
    const root = mountAt(box, '/');
    return {
      root,
      finding: { did, kernel: `${root && line(root)}\n${kernel}` },
      inRoot: answers[0],
      inShm: answers[1],
    };
  };

  // One after the other: what went wrong is looked for in the calls of the last.
  const plain = await tryWith({}, 'started a container, and made a folder in its root');
  const { root, finding, inRoot, inShm } = await tryWith(
    { readOnly: true },
    'started a container with readOnly: true, and made a folder in its root and one in /dev/shm',
  );
  t.is(plain.inRoot, 'OK', {
    ...plain.finding,
    means: 'Nobody asked for a read-only root: the overlay has a layer on top that takes every change.',
    look: 'Spec, readOnly',
  });

  t.is(inRoot, 'EROFS', { ...finding, means: 'Its root can be changed.', look: 'README, “A mount that refuses”' });
  t.is(inShm, 'OK', {
    ...finding,
    means: 'Its /dev/shm refuses as well: a program that can write nowhere does not get far.',
    look: 'README, “A mount that refuses”',
  });
  t.ok(root?.superOptions.includes('rw'), {
    ...finding,
    means: 'The file system itself has become read-only, not this mount of it: for everybody who has it mounted.',
    look: 'README, “A mount that refuses”',
  });
});

/** runc's defaults; the learner's lists may hold more. */
const usual = {
  masked: [
    ...['/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/sched_debug'],
    ...['/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/firmware'],
  ],
  readonly: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
};

const isSame = (place: Place, file: Stats) => place.inode === file.ino && place.device === file.dev;

const mountAt = (box: Box, path: string) => box.mounts().findLast(mount => mount.mountPoint === path);

/** `36 35 98:0 / /mnt ro,noexec - ext4 rw`: a line of mountinfo, without what differs on every machine. */
const line = ({ id, parent, device, root, mountPoint, options, type, superOptions }: Mount) =>
  `${id} ${parent} ${device} ${root} ${mountPoint} ${options.join(',')} - ${type} ${superOptions[0]}`;

/** What a path inside means is a question only once inside is another place than outside. */
function requireRoot(t: Context, box: Box, did: string): void {
  t.ok(!isSame(box.root(), t.host.stat('/')), {
    did,
    kernel: `/proc/${box.reference.pid}/root -> ${box.root().path}, which is the host’s root`,
    means: 'As long as the command’s `/` is the host’s, there is no inside: every path means the host’s file.',
    look: 'the container’s own root first',
  });
}

/** A layer with two files, and a folder with a file in it, under names and with a text that nothing else has. */
async function makeLayer(t: Context) {
  const [folder, name, text] = [`/run/boxwright/${t.nonce('layer')}`, t.nonce('file'), t.nonce('text')];
  const [file, beside, dir] = [`/etc/${name}`, `/etc/${name}.beside`, `/srv/${t.nonce('folder')}`];
  const nested = `${dir}/${name}`;
  await onHost(t, async visitor => {
    for (const path of ['', '/etc', '/srv', dir]) await visitor.mkdir(folder + path, 0o755);
    for (const path of [file, beside, nested]) {
      const fd = await visitor.open(folder + path, O.WRONLY | O.CREAT | O.EXCL, 0o644);
      await visitor.write(fd, text);
      await visitor.close(fd);
    }
  });
  const before = t.host.read(folder + nested);
  const isIn = (box: Box) => box.exists(beside) && box.read(beside) === before;
  return { folder, text, file, beside, dir, nested, isIn, require };

  /** That what a check will miss was there: the layer is in the container's root, and holds what it should. */
  function require(box: Box): void {
    t.ok(isIn(box), {
      did: `started a container with a layer of its own, and looked for ${beside}, which is neither hidden nor protected`,
      kernel: `/proc/${box.reference.pid}/root -> ${box.root().path}, and there is no ${beside} in it`,
      means: 'A path means the container’s file only once the container has its own root.',
      look: 'the container’s own root first',
    });
  }
}

/**
 * A process of ours that enters the container to look around. 'command': with the root of the container's command;
 * 'namespace': where setns(2) itself leads, to the top of the mount namespace. `proc` is the host's, held open.
 */
async function enter<T>(
  t: Context,
  box: Box,
  look: (visitor: Process, proc: number) => Promise<T>,
  at: 'command' | 'namespace' = 'command',
): Promise<T> {
  const pid = box.status().nsPids[1];
  return onHost(t, async visitor => {
    const proc = await visitor.open('/proc', O.DIRECTORY);
    const root = await visitor.open(`/proc/${pid}/root`, O.DIRECTORY);
    await visitor.setns(await visitor.open(`/proc/${pid}/ns/mnt`), CLONE.NEWNS);
    if (at === 'command') {
      await visitor.fchdir(root);
      await visitor.chroot('.');
    }
    return look(visitor, proc);
  });
}

async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

/** Whether the host's root comes to light where mounts are taken off the top of the namespace; done in a copy of it. */
async function isBelow(visitor: Process, proc: number, secrets: Context['secrets']): Promise<boolean> {
  await visitor.unshare(CLONE.NEWNS);
  const namespace = await visitor.syscall('openat', proc, 'self/ns/mnt', O.RDONLY, 0);
  for (let depth = 0; depth < 4; depth++) {
    if ((await answer(visitor.umount2('/', MNT.DETACH))) !== 'OK') return false;
    await visitor.setns(namespace, CLONE.NEWNS);
    if ((await readHead(visitor, secrets.file)).includes(secrets.text)) return true;
  }
  return false;
}

type Try = (visitor: Process, proc: number) => Promise<unknown>;

async function tryInside(
  t: Context,
  box: Box,
  tries: Record<string, Try>,
): Promise<{ answers: string[]; kernel: string }> {
  const answers: string[] = [];
  await enter(t, box, async (visitor, proc) => {
    for (const each of Object.values(tries)) answers.push(await answer(each(visitor, proc)));
  });
  return {
    answers,
    kernel: Object.keys(tries)
      .map((text, i) => `${text} = ${answers[i]}`)
      .join('\n'),
  };
}

/** 'OK', or the errno with which it was refused. */
async function answer(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    if (error instanceof SyscallError) return error.code;
    throw error;
  }
}

/** The first bytes of a file, or the errno with which it could not be read. */
async function readHead(visitor: Process, path: string): Promise<string> {
  try {
    const fd = await visitor.open(path, O.RDONLY | O.NONBLOCK);
    const bytes = await visitor.read(fd, 64);
    await visitor.close(fd);
    return bytes.toString();
  } catch (error) {
    if (error instanceof SyscallError) return error.code;
    throw error;
  }
}

// From here on, how mistakes are recognised: in the record of the container's system calls, once a check has failed.

/** A mount call's source and target, as the trace has them. */
const sourceOf = (call: TraceLine) => /^mount\("([^"]*)"/.exec(call.text)?.[1];
const targetOf = (call: TraceLine) => /^mount\((?:NULL|"[^"]*"), "([^"]*)"/.exec(call.text)?.[1];
const has = (call: TraceLine, ...flags: string[]) => flags.every(flag => new RegExp(`\\b${flag}\\b`).test(call.text));

const isMask = (call: TraceLine) => sourceOf(call) === '/dev/null' && !targetOf(call)?.endsWith('/dev/null');
const isSelfBind = (call: TraceLine) => has(call, 'MS_BIND') && sourceOf(call) === targetOf(call);
const texts = (...calls: (TraceLine | undefined)[]) => calls.flatMap(call => call?.text ?? []).join('\n');

/** The last pivot_root: its arguments, the folder that its first one means, and all calls of its process before and after. */
function pivotOf(evidence: Evidence) {
  const last = evidence.trace.findLast(call => call.name === 'pivot_root');
  // A check may start several containers, one after the other.
  const trace = evidence.trace.filter(call => call.pid === last?.pid);
  const at = trace.findLastIndex(call => call.name === 'pivot_root');
  const pivot = trace[at];
  if (!pivot) return null;
  const [, first = '', putOld = ''] = /^pivot_root\("([^"]*)", "([^"]*)"\)/.exec(pivot.text) ?? [];
  const before = trace.slice(0, at);
  const chdir = before.findLast(call => call.name === 'chdir');
  const stands = chdir && /^chdir\("([^"]*)"/.exec(chdir.text)?.[1];
  const newRoot = (first === '.' ? stands : first) ?? '';
  return { pivot, first, putOld, before, after: trace.slice(at + 1), chdir, newRoot };
}

/** The call at which the learner's code stopped, when it was refused for one of these reasons. */
function refusal({ error, trace }: Evidence, name: string, ...codes: string[]): TraceLine | null {
  if (error?.error?.syscall !== name || !codes.includes(error.error.code ?? '')) return null;
  return trace.findLast(call => call.name === name && codes.includes(call.code ?? '')) ?? null;
}

const pivotRefused = (evidence: Evidence, ...codes: string[]) =>
  refusal(evidence, 'pivot_root', ...codes) && pivotOf(evidence);

diagnosis('no-namespace', evidence => {
  const found = pivotRefused(evidence, 'EINVAL');
  if (!found || found.before.some(call => call.name === 'unshare')) return null;
  return {
    means:
      'These are the host’s mounts that are about to be turned over. The kernel refuses, since the host shares them with ' +
      'others; on a host that does not, the host itself would stand in your container now. First a mount namespace.',
    look: 'lesson 03, `ownMounts` · pivot_root(2), ERRORS: EINVAL',
  };
});

diagnosis('shared-parent', evidence => {
  const found = pivotRefused(evidence, 'EINVAL');
  if (!found || found.before.some(call => has(call, 'MS_PRIVATE') || has(call, 'MS_SLAVE'))) return null;
  return {
    kernel: texts(
      found.before.find(call => call.name === 'unshare'),
      found.pivot,
    ),
    means:
      'The mounts of the new namespace are still shared with the host’s: what happens to one happens to the other. To turn ' +
      'this root over would turn over the host’s, and the kernel refuses. Neither `/` nor the mount in which the new root ' +
      'lies may be shared.',
    look: 'lesson 03, `ownMounts` · pivot_root(2), ERRORS: EINVAL',
  };
});

diagnosis('stood-elsewhere', evidence => {
  const found = pivotRefused(evidence, 'EBUSY', 'EINVAL');
  if (found?.first !== '.' || found.chdir) return null;
  return {
    means:
      '`.` is the folder in which the process stands, and it still stands in one of the old root. Where does it have to be ' +
      'when it says `.`?',
    look: 'pivot_root(2), NOTES: pivot_root(".", ".")',
  };
});

diagnosis('put-old-missing', evidence => {
  const found = pivotRefused(evidence, 'ENOENT');
  return (
    found && {
      means:
        `The second folder, on which the old root is to be mounted, must be there already, and ${found.putOld} is not. If you ` +
        'make it, you will have to remove it again. There is one that need not be made.',
      look: 'README, “Where to put the old one” · pivot_root(2), NOTES: pivot_root(".", ".")',
    }
  );
});

diagnosis('put-old-outside', evidence => {
  // EBUSY when it is on the very mount that is to be put there.
  const found = pivotRefused(evidence, 'EINVAL', 'EBUSY');
  if (!found?.putOld.startsWith('/') || `${found.putOld}/`.startsWith(`${found.newRoot}/`)) return null;
  return {
    means:
      'After the call, all that can be named is in the new root: so the old one must be put somewhere in there. ' +
      `${found.putOld} is not in ${found.newRoot}.`,
    look: 'README, “Where to put the old one” · pivot_root(2): ‘at or underneath new_root’',
  };
});

diagnosis('stood-before-bind', evidence => {
  // An overlay under the bind is a mount as well: there the call succeeds, and two roots lie one over the other.
  const found = evidence.task === 'old-root' ? pivotOf(evidence) : pivotRefused(evidence, 'EINVAL', 'EBUSY');
  const bind = found?.before.findLast(call => isSelfBind(call) && targetOf(call) === found.newRoot);
  if (!found?.chdir || !bind || found.before.indexOf(bind) < found.before.indexOf(found.chdir)) return null;
  return {
    kernel: texts(found.chdir, bind, found.pivot),
    means:
      'The order is wrong: the process went into the folder, and then a mount was laid over it. `.` is what it went into: ' +
      'the folder under the mount.',
    look: 'README, “A folder is not a mount”',
  };
});

diagnosis('not-a-mount-point', evidence => {
  const found = pivotRefused(evidence, 'EINVAL');
  if (!found || found.before.some(call => call.result === 0 && targetOf(call) === found.newRoot)) return null;
  return {
    kernel: texts(found.chdir, found.pivot),
    means:
      'The new root has to be a mount, and this is a folder in one. An overlay is a mount by itself; of another folder you ' +
      'have to make one, where it is.',
    look: 'README, “A folder is not a mount” · pivot_root(2), ERRORS: EINVAL',
  };
});

diagnosis('umount-busy', evidence => {
  if (!refusal(evidence, 'umount2', 'EBUSY') || !pivotOf(evidence)) return null;
  return {
    means:
      'The old root is in use: other file systems are mounted in it. It cannot be unmounted at once. It can be taken out of ' +
      'the tree, with all that is mounted in it, and fall away when nobody uses it any more.',
    look: 'README, “Letting go” · umount2(2)',
  };
});

diagnosis('host-path-after-pivot', evidence => {
  const found = pivotOf(evidence);
  const failed = refusal(evidence, evidence.error?.error?.syscall ?? '', 'ENOENT');
  if (!failed || found?.pivot.result !== 0 || !found.newRoot || !failed.text.includes(`"${found.newRoot}`)) return null;
  return {
    kernel: texts(found.pivot, failed),
    means:
      'After pivot_root, a path that begins with `/` begins at the new root. This is the host’s name for the folder. What is ' +
      'it called now?',
    look: 'path_resolution(7), Step 1',
  };
});

diagnosis('moved-not-pivoted', evidence => {
  const move = evidence.find('mount', /MS_MOVE/);
  if (move?.result !== 0 || pivotOf(evidence)) return null;
  return {
    kernel: `${move.text}\n${evidence.feedback.kernel}`,
    means:
      'MS_MOVE has laid the new root over the old one; and there, underneath, the old one still is, with all its mounts. ' +
      'Root inside can take away what covers it.',
    look: 'README, “chroot, switch_root, pivot_root”',
  };
});

diagnosis(
  'chroot-not-pivot',
  evidence => {
    const chroot = evidence.find('chroot');
    if (chroot?.result !== 0 || pivotOf(evidence)) return null;
    return {
      kernel: `${chroot.text}\n${evidence.feedback.kernel}`,
      means:
        'chroot changes where this one process begins its paths. The tree of mounts is what it was, with the host’s root at ' +
        'its top, and everything else is a few `..` away.',
      look: 'README, “A root for the whole namespace”',
    };
  },
  ['new-root', 'old-root'],
);

diagnosis(
  'old-root-left',
  evidence => {
    const found = pivotOf(evidence);
    if (found?.pivot.result !== 0 || found.after.some(call => call.name === 'umount2' && call.result === 0))
      return null;
    return {
      kernel: `${found.pivot.text}\n${evidence.feedback.kernel}`,
      means:
        `The two roots have changed places. The old one is mounted ${found.putOld === '.' ? 'over the new one' : `at ${found.putOld}`} ` +
        'now, with all that is in it, and nobody has unmounted it.',
      look: 'README, “Letting go” · umount2(2)',
    };
  },
  ['new-root', 'old-root', 'no-escape'],
);

diagnosis(
  'bind-not-recursive',
  evidence => {
    const bind = pivotOf(evidence)?.before.findLast(isSelfBind);
    if (!bind || has(bind, 'MS_REC')) return null;
    // Other tasks fail for it as well, where they miss /dev/null or what is in /proc.
    const lacks =
      evidence.find('mount', /"\/dev\/null".* ENOENT/) || /no mount at|not there|ENOENT/.test(evidence.feedback.kernel);
    if (!lacks) return null;
    return {
      kernel: `${bind.text}\n${evidence.feedback.kernel}`,
      means:
        'The folder was bound without what is mounted in it. populate() had mounted /proc, /sys and /dev there, and they ' +
        'stayed behind in the old root.',
      look: 'mount(2), MS_BIND: ‘recursive’',
    };
  },
  ['submounts', 'masked', 'kernel-masked', 'read-only-paths', 'kernel-read-only', 'read-only-root'],
);

diagnosis(
  'cwd-left-behind',
  evidence => {
    const found = pivotOf(evidence);
    if (found?.pivot.result !== 0 || found.after.some(call => call.name === 'chdir')) return null;
    return {
      kernel: `${found.pivot.text}\n${evidence.feedback.kernel}`,
      means:
        'The process stands where it stood before: in a folder of the old root. That has been unmounted, but whoever stands in ' +
        'it holds on to it, and paths that do not begin with `/` still lead into it.',
      look: 'pivot_root(2), NOTES',
    };
  },
  ['inside', 'no-escape'],
);

diagnosis(
  'masked-before-pivot',
  evidence => {
    const found = pivotOf(evidence);
    const mask = found?.before.findLast(call => isMask(call) && !targetOf(call)?.startsWith(found.newRoot));
    if (!found || !mask) return null;
    return {
      kernel: `${texts(mask, found.pivot)}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong: before pivot_root this path is the host’s. What you covered there has gone with the old root, and ' +
        'the container’s own is bare.',
      look: 'contain()',
    };
  },
  ['masked', 'kernel-masked', 'read-only-paths'],
);

diagnosis(
  'protected-before-pivot',
  evidence => {
    const found = pivotOf(evidence);
    const protect = found?.before.find(call => has(call, 'MS_RDONLY', 'MS_REMOUNT') && targetOf(call) === '/');
    if (!found || !protect) return null;
    return {
      kernel: `${texts(protect, found.pivot)}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong: before pivot_root, `/` is the host’s root. That one has become read-only, and has been taken ' +
        'away since.',
      look: 'contain()',
    };
  },
  ['read-only-root'],
);

diagnosis('folder-masked-as-file', evidence => {
  const failed = refusal(evidence, 'mount', 'ENOTDIR');
  if (!failed || !isMask(failed)) return null;
  return {
    means:
      `${targetOf(failed)} is a folder, and a file cannot be mounted on it. With ENOTDIR the kernel tells you which ones are. ` +
      'What can be mounted on a folder, and holds nothing?',
    look: 'README, “Covering what cannot be removed” · mount(2), ERRORS: ENOTDIR',
  };
});

diagnosis('file-masked-as-folder', evidence => {
  const failed = refusal(evidence, 'mount', 'ENOTDIR');
  if (!failed || sourceOf(failed) === '/dev/null') return null;
  return {
    means: `${targetOf(failed)} is a file, and the root of a file system is a folder. On a file, only a file can be mounted.`,
    look: 'README, “Covering what cannot be removed” · mount(2), ERRORS: ENOTDIR',
  };
});

diagnosis('absent-path', evidence => {
  const failed = refusal(evidence, 'mount', 'ENOENT');
  if (!failed || pivotOf(evidence)?.pivot.result !== 0) return null;
  return {
    means:
      `There is no ${targetOf(failed)} in this container. The lists name what some kernel has; what this one has not got needs ` +
      'neither hiding nor protecting.',
    look: 'isErrno() · mount(2), ERRORS: ENOENT',
  };
});

diagnosis(
  'refusal-swallowed',
  ({ trace, feedback }) => {
    const mounted = new Set(trace.filter(call => call.result === 0).map(targetOf));
    const left = trace.find(call => isMask(call) && call.code === 'ENOTDIR' && !mounted.has(targetOf(call)));
    return (
      left && {
        kernel: `${left.text}\n${feedback.kernel}`,
        means:
          'The kernel has refused, and your code went on. ENOENT may be passed over, for there is nothing to hide; ENOTDIR says ' +
          'that here is a folder, still bare.',
        look: 'isErrno() · mount(2), ERRORS: ENOTDIR',
      }
    );
  },
  ['masked', 'kernel-masked'],
);

diagnosis(
  'node-looks-outside',
  ({ source, feedback }) => {
    const asked = /^.*\b(?:existsSync|l?statSync|accessSync|isDirectory|(?<!new)l?stat)\s*\(.*$/m.exec(
      source.replace(/\/\/.*$/gm, ''),
    );
    return (
      asked && {
        kernel: `${asked[0].trim()}\nanswers for the host; ${feedback.kernel}`,
        means:
          'Node runs your file on the host, and looks there: whether a path exists inside, and what it is, only the box can ' +
          'tell. A call that it makes and that fails tells it by the error’s code.',
        look: 'isErrno()',
      }
    );
  },
  ['masked', 'read-only-paths'],
);

const readOnly = ['read-only-paths', 'kernel-read-only', 'read-only-root'];

diagnosis(
  'read-only-in-one-step',
  ({ trace, feedback }) => {
    const bind = trace.find(call => call.result === 0 && has(call, 'MS_BIND', 'MS_RDONLY') && !has(call, 'MS_REMOUNT'));
    return (
      bind && {
        kernel: `${bind.text}\n${feedback.kernel}`,
        means:
          'The call succeeded, and the kernel took no notice of MS_RDONLY: a new bind mount gets the flags of the mount from ' +
          'which it is made. Only once it is there can they be changed.',
        look: 'README, “A mount that refuses” · mount(2), “Creating a bind mount”',
      }
    );
  },
  readOnly,
);

diagnosis(
  'remount-without-bind',
  ({ trace, feedback }) => {
    const remount = trace.findLast(call => has(call, 'MS_REMOUNT') && !has(call, 'MS_BIND'));
    return (
      remount && {
        kernel: `${remount.text}\n${feedback.kernel}`,
        means:
          'MS_REMOUNT alone changes the file system, wherever it is mounted. Only this one mount of it shall refuse to be ' +
          'written, and a second flag says so.',
        look: 'README, “A mount that refuses” · mount(2), “Remounting an existing mount”',
      }
    );
  },
  readOnly,
);

diagnosis('remount-not-a-mount', evidence => {
  const failed = refusal(evidence, 'mount', 'EINVAL');
  if (!failed || !has(failed, 'MS_REMOUNT')) return null;
  if (evidence.trace.some(call => call.result === 0 && targetOf(call) === targetOf(failed))) return null;
  return {
    means:
      `Only a mount can be changed, and ${targetOf(failed)} is none, but a file or folder in one. First it must become one, ` +
      'where it is. You have already done that to a folder, in this file.',
    look: 'README, “A mount that refuses” · mount(2), ERRORS: EINVAL',
  };
});

diagnosis(
  'mask-uncovered',
  evidence => {
    const bind = pivotOf(evidence)?.after.findLast(call => isSelfBind(call) && !has(call, 'MS_REC'));
    return (
      bind && {
        kernel: `${bind.text}\n${evidence.feedback.kernel}`,
        means:
          'This has bound the folder without what is mounted in it, and the mask was mounted in it. In protecting one thing you ' +
          'have uncovered another.',
        look: 'mount(2), MS_BIND: ‘recursive’',
      }
    );
  },
  ['read-only-paths'],
);
