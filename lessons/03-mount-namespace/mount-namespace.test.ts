// What must be true of lesson 03's mounts. They are read from mountinfo, from outside; what has to be tried is tried by a
// process of ours, which enters the container's mounts and its root, and is none of the learner's.
import { type Box, type Context, defaults, diagnosis, type TraceLine, task } from '#check';
import { CLONE, into, type Mount, O, type Process, S, SyscallError } from '#linux';

// A path, so that the command runs also when PATH is not searched.
defaults({ command: ['/bin/sleep', '60'], rootfs: '/run/boxwright/images/base' });

task('own-namespace', async t => {
  const box = await t.start();
  await t.call('ownMounts', box);
  t.ok(box.namespaces().mnt !== t.host.namespaces().mnt, {
    did: 'called ownMounts(box), and compared the process’s mount namespace with the host’s',
    kernel: t.compareNamespace(box, 'mnt'),
    means: 'There is still one list of mounts for both. Whatever this process mounts, it mounts on the host.',
    look: 'README, “A copy of the list” · unshare(2)',
  });
});

task('private', t =>
  withRootfs(t, async (rootfs, visitor) => {
    const box = await t.start();
    await t.call('ownMounts', box);
    requireNamespace(t, box, 'called ownMounts(box)');
    const connected = box.mounts().filter(mount => mount.shared !== null || mount.master !== null);
    t.is(connected.length, 0, () => ({
      did: 'called ownMounts(box), and read its mountinfo',
      kernel: [
        ...connected.slice(0, 4).map(peers),
        ...(connected.length > 4 ? [`and ${connected.length - 4} more`] : []),
      ].join('\n'),
      means:
        'The list is a copy, but these mounts are still peers of those on the host: what is mounted below one of them appears ' +
        'below the other as well.',
      look: 'README, “Peers” · mount_namespaces(7), SHARED SUBTREES',
    }));

    const [inside, outside] = [t.nonce('inside'), t.nonce('outside')];
    const has = (mounts: Mount[], source: string) => mounts.some(mount => mount.source === source);
    await visitor.mount(outside, `${rootfs}/mnt`, 'tmpfs');
    const [there, heard] = [has(t.host.mounts(), outside), has(box.mounts(), outside)];
    await visitor.umount2(`${rootfs}/mnt`);
    t.ok(there && !heard, {
      did: 'called ownMounts(box), and mounted a file system on the host',
      kernel: `${outside} is in /proc/${box.reference.pid}/mountinfo as well`,
      means: 'The container hears of what the host mounts.',
      look: 'README, “Peers”',
    });
    await enter(visitor, box);
    await visitor.mount(inside, `${rootfs}/mnt`, 'tmpfs');
    t.ok(has(box.mounts(), inside) && !has(t.host.mounts(), inside), {
      did: 'called ownMounts(box), and mounted a file system in its mount namespace',
      kernel: `${inside} is in the host’s mountinfo as well`,
      means: 'The host hears of what the container mounts.',
      look: 'README, “Peers”',
    });
  }),
);

task('proc', t =>
  withRootfs(t, async rootfs => {
    const box = await t.start();
    await t.call('ownMounts', box);
    await t.call('mountProc', box, rootfs);
    const { path, mount } = find(box, `${rootfs}/proc`);
    const pid = box.reference.pid;
    t.ok(mount?.type === 'proc' && box.exists(`${path}/${pid}/status`), {
      did: `called ownMounts(box) and mountProc(box, '${rootfs}')`,
      kernel: mount ? line(mount) : `nothing is mounted on ${path}, and there is no ${path}/${pid}`,
      means: 'Inside, /proc would be an empty folder: ps lists nobody, and mount cannot say what is mounted.',
      look: 'README, “What every program expects” · proc(5)',
    });
    // Not only the right name: it must speak of this very process.
    t.ok(box.read(`${path}/${pid}/mountinfo`).includes(` ${path} `), {
      did: `called mountProc(box, '${rootfs}'), and read in it what process ${pid} has mounted`,
      kernel: `${path}/${pid}/mountinfo does not list ${path}`,
      means: 'This is not the kernel’s view of the processes that run here.',
      look: 'README, “What every program expects”',
    });
    noPrograms(t, mount, `called mountProc(box, '${rootfs}')`);
  }),
);

task('sys', t =>
  withRootfs(t, async (rootfs, visitor) => {
    const box = await t.start();
    await t.call('ownMounts', box);
    await t.call('mountSys', box, rootfs);
    const { path, mount } = find(box, `${rootfs}/sys`);
    const did = `called ownMounts(box) and mountSys(box, '${rootfs}')`;
    t.ok(mount?.type === 'sysfs' && box.exists(`${path}/class/net/lo`), {
      did,
      kernel: mount ? line(mount) : `nothing is mounted on ${path}, and there is no ${path}/class`,
      means:
        'Inside, /sys would be empty, and programs would not find out what processors, disks and interfaces there are.',
      look: 'mountSys · README, “What every program expects” · sysfs(5)',
    });
    await enter(visitor, box);
    const answer = await attempt(visitor.mkdir(`${path}/${t.nonce()}`));
    t.is(answer.code, 'EROFS', {
      did: `${did}, and tried to make a folder in it`,
      kernel: `${answer.text}\n${mount ? line(mount) : ''}`,
      means:
        'It was refused, but not because the file system is read-only. Here the files’ owners stand in the way; where ' +
        'root in the container is root on the machine, nothing would: whoever writes in /sys takes processors and disks away.',
      look: 'mountSys · mount(2), MS_RDONLY',
      diagnosis: 'sys-writable',
    });
    noPrograms(t, mount, did);
  }),
);

/** On a mount of the kernel's there is no program to run, no device to open: its options say so. */
function noPrograms(t: Context, mount: Mount | undefined, did: string): void {
  const absent = ['nosuid', 'nodev', 'noexec'].filter(option => !mount?.options.includes(option));
  t.same(absent, [], {
    did: `${did}, and read the options of the mount`,
    kernel: `${mount ? line(mount) : ''}\nwithout ${absent.join(', ')}`,
    means:
      'It is mounted, and shows what it should. But no program and no device belongs there, and three flags say so.',
    look: 'README, “What every program expects” · mount(2), MS_NOSUID, MS_NODEV, MS_NOEXEC',
    diagnosis: 'flags-forgotten',
  });
}

/** null(4), full(4), random(4), tty(4) */
const numbers: Record<string, [number, number]> = {
  ...{ null: [1, 3], zero: [1, 5], full: [1, 7], random: [1, 8], urandom: [1, 9], tty: [5, 0] },
};

const links: Record<string, string> = {
  ...{ fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' },
};

task('devices', t =>
  withRootfs(t, async (rootfs, visitor) => {
    const box = await t.contain({ rootfs });
    const did = 'started a container, and looked at the files in its /dev';
    const look = 'README, “A /dev of its own” · null(4), random(4), tty(4)';
    for (const [name, [major, minor]] of Object.entries(numbers)) {
      const wanted = `character device ${major}, ${minor}`;
      const found = box.list('/dev').includes(name) ? kindOf(box, `/dev/${name}`) : 'missing';
      const means = 'Programs count on it by its name, and find something else, or nothing.';
      t.is(found, wanted, { did, kernel: `/dev/${name}: ${found}, not a ${wanted}`, means, look });
    }

    await enter(visitor, box);
    const text = t.nonce('lost');
    const answers = {
      'a write to /dev/null': await onFile(visitor, '/dev/null', fd => visitor.write(fd, text)),
      'a read of /dev/null': await onFile(visitor, '/dev/null', fd => visitor.read(fd, 16)),
      'a read of /dev/zero': await onFile(visitor, '/dev/zero', fd => visitor.read(fd, 16)),
      'a write to /dev/full': await onFile(visitor, '/dev/full', fd => visitor.write(fd, text)),
      'a read of /dev/random': await onFile(visitor, '/dev/random', fd => visitor.read(fd, 16)),
      'a read of /dev/urandom': await onFile(visitor, '/dev/urandom', fd => visitor.read(fd, 16)),
    };
    const wanted: Record<string, (value: unknown, code: string | null) => boolean> = {
      'a write to /dev/null': value => value === text.length,
      'a read of /dev/null': value => value instanceof Uint8Array && value.length === 0,
      'a read of /dev/zero': value =>
        value instanceof Uint8Array && value.length === 16 && value.every(byte => byte === 0),
      'a write to /dev/full': (_, code) => code === 'ENOSPC',
      'a read of /dev/random': value => value instanceof Uint8Array && new Set(value).size > 4,
      'a read of /dev/urandom': value => value instanceof Uint8Array && new Set(value).size > 4,
    };
    for (const [what, { value, code, text: kernel }] of Object.entries(answers)) {
      t.ok(wanted[what]?.(value, code), {
        did: `${did}; then tried ${what}`,
        kernel,
        means: 'It has the right number, and does not do what this device does.',
        look,
      });
    }
    for (const [name, target] of Object.entries(links)) {
      const { value, text: kernel } = await attempt(visitor.readlink(`/dev/${name}`));
      const means = 'Shells and scripts count on this link: `cmd < /dev/stdin`, `diff <(a) <(b)`.';
      t.is(value, target, { did, kernel, means, look: 'deviceLinks' });
    }
    const descriptors = await attempt(visitor.open('/dev/fd', O.DIRECTORY));
    t.is(descriptors.code, null, {
      did: `${did}; then opened /dev/fd, which leads to /proc/self/fd`,
      kernel: descriptors.text,
      means: 'The link is right, but there is no /proc in the container for it to lead to.',
      look: 'populate() and contain()',
    });
  }),
);

task('hardware', t =>
  withRootfs(t, async rootfs => {
    const box = await t.contain({ rootfs });
    const names = box.list('/dev');
    const did = 'started a container, and compared its /dev with the host’s';
    const look = 'README, “A /dev of its own”';
    const { mount } = find(box, '/dev');
    const hosts = t.host.mounts().findLast(each => each.mountPoint === '/dev');
    t.ok(mount && mount.device !== hosts?.device, {
      did,
      kernel: `${mount ? withDevice(mount) : 'nothing is mounted on /dev'}\nthe host’s: ${hosts ? withDevice(hosts) : 'none'}`,
      means: mount
        ? 'The container has the very /dev of the host: every disk, the kernel’s log, each terminal that somebody works at.'
        : 'Without a file system of its own on /dev, device files would be made in the image.',
      look,
    });
    // An empty /dev has no disks either.
    t.ok(names.includes('null') && box.lstat('/dev/null').isCharacterDevice(), {
      did,
      kernel: `/dev has ${names.join(', ') || 'nothing'}`,
      means: 'It is too early to say what should not be there: the six devices that should are not there yet.',
      look,
    });
    const foreign = names.filter(name => !/^(pts|shm|ptmx)$/.test(name) && !(name in numbers) && !(name in links));
    const disks = names.filter(name => box.lstat(`/dev/${name}`).isBlockDevice());
    t.same([...disks, ...foreign.filter(name => t.host.exists(`/dev/${name}`))], [], {
      did,
      kernel: foreign.map(name => `/dev/${name}: ${kindOf(box, `/dev/${name}`)}`).join('\n'),
      means: 'Whoever can open a device speaks with its driver, past all files and namespaces.',
      look,
    });
  }),
);

task('terminal', t =>
  withRootfs(t, async (rootfs, visitor) => {
    const before = t.host.list('/dev/pts');
    const box = await t.contain({ rootfs });
    const { mount } = find(box, '/dev/pts');
    const hosts = t.host.mounts().findLast(each => each.mountPoint === '/dev/pts');
    const did = 'started a container, and looked for its terminals';
    const look = 'README, “Terminals” · pts(4), devpts in mount(8)';
    t.is(mount?.type, 'devpts', {
      did,
      kernel: `/dev has ${box.list('/dev').join(', ') || 'nothing'}\nnothing of type devpts is mounted on /dev/pts`,
      means: 'A program that wants a terminal (script, ssh, tmux, or a shell that you attach to) cannot have one.',
      look,
      diagnosis: 'pts-missing',
    });
    t.ok(mount && mount.device !== hosts?.device, {
      did,
      kernel: `${mount && withDevice(mount)}\nthe host’s: ${hosts && withDevice(hosts)}`,
      means:
        'It is the host’s devpts, the same file system mounted once more: the container finds everybody’s terminals in it, and ' +
        'root inside can type into them.',
      look,
      diagnosis: 'pts-of-the-host',
    });
    const mode = (box.lstat('/dev/pts/ptmx').mode & 0o777).toString(8).padStart(3, '0');
    t.is(mode, '666', {
      did,
      kernel: `/dev/pts/ptmx has the mode ${mode}`,
      means: 'Root can open it, being root. Everybody else who asks for a terminal is turned away.',
      look: `${look}: ptmxmode`,
      diagnosis: 'ptmx-closed',
    });

    await enter(visitor, box);
    const opened = await attempt(visitor.open('/dev/ptmx', O.RDWR | O.NOCTTY));
    t.ok(opened.value, { did: `${did}; then opened /dev/ptmx`, kernel: opened.text, means: noTerminal, look });
    const master = Number(opened.value);
    const number = Buffer.alloc(4);
    // ioctl_tty(2): TIOCSPTLCK, unlock; TIOCGPTN, which one.
    await attempt(visitor.syscall('ioctl', master, 0x40045431, Buffer.alloc(4)));
    const asked = await attempt(visitor.syscall('ioctl', master, 0x80045430, into(number)));
    t.is(asked.code, null, { did: `${did}; then opened /dev/ptmx`, kernel: asked.text, means: noTerminal, look });
    const name = `/dev/pts/${number.readInt32LE()}`;
    const added = t.host.list('/dev/pts').filter(each => !before.includes(each));
    const slave = await attempt(visitor.open(name, O.RDWR | O.NOCTTY));
    t.ok(slave.value && added.length === 0, {
      did: `${did}; then opened /dev/ptmx, and the terminal ${name} that it made`,
      kernel: `/dev/ptmx made ${name}\n${slave.value ? `opened ${name}` : slave.text}${added.length > 0 ? `\non the host there is now /dev/pts/${added}` : ''}`,
      means:
        'The terminal was made on the host. A ptmx makes terminals in the devpts that it belongs to, and this one is the ' +
        'host’s: the container needs the one that came with its own.',
      look: `${look} · deviceLinks`,
      diagnosis: 'ptmx-of-the-host',
    });
    const text = `${t.nonce('typed')}\n`;
    await visitor.write(master, text);
    const got = await attempt(visitor.read(Number(slave.value), 64));
    t.is(String(got.value), text, {
      did: `opened a terminal in the container, typed ${JSON.stringify(text)} at one end, and read at the other`,
      kernel: got.text,
      means: noTerminal,
      look,
    });
  }),
);

const noTerminal = 'The two ends of a terminal, /dev/ptmx and a file in /dev/pts, do not belong together.';

task('shared-memory', t =>
  withRootfs(t, async (rootfs, visitor) => {
    const [mine, hosts] = [`/dev/shm/${t.nonce('box')}`, `/dev/shm/${t.nonce('host')}`];
    const box = await t.contain({ rootfs });
    const { mount } = find(box, '/dev/shm');
    const did = 'started a container, and looked at its /dev/shm';
    const look = 'README, “A /dev of its own” · shm_overview(7)';
    t.is(mount?.type, 'tmpfs', {
      did,
      kernel: mount
        ? line(mount)
        : `nothing is mounted on /dev/shm${box.exists('/dev/shm') ? ', it is a folder of /dev' : ''}`,
      means: box.exists('/dev/shm')
        ? 'A folder in another file system: whoever fills it fills /dev, and it has the mode that mkdir(2) gave it, less the umask.'
        : 'shm_open(3) makes its files there: databases and browsers, which share memory among their processes, fail to start.',
      look,
      diagnosis: 'shm-missing',
    });
    const { mode } = box.lstat('/dev/shm');
    t.is(mode & 0o7777, 0o1777, {
      did,
      kernel: `its mode is ${(mode & 0o7777).toString(8)}`,
      means: 'Anybody must be able to make files there, and nobody to remove another’s: 1777, as in /tmp.',
      look,
      diagnosis: 'shm-mode',
    });
    await visitor.close(await visitor.open(hosts, O.CREAT | O.EXCL | O.WRONLY, 0o600));
    const seen = box.exists(hosts);
    await visitor.unlink(hosts);
    t.ok(!seen, {
      did: `made ${hosts} on the host, and looked for it in the container`,
      kernel: `${hosts} is there\n${mount && line(mount)}`,
      means: 'It is the host’s: whatever programs of the host share among themselves, the container shares.',
      look,
      diagnosis: 'shm-of-the-host',
    });
    await enter(visitor, box);
    const made = await attempt(visitor.open(mine, O.CREAT | O.EXCL | O.RDWR, 0o600));
    t.ok(made.value && box.exists(mine) && !t.host.exists(mine), {
      did: `made ${mine} in the container`,
      kernel: made.text,
      means: 'A file can be made there by nobody, or it appears on the host.',
      look,
    });
  }),
);

task('host-kept', t =>
  withRootfs(t, async rootfs => {
    const before = t.host.mounts();
    const box = await t.contain({ rootfs });
    const after = t.host.mounts();
    box.status();
    const added = after.filter(mount => !before.some(each => each.id === mount.id));
    // The host's mounts are all shared when it starts, as on any machine that systemd has started.
    const cutOff = after.filter(mount => mount.shared === null && !added.includes(mount));
    const lost = before.filter(mount => !after.some(each => each.id === mount.id));
    const said = [
      ...added.map(mount => `new: ${line(mount)}`),
      ...lost.map(mount => `gone: ${line(mount)}`),
      ...cutOff.map(mount => `no longer shared: ${mount.mountPoint}`),
    ];
    t.is(said.length, 0, {
      did: 'read the host’s mountinfo, started a container, and read it again',
      kernel: [...said.slice(0, 4), ...(said.length > 4 ? [`and ${said.length - 4} more`] : [])].join('\n'),
      means:
        added.length > 0
          ? 'What was to be mounted for the container was mounted on the host as well, and stays there when the container has ended.'
          : 'Starting a container has changed how the host mounts.',
      look: 'README, “Peers”',
    });
  }),
);

/** The mount at a path of the host, or at what that path is for a process with another root. */
function find(box: Box, path: string): { path: string; mount: Mount | undefined } {
  return { path, mount: box.mounts().findLast(mount => mount.mountPoint === path) };
}

/** `proc on /proc (nosuid,nodev)`, as mount(8) has it. */
const line = ({ type, mountPoint, options, source }: Mount) =>
  `${source} on ${mountPoint} type ${type} (${options.join(',')})`;

/** With the file system’s number: two mounts that have the same one show the same file system. */
const withDevice = (mount: Mount) => `file system ${mount.device}: ${line(mount)}`;

/** `/run shared:34`, as mountinfo has it. */
const peers = ({ mountPoint, shared, master }: Mount) =>
  [mountPoint, shared && `shared:${shared}`, master && `master:${master}`].filter(Boolean).join(' ');

function kindOf(box: Box, path: string): string {
  const { mode, rdev, size } = box.lstat(path);
  const number = `${(rdev >> 8) & 0xfff}, ${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`;
  switch (mode & S.IFMT) {
    case S.IFCHR:
      return `character device ${number}`;
    case S.IFBLK:
      return `block device ${number}`;
    case S.IFREG:
      return `a plain file of ${size} bytes`;
    case S.IFDIR:
      return 'a folder';
    default:
      return 'a link, or something else';
  }
}

/** With one list of mounts for both, there is no inside. */
function requireNamespace(t: Context, box: Box, did: string): void {
  t.ok(box.namespaces().mnt !== t.host.namespaces().mnt, {
    did,
    kernel: t.compareNamespace(box, 'mnt'),
    means: 'There is nothing to cut off yet: first the process needs a list of mounts of its own.',
    look: 'TODO 1 first',
  });
}

interface Answer<T> {
  value: T | undefined;
  code: string | null;
  text: string;
}

/** What the kernel answered, be it a refusal. */
async function attempt<T>(call: Promise<T>, what = ''): Promise<Answer<T>> {
  try {
    const value = await call;
    const said =
      value instanceof Uint8Array ? (value.length > 0 ? `bytes ${value.join(' ')}` : 'the end of the file') : value;
    return { value, code: null, text: `${what}${said}` };
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return { value: undefined, code: error.code, text: error.message };
  }
}

async function onFile<T>(visitor: Process, path: string, use: (fd: number) => Promise<T>): Promise<Answer<T | number>> {
  const opened = await attempt(visitor.open(path, O.RDWR));
  if (opened.value === undefined) return opened;
  const answer = await attempt(use(opened.value), `${path}: `);
  await visitor.close(opened.value);
  return answer;
}

/** A process of ours on the host, and a rootfs for this task alone: what a wrong container leaves on it is nobody else's trouble. */
async function withRootfs(t: Context, use: (rootfs: string, visitor: Process) => Promise<void>): Promise<void> {
  const visitor = await t.session.sandbox.join({ stdio: ['ignore', 'ignore', 'ignore'] });
  // Six random letters, as mkdtemp(3) has: so that one cause is known for one, in whatever task it shows.
  const rootfs = `/run/boxwright/${t.nonce('rootfs').slice(0, -2)}`;
  try {
    await visitor.together(() => {
      visitor.mkdir(rootfs);
      for (const name of ['bin', 'dev', 'mnt', 'proc', 'sys']) visitor.mkdir(`${rootfs}/${name}`);
      visitor.link(`${t.image}/bin/busybox`, `${rootfs}/bin/sleep`);
    });
    await use(rootfs, visitor);
  } finally {
    await visitor.end();
  }
}

/** Our process gets the container's mounts and its root. */
async function enter(visitor: Process, box: Box): Promise<void> {
  box.status();
  const folder = `/proc/${box.reference.pid}`;
  const root = await visitor.open(`${folder}/root`, O.DIRECTORY);
  await visitor.setns(await visitor.open(`${folder}/ns/mnt`), CLONE.NEWNS);
  await visitor.fchdir(root);
  await visitor.chroot('.');
}

/** The mount that the solution makes at a folder of the rootfs, whether it did or not. */
const mountsAt = (trace: TraceLine[], folder: string) =>
  trace.filter(call => call.name === 'mount' && new RegExp(`^mount\\([^,]*, "[^"]*${folder}",`).test(call.text));

/** That changes how mounts spread, and mounts nothing. */
const isPropagation = (call: TraceLine) =>
  call.name === 'mount' && /MS_(PRIVATE|SLAVE|SHARED|UNBINDABLE)/.test(call.text);

diagnosis('propagation-of-a-folder', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mount' &&
    failed.code === 'EINVAL' &&
    /MS_(PRIVATE|SLAVE)/.test(failed.call ?? '') && {
      means:
        'Whether events spread is a property of a mount, and this path is a folder on which nothing is mounted. Which mount ' +
        'are all the others below?',
      look: 'README, “Peers” · mount(2), ERRORS: EINVAL, MS_PRIVATE',
    }
  );
});

diagnosis('mknod-refused', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mknodat' &&
    failed.code === 'EPERM' && {
      means:
        'Whoever can make device files can make one for the disk, and read everything on it. So the kernel asks for root on ' +
        'the whole machine, and you are root in the workshop’s copy of it: in a user namespace, which is lesson 09. Rootless ' +
        'containers are in the same place. They do not make a device, they mount the one that the host has.',
      look: 'README, “A /dev of its own” · mknod(2), ERRORS: EPERM',
    }
  );
});

diagnosis('not-a-file-to-mount-on', ({ error }) => {
  const failed = error?.error;
  if (failed?.syscall !== 'mount' || !/^mount\("\/dev\/\w+", "[^"]+\/dev\/\w+"/.test(failed.call ?? '')) return null;
  const known: Record<string, string> = {
    ENOENT: 'There is nothing to mount on: the tmpfs on /dev is empty, and mount(2) makes no files.',
    ENOTDIR: 'What you have made to mount on is a folder. A device is a file, and goes on a file.',
  };
  const means = known[failed.code ?? ''];
  return means !== undefined && { means, look: `README, “Mounted on what?” · mount(2), ERRORS: ${failed.code}` };
});

diagnosis('flag-forgotten', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mount' &&
    failed.code === 'EINVAL' &&
    /, NULL, (0|MS_REC), /.test(failed.call ?? '') && {
      means:
        'No type, and no flag that says what to do: the kernel takes this for a new file system, and does not know of which type. ' +
        'Showing in a second place what is there already, and changing how a mount spreads, are both said by a flag. The data, ' +
        'last in the call, is for the file system alone.',
      look: 'README, “A list of mounts” · mount(2), DESCRIPTION: the kinds of operation',
    }
  );
});

diagnosis('user-namespace-too', ({ error, find }) => {
  const unshare = find('unshare', /CLONE_NEWUSER/);
  return (
    error?.error?.code === 'EPERM' &&
    unshare?.result === 0 && {
      kernel: `${unshare.text}\n${error.error.call} = -1 EPERM (Operation not permitted)`,
      means:
        'A user namespace was made as well, and in a new one this process is nobody in particular, with power over no process and ' +
        'no network there is. It is not needed here: you are root already. Lesson 09 makes one, and gives it what it lacks.',
      look: 'user_namespaces(7)',
    }
  );
});

diagnosis('no-such-type', ({ error }) => {
  const failed = error?.error;
  if (failed?.syscall !== 'mount' || failed.code !== 'ENODEV') return null;
  const type = /^mount\([^,]*, "[^"]*", "([^"]*)"/.exec(failed.call ?? '')?.[1];
  return {
    means:
      type === 'bind'
        ? '`bind` is no file system. mount(8) takes it for one on its command line; for the kernel it is a flag.'
        : `The kernel knows no file system of the type ${type}. The types are proc, sysfs, tmpfs and devpts; /proc/filesystems lists all.`,
    look: 'mount(2), ERRORS: ENODEV',
  };
});

diagnosis('id-not-mapped', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'mount' &&
    failed.code === 'EINVAL' &&
    /"devpts".*[ug]id=/.test(failed.call ?? '') && {
      means:
        'Terminals shall belong to a group (or user) that does not exist here: the workshop runs as an ordinary user, who has ' +
        'one id and no others. Leave that option out.',
      look: 'mount(8), devpts · user_namespaces(7)',
    }
  );
});

diagnosis('host-path-after-chroot', ({ error, find }) => {
  const failed = error?.error;
  const chroot = find('chroot');
  return (
    failed?.code === 'ENOENT' &&
    ['mount', 'symlinkat', 'mknodat', 'mkdirat'].includes(failed.syscall ?? '') &&
    chroot?.result === 0 && {
      kernel: `${chroot.text}\n${failed.call} = -1 ENOENT (No such file or directory)`,
      means:
        'The root has been entered, and from then on every path begins there: this one is the host’s name for a folder ' +
        'that now goes by another. Besides, the host’s devices are out of reach by then. Mount first, enter afterwards.',
      look: 'README, “In which order” · lesson 02',
    }
  );
});

diagnosis(
  'wrong-namespace',
  ({ find }) => {
    const unshare = find('unshare');
    return (
      unshare?.result === 0 &&
      !unshare.text.includes('CLONE_NEWNS') && {
        kernel: unshare.text,
        means:
          'Something was unshared, but not the list of mounts. That flag’s name is older than the idea of other namespaces.',
        look: 'README, “A copy of the list” · unshare(2)',
      }
    );
  },
  ['own-namespace'],
);

diagnosis(
  'slave',
  ({ find, feedback }) => {
    const slave = find('mount', /MS_SLAVE/);
    return (
      slave?.result === 0 &&
      feedback.kernel.includes('master:') && {
        kernel: `${slave.text}\n${feedback.kernel}`,
        means:
          'Cut off in one direction only. The host hears nothing more from the container, but each of these mounts has a master ' +
          'on the host, and whatever is mounted there appears in the container too. Some want that (a disk that is plugged in ' +
          'later); this container is to keep what it had when it started.',
        look: 'mount_namespaces(7), MS_SLAVE',
      }
    );
  },
  ['private'],
);

diagnosis(
  'not-recursive',
  ({ find, feedback }) => {
    const made = find('mount', /MS_PRIVATE/);
    return (
      made?.result === 0 &&
      !made.text.includes('MS_REC') &&
      feedback.kernel.includes('shared:') && {
        kernel: `${made.text}\nstill shared: ${feedback.kernel.replaceAll('\n', '\n              ')}`,
        means:
          'That changed one mount, the one on `/`. Each of those below it has a group of peers of its own, and /run, where ' +
          'your container’s root lies, is one of them.',
        look: 'mount(2), MS_REC',
      }
    );
  },
  ['private'],
);

diagnosis(
  'still-shared',
  ({ trace, find }) =>
    find('unshare', /CLONE_NEWNS/)?.result === 0 &&
    !trace.some(isPropagation) && {
      means:
        'unshare copied the host’s list, and each copy became a peer of its original: what is mounted below one of them appears ' +
        'below the other as well. A namespace keeps lists apart; whether the mounts in them hear of each other is another question.',
    },
  ['private'],
);

diagnosis(
  'private-too-early',
  ({ trace, index }) => {
    const early = trace.find(isPropagation);
    const unshare = index('unshare');
    if (!early || unshare < 0 || trace.indexOf(early) > unshare) return null;
    return {
      kernel: `${early.text}    while in the host’s mount namespace\n${trace[unshare]?.text}    afterwards`,
      means:
        'The order is wrong: the host’s own mounts were made private, and then copied. The container is cut off, but so is the ' +
        'host from everybody else on it, and will stay so. Take the copy first, and change the copy.',
      look: 'README, “Peers”',
    };
  },
  ['host-kept'],
);

diagnosis(
  'mounted-before-unshare',
  ({ trace, index }) => {
    const first = trace.findIndex(call => call.name === 'mount' && !isPropagation(call));
    const unshare = index('unshare', /CLONE_NEWNS/);
    if (first < 0 || unshare < first) return null;
    return {
      kernel: `${trace[first]?.text}    while in the host’s mount namespace\n…\n${trace[unshare]?.text}`,
      means:
        'The order is wrong: it was mounted on the host, and the namespace that was made afterwards is a copy of the host ' +
        'as it was by then. Looked at from inside, all is well; but the mounts are the host’s, and outlast the container.',
      look: 'README, “In which order”',
    };
  },
  ['host-kept'],
);

diagnosis(
  'mounted-on-the-host-path',
  ({ trace, task, find }) => {
    const target = task === 'proc' ? '/proc' : '/sys';
    const made = find('mount', new RegExp(`^mount\\([^,]*, "${target}",`));
    return (
      made?.result === 0 &&
      !trace.some(call => call.name === 'chroot') && {
        kernel: made.text,
        means:
          `It was mounted, on the host’s ${target}: the container’s root has not been entered when this function runs, so that a ` +
          'path with `/` in front is a path of the host. In your own namespace that does no harm, and no good either.',
        look: 'README, “In which order” · the parameter rootfs',
      }
    );
  },
  ['proc', 'sys'],
);

diagnosis(
  'bind-ignores-rdonly',
  ({ trace }) => {
    const made = mountsAt(trace, '/sys').find(call => call.result === 0 && call.text.includes('MS_BIND'));
    return (
      made?.text.includes('MS_RDONLY') && {
        kernel: made.text,
        means:
          'The call succeeded, and MS_RDONLY was not heard: a bind mount takes the flags of what it shows, and mount(2) ignores ' +
          'all others in that call. It would take a second call, a remount. Or a new sysfs, which does hear it.',
        look: 'mount(2), “Creating a bind mount”: ‘the remaining bits in mountflags are also ignored’',
      }
    );
  },
  ['sys'],
);

diagnosis(
  'sys-writable',
  ({ trace, feedback }) => {
    const made = mountsAt(trace, '/sys').find(call => call.result === 0);
    return (
      made &&
      !made.text.includes('MS_RDONLY') && {
        kernel: `${made.text}\n${feedback.kernel}`,
      }
    );
  },
  ['sys'],
);

diagnosis(
  'bound-to-itself',
  ({ trace }) => {
    const itself = trace.find(call => call.result === 0 && /^mount\("(\/[^"]+)", "\1"/.test(call.text));
    return (
      itself?.text.includes('MS_BIND') && {
        kernel: `${trace.find(call => call.name === 'chroot')?.text ?? ''}\n${itself.text}`.trim(),
        means:
          'Source and target are the same path, and so the same file: the empty one that you have made was mounted on itself. ' +
          'The host’s device has that name only as long as the container’s root has not been entered.',
        look: 'README, “In which order”',
      }
    );
  },
  ['devices'],
);

diagnosis(
  'dev-whole',
  ({ trace, feedback }) => {
    const whole = trace.find(call => /^mount\("\/dev\/?", .*MS_BIND/.test(call.text) && call.result === 0);
    return (
      whole && {
        kernel: `${whole.text}\n${feedback.kernel}`,
        means:
          'One call, and all devices are there: all of the host’s. Its disks can be read past every file’s owner, its kernel’s log, its ' +
          'terminals. A container gets a /dev of its own, and the few devices that can harm nobody.',
      }
    );
  },
  ['devices', 'hardware'],
);

diagnosis(
  'device-not-mounted',
  ({ trace, feedback }) =>
    feedback.kernel.includes('a plain file') &&
    !mountsAt(trace, '/dev/\\w+').some(call => call.text.includes('MS_BIND')) && {
      means:
        'An empty file with a famous name. What is written to this /dev/null stays in it, and whoever reads this /dev/zero is ' +
        'at its end at once. The file is there to be mounted on.',
    },
  ['devices'],
);

diagnosis('await-forgotten', ({ source, error }) => {
  // Within together() the calls are to stand without: what is indented below it is left out.
  const forgotten = source
    .replace(/^( *)\S.*\.together\([\s\S]*?^\1\}/gm, '')
    .split('\n')
    .find(each => /^\s*box\.(?!exited)\w+\(/.test(each))
    ?.trim();
  return (
    !error &&
    forgotten !== undefined && {
      means:
        `There is no \`await\` before \`${forgotten}\`: your function returns before the call has been made, and nobody hears when ` +
        'it fails.',
      look: `the line \`${forgotten}\``,
    }
  );
});
