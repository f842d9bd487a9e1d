// What must be true of lesson 09's container. Who a process or a file belongs to is read from outside, where the kernel says
// it in this machine's ids; the sandbox's host counts its own from `base` on.
import { readFileSync } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Evidence, type TraceLine, task } from '#check';
import { CLONE, O, type Process, SyscallError } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

/** Inside → on the host → how many. As OCI has it. */
interface Mapping {
  containerID: number;
  hostID: number;
  size: number;
}

task('root-inside', async t => {
  const spec = await someMappings(t);
  const box = await t.contain(spec.mappings);
  const did = `started a container${spec.did}`;
  requireOwnUsers(t, box, did);

  const { uids, gids, groups, capabilities } = box.status();
  const base = t.session.sandbox.base;
  t.same([uids.map(id => id - base), gids.map(id => id - base)], [Array(4).fill(spec.uid), Array(4).fill(spec.gid)], {
    did,
    kernel: `from outside, the command runs as ${who(t, box)}; it should as user ${spec.uid}, group ${spec.gid}`,
    means: 'The process inside is not the one that the maps make of root, of uid 0 and gid 0.',
    look: 'user_namespaces(7)',
  });
  const inside = [idInside(box, 'uid', uids[1] ?? -1), idInside(box, 'gid', gids[1] ?? -1)];
  t.same(inside, [0, 0], {
    did,
    kernel: `uid and gid inside are ${inside.map(id => id ?? '65534, which stands for nobody in the map').join(' and ')}`,
    means: 'It is not root in its container.',
    look: 'user_namespaces(7)',
  });
  const denied = readFileSync(`/proc/${box.pid}/setgroups`, 'utf8').startsWith('deny');
  t.same(denied ? [] : groups, [], {
    did: `${did}, by a process that is in the host’s group 0 as well, as root is`,
    kernel: `Groups: ${groups.map(id => id - base).join(' ')}`,
    means: 'The command is still in a group of the host’s, and may do all that this group may.',
    look: 'setgroups(2)',
    diagnosis: 'groups-kept',
  });
  const [CAP_CHOWN, CAP_SYS_ADMIN] = [0n, 21n];
  t.ok(
    [CAP_CHOWN, CAP_SYS_ADMIN].every(bit => (capabilities.effective >> bit) & 1n),
    {
      did,
      kernel: `CapEff: ${capabilities.effective.toString(16)}`,
      means: 'Root has lost its rights over its own container: it can neither mount nor give a file to somebody.',
      look: 'capabilities(7)',
    },
  );
});

task('maps', async t => {
  const [uidMappings, gidMappings] = [ranges(), ranges()];
  const box = await t.contain({ uidMappings, gidMappings });
  requireOwnUsers(t, box, 'started a container with three ranges of users and three of groups');
  for (const [kind, wanted] of [['uid', uidMappings] as const, ['gid', gidMappings] as const]) {
    const found = readMap(t, box, kind);
    t.same(found, wanted, {
      did: `started a container with ${kind}Mappings: ${wanted.map(text).join(', ')}`,
      kernel: `/proc/PID/${kind}_map: ${found.map(text).join(', ') || 'nothing'}`,
      means:
        found.length === 1 && found[0]?.size === 1
          ? 'One id has a meaning in this container, and there is no other: no file can belong to anybody but root.'
          : 'These are not the ids that were asked for. Id inside, id on the host, how many: that is the order in the file.',
      ...(found.length === 1 && found[0]?.size === 1 && { diagnosis: 'one-id-only' }),
      look: 'user_namespaces(7), “User and group ID mappings”',
    });
  }
});

task('usual', async t => {
  const box = await t.contain();
  requireOwnUsers(t, box, 'started a container, and asked for no particular ids');
  const size = (kind: Kind) => readMap(t, box, kind).reduce((sum, each) => sum + each.size, 0);
  const zero = [...readMap(t, box, 'uid'), ...readMap(t, box, 'gid')].filter(each => each.hostID < 1000);
  t.ok(zero.length === 0 && size('uid') >= 65_536 && size('gid') >= 65_536, {
    did: 'started a container, and asked for no particular ids',
    kernel: `uid_map: ${readMap(t, box, 'uid').map(text).join(', ')}\ngid_map: ${readMap(t, box, 'gid').map(text).join(', ')}`,
    means: 'An image has files of up to 65,536 users, and none of them shall be anybody on the host.',
    look: 'usualMappings()',
  });
});

task('host-file', async t => {
  const folder = `/run/boxwright/${t.nonce('vault')}`;
  const writes: Record<string, (visitor: Process, at: string) => Promise<unknown>> = {
    'open(secret, O_RDONLY)': (visitor, at) => visitor.open(`${at}/secret`),
    'open(public, O_WRONLY)': (visitor, at) => visitor.open(`${at}/public`, O.WRONLY),
    'chmod(public, 0666)': (visitor, at) => visitor.chmod(`${at}/public`, 0o666),
    'unlink(public)': (visitor, at) => visitor.unlink(`${at}/public`),
  };
  const made = `${t.nonce('new')}`;
  await onHost(t, async visitor => {
    await visitor.syscall('umask', 0);
    await visitor.mkdir(folder, 0o755);
    await visitor.mkdir(`${folder}/open`, 0o777);
    for (const [name, mode] of [['secret', 0o600] as const, ['public', 0o644] as const]) {
      const fd = await visitor.open(`${folder}/${name}`, O.WRONLY | O.CREAT, mode);
      await visitor.write(fd, name);
    }
  });
  const spec = await someMappings(t);
  const box = await t.contain(spec.mappings);
  await t.bind(box, folder, '/mnt');
  const did = `mounted a folder of the host’s root in a container, at /mnt; then tried there what root may do`;
  t.ok(box.exists('/mnt/public'), {
    did,
    kernel: 'there is no /mnt/public in the container',
    means: 'The mount has not arrived.',
  });

  const answers = await enter(t, box, async visitor => {
    const results: string[] = [];
    for (const attempt of Object.values(writes)) results.push(await answer(attempt(visitor, '/mnt')));
    await answer(visitor.mknod(`/mnt/open/${made}`));
    return results;
  });
  const kernel = Object.keys(writes)
    .map((name, i) => `${name} = ${answers[i]}`)
    .join('\n');
  t.ok(
    answers.every(each => ['EACCES', 'EPERM'].includes(each)),
    {
      did,
      kernel,
      means: 'The container’s root is the host’s root wherever it meets a file of the host.',
      look: 'README, “A number that means two things”',
    },
  );
  const { uid, gid } = t.host.stat(`${folder}/open/${made}`);
  const base = t.session.sandbox.base;
  t.same([uid - base, gid - base], [spec.uid, spec.gid], {
    did: `${did}; and made a file in /mnt/open, where everybody may`,
    kernel: `on the host it belongs to user ${uid - base}, group ${gid - base}; root inside is ${spec.uid}, ${spec.gid} there`,
    means: 'What the container makes does not belong to the user that its root is on the host.',
    look: 'user_namespaces(7)',
  });
});

task('namespaces', async t => {
  const box = await t.contain();
  const did = 'started a container, and asked the kernel which user namespace owns each of its namespaces';
  requireOwnUsers(t, box, did);
  const user = box.namespaces().user;
  const foreign = await onHost(t, async visitor => {
    const found: string[] = [];
    for (const kind of ['mnt', 'uts', 'ipc', 'pid']) {
      const fd = await visitor.open(`/proc/${pidOf(box)}/ns/${kind}`);
      // ioctl_nsfs(2), NS_GET_USERNS
      const owner = await visitor.readlink(`/proc/self/fd/${await visitor.syscall('ioctl', fd, 0xb701)}`);
      if (owner !== `user:[${user}]`) found.push(`${kind}: owned by ${owner}, the command is in user:[${user}]`);
    }
    return found;
  });
  t.is(foreign.length, 0, {
    did,
    kernel: foreign.join('\n'),
    means: 'Root inside has no say over these: it can mount nothing there, nor set a name. They are the host’s root’s.',
    look: 'README, “Whose namespace?” · user_namespaces(7), “Interaction of user namespaces and other types of namespaces”',
  });
});

task('oneself', async t => {
  const place = await prepare(t, 7);
  const user = await t.asUser({ gid: place.gid });
  const box = await user.contain(place.spec);
  const did = `as user ${t.user}, group ${place.gid}, without privilege and with no way to any, started a container`;
  requireOwnUsers(t, box, did);

  const maps = [readMap(t, box, 'uid'), readMap(t, box, 'gid')];
  const setgroups = readFileSync(`/proc/${box.pid}/setgroups`, 'utf8').trim();
  const only = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
  t.same([...maps, setgroups], [only(t.user), only(place.gid), 'deny'], {
    did,
    kernel: `uid_map: ${maps[0]?.map(text)}; gid_map: ${maps[1]?.map(text)}; setgroups: ${setgroups}`,
    means:
      'Without privilege there is one map: root inside is this user and this group outside, and setgroups is denied.',
    look: 'README, “Anybody’s container”',
  });
  requireRunning(t, box, did);
});

task('ranges', async t => {
  const place = await prepare(t);
  const [start, count] = [150_000 + Math.floor(Math.random() * 1000), 65_536];
  const { path: programs, restore } = await grant(t, place.name, start, count);
  try {
    const user = await t.asUser({ gid: place.gid, setuid: true, path: programs });
    const box = await user.contain(place.spec);
    const did = `granted user ${t.user} the ids from ${start} on in /etc/subuid and /etc/subgid, and started a container as that user`;
    requireOwnUsers(t, box, did);
    const wanted = (own: number) => [
      { containerID: 0, hostID: own, size: 1 },
      { containerID: 1, hostID: start, size: count },
    ];
    const maps = [readMap(t, box, 'uid'), readMap(t, box, 'gid')];
    t.same(maps, [wanted(t.user), wanted(place.gid)], {
      did,
      kernel: `uid_map: ${maps[0]?.map(text).join(', ')}; gid_map: ${maps[1]?.map(text).join(', ')}`,
      means: 'The container does not have the ids that were granted.',
      look: 'newuidmap(1), newgidmap(1)',
    });
    requireRunning(t, box, did);

    const path = `/etc/${t.nonce('file')}`;
    const given = await enter(t, box, visitor =>
      answer(visitor.mknod(path).then(() => visitor.chown(path, 1000, 2000))),
    );
    const base = t.session.sandbox.base;
    const owner = box.exists(path) ? [box.stat(path).uid - base, box.stat(path).gid - base] : [];
    t.same([given, ...owner], ['OK', start + 999, start + 1999], {
      did: `${did}; in it gave a file to user 1000 and group 2000`,
      kernel: `chown = ${given}; from outside the file belongs to ${owner.join(', ') || 'nobody, it is not there'}`,
      means: 'The users of the container are not those that the map makes of them.',
      look: 'user_namespaces(7)',
    });
    box.kill();
    t.ok(await t.until(() => t.host.list(place.spec.containers).length === 0), {
      did: `${did}; in it gave a file to another user, and ended it`,
      kernel: `still there: ${t.host.list(place.spec.containers).join(', ')}`,
      means: 'The container’s folder was not removed: this user may not touch what belongs to one of the granted ids.',
      look: 'removeFolder()',
    });
  } finally {
    await restore();
  }
});

task('owners', async t => {
  const layer = await makeLayer(t);
  const [first, second] = [ranges(), ranges()];
  const boxes: [Box, Mapping[]][] = [];
  for (const mappings of [first, second]) {
    const spec = { layers: [t.image, layer.folder], uidMappings: mappings, gidMappings: mappings };
    boxes.push([await t.contain(spec), mappings]);
  }
  const base = t.session.sandbox.base;
  for (const [box, mappings] of boxes) {
    const did = `started two containers with different ids from one layer; this one with ${mappings.map(text).join(', ')}`;
    requireOwnUsers(t, box, did);
    const wrong = layer.files.flatMap(({ path, uid, gid }) => {
      const found = box.stat(path);
      const inside = [idInside(box, 'uid', found.uid), idInside(box, 'gid', found.gid)];
      return inside[0] === uid && inside[1] === gid
        ? []
        : `${path} belongs to ${uid}:${gid} in the layer, to ${inside.map(id => id ?? 'nobody').join(':')} inside`;
    });
    t.is(wrong.length, 0, {
      did,
      kernel: wrong.join('\n'),
      means:
        'The files of the image do not belong to whom they should: its users cannot work with them, not even its root.',
      look: 'README, “One image, many maps” · mount_setattr(2), “ID-mapped mounts”',
    });
    const { path } = layer.files[0] ?? { path: '' };
    const written = await enter(t, box, visitor => answer(visitor.open(path, O.WRONLY)));
    t.is(written, 'OK', {
      did: `${did}; then wrote to ${path}, which belongs to its root`,
      kernel: `open("${path}", O_WRONLY) = ${written}`,
      means: 'The container’s root cannot write to a file that belongs to it.',
      look: 'mount_setattr(2), “ID-mapped mounts”',
    });
  }
  const changed = layer.files.filter(({ path, uid, gid }) => {
    const now = t.host.stat(layer.folder + path);
    return now.uid - base !== uid || now.gid - base !== gid;
  });
  t.is(changed.length, 0, {
    did: 'started two containers with different ids from one layer, and looked at the layer afterwards',
    kernel: changed.map(({ path }) => `${path} has another owner`).join('\n'),
    means: 'The image itself was changed: the next container, with other ids, finds it in the wrong hands.',
    look: 'README, “One image, many maps”',
  });
});

task('any-folder', async t => {
  const root = `/tmp/${t.nonce('root')}`;
  const made = await t.host.run([
    'sh',
    '-ec',
    'mkdir "$1"; cd "$1"; mkdir bin proc sys dev etc; cp "$2"/bin/busybox bin/sleep',
    'sh',
    root,
    t.image,
  ]);
  t.ok(made.status === 0, { did: `made the folder ${root}`, kernel: made.stderr, means: 'It could not be made.' });
  const under = t.host.mounts().findLast(mount => root.startsWith(mount.mountPoint.replace(/\/?$/, '/')));
  if (under?.type !== 'overlay') t.skip(`wants an overlay at /tmp of the sandbox’s host, and there is ${under?.type}`);
  const box = await t.contain({ root, ...(await someMappings(t)).mappings });
  const did = `started a container with the root ${root}, on a file system (overlay) that cannot show files with other owners`;
  requireOwnUsers(t, box, did);
  const [found, wanted] = [box.root(), t.host.stat(root)];
  t.same([found.device, found.inode], [wanted.dev, wanted.ino], {
    did,
    kernel: `its root is ${found.path}, inode ${found.inode} of device ${found.device}`,
    means: 'The container has another root than the folder that it was given.',
    look: 'shiftLayers()',
  });
});

task('system', async t => {
  // Something that is mounted in the host's /sys, as control groups are.
  const inner = ['/sys/fs/cgroup', '/sys/kernel/debug', '/sys/fs/fuse'].find(path => t.host.exists(path)) ?? '/sys/fs';
  const host = await t.host.run(['mount', '-t', 'tmpfs', 'none', inner]);
  t.ok(host.status === 0, {
    did: `mounted a tmpfs at ${inner} on the host`,
    kernel: host.stderr,
    means: 'It was refused.',
  });
  try {
    const box = await t.contain({ maskedPaths: [], readonlyPaths: [] });
    const did = `mounted a file system at ${inner} on the host, and started a container`;
    requireOwnUsers(t, box, did);
    requireRunning(t, box, did);
    const sys = box.mounts().filter(mount => /^\/sys(\/|$)/.test(mount.mountPoint));
    t.is(sys[0]?.type, 'sysfs', {
      did,
      kernel: `at /sys: ${sys[0]?.type ?? 'no mount'}`,
      means: 'The kernel’s view of devices is missing.',
      look: 'sysfs(5)',
    });
    const answers = await enter(t, box, async visitor => [
      await answer(visitor.mkdir(`${inner}/${t.nonce('new')}`)),
      await answer(visitor.chmod('/sys', 0o700)),
    ]);
    t.same(
      [...sys.filter(mount => !mount.options.includes('ro')).map(mount => mount.mountPoint), ...answers],
      ['EROFS', answers[1] === 'EPERM' ? 'EPERM' : 'EROFS'],
      {
        did: `${did}; then made a folder in ${inner}, and changed the mode of /sys`,
        kernel: [
          `mkdir = ${answers[0]}, chmod = ${answers[1]}`,
          ...sys.map(each => `${each.mountPoint} ${each.options}`),
        ].join('\n'),
        means: '/sys, or what is mounted in it, can be written.',
        look: 'README, “A door that stays shut” · mount_setattr(2), AT_RECURSIVE',
      },
    );
  } finally {
    await t.host.run(['umount', inner]);
  }
});

type Kind = 'uid' | 'gid';

const between = (low: number) => low + Math.floor(Math.random() * 10_000);
const text = ({ containerID, hostID, size }: Mapping) => `${containerID} ${hostID} ${size}`;
const pidOf = (box: Box) => box.status().nsPids[1] ?? 0;

/** Three ranges that nobody has, in the order in which the kernel lists them. */
const ranges = (): Mapping[] => [
  { containerID: 0, hostID: between(70_000), size: 1 },
  { containerID: 1, hostID: between(90_000), size: 999 },
  { containerID: 1000, hostID: between(110_000), size: 60_000 },
];

/** Random ids where the sandbox has more than one; else the only one. */
async function someMappings(t: Context) {
  if (!(await t.facts()).root) return { mappings: {}, uid: 0, gid: 0, did: ', on a host with one user' };
  const [uid, gid] = [between(70_000), between(90_000)];
  const mappings = {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1000 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1000 }],
  };
  return { mappings, uid, gid, did: ` whose root is user ${uid} and group ${gid} of the host` };
}

/** The lines of a map, with the host's ids as the sandbox's host counts them. */
function readMap(t: Context, box: Box, kind: Kind): Mapping[] {
  return parseMap(box, kind).map(each => ({ ...each, hostID: each.hostID - t.session.sandbox.base }));
}

function parseMap(box: Box, kind: Kind): Mapping[] {
  const lines = readFileSync(`/proc/${box.pid}/${kind}_map`, 'utf8').split('\n').filter(Boolean);
  return lines.map(line => {
    const [containerID = -1, hostID = -1, size = 0] = line.trim().split(/\s+/).map(Number);
    return { containerID, hostID, size };
  });
}

/** What an id of this machine is called inside; null when nothing there stands for it. */
function idInside(box: Box, kind: Kind, id: number): number | null {
  const range = parseMap(box, kind).find(({ hostID, size }) => id >= hostID && id < hostID + size);
  return range ? range.containerID + id - range.hostID : null;
}

function who(t: Context, box: Box): string {
  const { uids, gids } = box.status();
  return `user ${(uids[1] ?? 0) - t.session.sandbox.base}, group ${(gids[1] ?? 0) - t.session.sandbox.base}`;
}

function requireOwnUsers(t: Context, box: Box, did: string): void {
  t.ok(box.namespaces().user !== t.host.namespaces().user, {
    did,
    kernel: `${t.compareNamespace(box, 'user')}; the command runs as ${who(t, box)}`,
    means: 'There is no user namespace: an id inside is the same id outside, and root is root.',
    look: 'user_namespaces(7)',
  });
}

/** That what earlier lessons have built is all there. */
function requireRunning(t: Context, box: Box, did: string): void {
  const wanted = { '/': 'overlay', '/proc': 'proc', '/sys': 'sysfs', '/dev/pts': 'devpts', '/dev/mqueue': 'mqueue' };
  const mounts = box.mounts();
  const found = Object.keys(wanted).map(path => mounts.findLast(mount => mount.mountPoint === path)?.type ?? 'nothing');
  t.same(found, Object.values(wanted), {
    did: `${did}; then looked at its mounts`,
    kernel: Object.keys(wanted)
      .map((path, i) => `${path}: ${found[i]}`)
      .join(', '),
    means: 'Something that the container had in earlier lessons is missing.',
    look: 'contain()',
  });
}

/** An image and a folder for containers that belong to the ordinary user, whose group this is unless `more` is added. */
async function prepare(t: Context, more = 0) {
  const folder = `/run/boxwright/${t.nonce('user')}`;
  const script = `
    id -un "$2" >/dev/null 2>&1 || { cp /etc/passwd /etc/passwd.new; echo "boxer:x:$2:$2::/tmp:/bin/sh" >>/etc/passwd.new; mv /etc/passwd.new /etc/passwd; }
    id -un "$2"; gid=$(($(id -g "$2") + $3)); echo "$gid"
    mkdir "$1" "$1/containers"; cp -a "$4" "$1/image"; chown -hR "$2:$gid" "$1"`;
  const { stdout } = await t.host.run(['sh', '-ec', script, 'sh', folder, `${t.user}`, `${more}`, t.image]);
  const [name = '', gid] = stdout.split('\n');
  return { name, gid: Number(gid), spec: { layers: [`${folder}/image`], containers: `${folder}/containers` } };
}

/**
 * Grants ids to a user, and makes copies of the two programs, which belong to the root of this host whatever file system this
 * machine's are on. `restore` takes all back, and leaves no file that was not there.
 */
async function grant(t: Context, name: string, start: number, count: number) {
  const path = `/run/boxwright/${t.nonce('setuid')}`;
  const script = `mkdir "$1"; for kind in uid gid; do
    if [ -e /etc/sub$kind ]; then cp /etc/sub$kind "$1"; fi
    echo "$2:$3:$4" >/run/sub$kind; rm -f /etc/sub$kind; mv /run/sub$kind /etc
    install -m 4755 "$(command -v new\${kind}map)" "$1"; done`;
  const made = await t.host.run(['sh', '-ec', script, 'sh', path, name, `${start}`, `${count}`]);
  t.is(made.status, 0, {
    did: `granted ids to ${name}`,
    kernel: made.stderr,
    means: 'The host could not be prepared.',
  });
  const back =
    'for kind in uid gid; do rm /etc/sub$kind; if [ -e "$1"/sub$kind ]; then mv "$1"/sub$kind /etc; fi; done';
  return { path, restore: () => t.host.run(['sh', '-ec', back, 'sh', path]) };
}

/** A layer with files of several users and groups. */
async function makeLayer(t: Context) {
  const folder = `/run/boxwright/${t.nonce('layer')}`;
  const files = [
    { path: `/srv/${t.nonce('root')}`, uid: 0, gid: 0 },
    { path: `/srv/${t.nonce('daemon')}`, uid: 2, gid: 500 },
    { path: `/srv/${t.nonce('person')}`, uid: 1000, gid: 60_999 },
  ];
  await onHost(t, async visitor => {
    for (const path of [folder, `${folder}/srv`]) await visitor.mkdir(path, 0o755);
    for (const { path, uid, gid } of files) {
      await visitor.mknod(folder + path);
      await visitor.chown(folder + path, uid, gid);
    }
  });
  return { folder, files };
}

/** A process of ours in the container's mounts, and as root in its user namespace. */
async function enter<T>(t: Context, box: Box, look: (visitor: Process) => Promise<T>): Promise<T> {
  const own = box.namespaces().user !== t.host.namespaces().user;
  return onHost(t, async visitor => {
    const pidfd = await visitor.syscall('pidfd_open', pidOf(box), 0);
    await visitor.setns(pidfd, CLONE.NEWNS);
    if (own) {
      await visitor.setns(pidfd, CLONE.NEWUSER);
      await visitor.syscall('setresgid', 0, 0, 0);
      await visitor.syscall('setresuid', 0, 0, 0);
    }
    return look(visitor);
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

// From here on, how mistakes are recognised: in the record of the container's system calls, and in what was thrown.

const texts = (...calls: (TraceLine | undefined)[]) => calls.flatMap(call => call?.text ?? []).join('\n');

/** The call at which the learner's code stopped, when it was refused for one of these reasons. */
function refusal({ error, trace }: Evidence, name: string, ...codes: string[]): TraceLine | null {
  if (error?.error?.syscall !== name || !codes.includes(error.error.code ?? '')) return null;
  return trace.findLast(call => call.name === name && codes.includes(call.code ?? '')) ?? null;
}

const newUsers = ({ find }: Evidence) => find('unshare', /NEWUSER/) ?? find('clone', /NEWUSER/);

/** The code of a function of the learner's, without comments. */
const codeOf = ({ source }: Evidence, name: string) =>
  new RegExp(`function ${name}\\b[^]*?\\n}\\n`).exec(source.replace(/\/\/.*$/gm, ''))?.[0] ?? '';

/** Node, too, is refused: when it writes a map. Then there is an error without a system call of the box's. */
const writeRefused = ({ error }: Evidence) =>
  !error?.error?.syscall && /^EPERM.*write/.test(error?.error?.message ?? '');

diagnosis('maps-from-inside', evidence => {
  const failed = refusal(evidence, 'write', 'EPERM') ?? refusal(evidence, 'openat', 'EACCES', 'EPERM');
  const open = evidence.trace.findLast(call => call.name === 'openat' && /\/proc\/.*_map"/.test(call.text));
  if (!failed || !open) return null;
  return {
    kernel: texts(newUsers(evidence), open, failed === open ? undefined : failed),
    means:
      'Whose ids may be given away is for somebody to say who has a right to them, outside. Inside, the process has every ' +
      'right over its new namespace, and none over the host’s ids.',
    look: 'README, “Three numbers” · user_namespaces(7)',
  };
});

diagnosis('map-before-namespace', evidence => {
  if (!writeRefused(evidence) || newUsers(evidence)) return null;
  return {
    kernel: `${evidence.error?.error?.message}, and no unshare(CLONE_NEWUSER) before it`,
    means:
      'This process is still in the host’s user namespace, whose map is written already. The namespace comes first, empty; ' +
      'then its maps.',
    look: 'user_namespaces(7)',
  };
});

diagnosis(
  'ranges-unused',
  ({ feedback }) =>
    /uid_map: 0 \d+ 1; gid_map: 0 \d+ 1$/.test(feedback.kernel) && {
      means:
        'There is root in this container, and nobody else: no file can be given to anybody, and no program can drop its rights ' +
        'to another user. More ids were granted. newuidmap(1) and newgidmap(1) have the privilege to write them.',
      look: 'README, “Anybody’s container” · newuidmap(1), subuid(5)',
    },
  ['ranges'],
);

diagnosis('map-written-twice', evidence => {
  const code = codeOf(evidence, 'writeMap');
  if (!writeRefused(evidence) || !/\bfor \(|forEach|appendFile|\.map\([^;]*writeFile/.test(code)) return null;
  return {
    means:
      'A map can be written once. The first write has set it, with one line; the second was refused. All lines go into one write.',
    look: 'README, “Three numbers” · user_namespaces(7)',
  };
});

diagnosis(
  'setgroups-not-denied',
  evidence => {
    if (!writeRefused(evidence) || /deny/.test(codeOf(evidence, 'writeMap'))) return null;
    return {
      means:
        'This user has no privilege over groups, so the kernel takes a gid_map only once setgroups(2) is given up for good in ' +
        'that namespace: some files are forbidden to a group and allowed to all others, and whoever may leave a group gets in.',
      look: 'README, “Anybody’s container” · user_namespaces(7), /proc/PID/setgroups',
    };
  },
  ['oneself'],
);

diagnosis(
  'range-without-privilege',
  evidence =>
    writeRefused(evidence) && {
      means:
        'Without privilege the kernel takes one line for one id, one’s own: the user’s in uid_map, the group’s in gid_map. What ' +
        'your code wrote was something else.',
      look: 'README, “Anybody’s container” · user_namespaces(7)',
    },
  ['oneself', 'ranges'],
);

diagnosis(
  'fields-swapped',
  evidence => {
    const failed = refusal(evidence, 'setresgid', 'EINVAL') ?? refusal(evidence, 'setresuid', 'EINVAL');
    if (!failed || !/hostID[^\]]*containerID/.test(codeOf(evidence, 'writeMap'))) return null;
    return {
      kernel: failed.text,
      means:
        'There is no uid 0 or gid 0 in this namespace: its map gives other numbers to the inside. First the id inside, then the ' +
        'one outside, then how many.',
      look: 'README, “Three numbers” · user_namespaces(7)',
    };
  },
  ['root-inside', 'host-file', 'maps'],
);

diagnosis('gid-map-missing', evidence => {
  const failed = refusal(evidence, 'setgroups', 'EPERM') ?? refusal(evidence, 'setresgid', 'EINVAL');
  if (!failed || evidence.task === 'oneself') return null;
  return {
    kernel: texts(newUsers(evidence), failed),
    means:
      'In this namespace there are no groups yet: nothing is written in its gid_map. Users and groups have a map each, and both ' +
      'are needed before anybody can become root.',
    look: 'README, “Three numbers” · user_namespaces(7)',
  };
});

diagnosis(
  'setgroups-denied',
  evidence => {
    const failed = refusal(evidence, 'setgroups', 'EPERM');
    return (
      failed && {
        kernel: `${failed.text}, while /proc/PID/setgroups says deny`,
        means:
          'Where the map was made without privilege, setgroups(2) is refused for ever. The groups stay; they cannot be left, and ' +
          'that is the point. /proc/PID/setgroups says beforehand which of the two it is.',
        look: 'README, “Anybody’s container” · user_namespaces(7), /proc/PID/setgroups',
      }
    );
  },
  ['oneself'],
);

diagnosis(
  'still-nobody',
  evidence => {
    if (!newUsers(evidence) || evidence.find('setresuid') || evidence.find('setuid')) return null;
    return {
      kernel: `${newUsers(evidence)?.text}, and no setresuid(2) after it\n${evidence.feedback.kernel}`,
      means:
        'The map says who root would be. It makes nobody root: the process is who it was on the host, and that user is in no map. ' +
        'Inside it shows as 65534.',
      look: 'README, “Three numbers” · setresuid(2)',
    };
  },
  ['root-inside', 'host-file'],
);

diagnosis('namespace-before-users', evidence => {
  const users = newUsers(evidence);
  const before = evidence.trace.slice(0, users ? evidence.trace.indexOf(users) : 0);
  const early = before.find(call => ['unshare', 'clone'].includes(call.name) && /NEW(NS|UTS|IPC|PID)/.test(call.text));
  if (!early || !(evidence.task === 'namespaces' || evidence.error)) return null;
  return {
    kernel: `${texts(early, users)}\n${evidence.feedback.kernel}`,
    means:
      'The order is wrong: a namespace belongs to the user namespace in which it is made, for ever. This one was made as the ' +
      'host’s root, and belongs to the host. Root inside has no right over it.',
    look: 'README, “Whose namespace?” · user_namespaces(7)',
  };
});

diagnosis('shifted-outside', evidence => {
  const moved = evidence.find('move_mount');
  const entered = evidence.index('setns');
  if (moved?.result !== 0 || (entered >= 0 && entered < evidence.trace.indexOf(moved))) return null;
  return {
    kernel: `${moved.text}, by a process that is in the host’s mount namespace`,
    means:
      'The shifted layer was mounted on the host. The box has mounts of its own since ownMounts, and sees an empty folder there.',
    look: 'README, “One image, many maps” · setns(2)',
  };
});

const shift = ['owners'];

diagnosis(
  'image-chowned',
  ({ source, feedback }) =>
    /\bchown\b.*-\w*R/.test(source) && {
      kernel: feedback.kernel,
      means:
        'The files were given to this container’s root, on the disk: all of them to one user, in an image that other containers ' +
        'use as well, each with other ids. Not the files are to change, but how a mount shows them.',
      look: 'README, “One image, many maps” · mount_setattr(2), “ID-mapped mounts”',
    },
  ['owners', 'any-folder'],
);

diagnosis(
  'attached-first',
  evidence => {
    const [moved, failed] = [evidence.find('move_mount'), evidence.find('mount_setattr', /IDMAP/)];
    if (!moved || failed?.code !== 'EINVAL' || evidence.trace.indexOf(moved) > evidence.trace.indexOf(failed))
      return null;
    return {
      kernel: texts(moved, failed),
      means:
        'The order is wrong: ids can be mapped only on a mount that nobody has seen yet. Somebody might have a file of it open, ' +
        'with the owner that it had a moment ago.',
      look: 'README, “One image, many maps” · mount_setattr(2), ERRORS: EINVAL',
    };
  },
  shift,
);

diagnosis(
  'shifted-by-box',
  evidence => {
    const failed = evidence.find('mount_setattr', /IDMAP.* EPERM/);
    const box = newUsers(evidence) && evidence.trace.slice(evidence.trace.indexOf(newUsers(evidence) as TraceLine));
    // One that entered from outside has made no user namespace.
    const own = failed && box?.slice(0, box.indexOf(failed)).every(call => call.name !== 'setns');
    return (
      failed &&
      own && {
        kernel: failed.text,
        means:
          'Who may show a file system’s files as somebody else’s? Whoever has privilege over that file system: root of the host. ' +
          'The box has given that up; another process must come from outside.',
        look: 'shiftLayers() · mount_setattr(2), ERRORS: EPERM',
      }
    );
  },
  shift,
);

diagnosis(
  'host-map-given',
  evidence => {
    const failed = evidence.find('mount_setattr', /IDMAP.* (EINVAL|EPERM)/);
    const users = evidence.find('openat', /"\/proc\/[^"]*\/ns\/user"/);
    if (!failed || !users || !/\/proc\/self\//.test(users.text)) return null;
    return {
      kernel: texts(users, failed),
      means:
        'The mount is to show its files by the maps of a user namespace, and this is the one that they are in already. The ' +
        'kernel wants the container’s.',
      look: 'README, “One image, many maps” · mount_setattr(2), userns_fd',
    };
  },
  shift,
);

diagnosis(
  'layers-not-shifted',
  evidence =>
    !evidence.find('mount_setattr', /IDMAP/) &&
    newUsers(evidence) && {
      kernel: `no mount_setattr(2) with MOUNT_ATTR_IDMAP\n${evidence.feedback.kernel}`,
      means:
        'The layers were mounted as they are. Their files belong to the host’s root, who is nobody in this namespace, and nobody’s ' +
        'files are not root’s to change.',
      look: 'README, “One image, many maps” · mount_setattr(2), “ID-mapped mounts”',
    },
  shift,
);

diagnosis(
  'no-way-back',
  evidence => {
    const failed = refusal(evidence, 'mount_setattr', 'EINVAL', 'EPERM', 'ENOSYS');
    return (
      failed?.text.includes('IDMAP') && {
        kernel: failed.text,
        means:
          'Not every file system can show its files as somebody else’s, and an old kernel knows no such call. Then the folder is ' +
          'to be used as it is: a container whose files are nobody’s is better than none.',
        look: 'shiftLayers()',
      }
    );
  },
  ['any-folder'],
);

diagnosis('sysfs-refused', evidence => {
  const failed = refusal(evidence, 'mount', 'EPERM');
  if (!failed || !/, "sysfs", /.test(failed.text) || !newUsers(evidence)) return null;
  return {
    kernel: failed.text,
    means:
      'A new /sys shows the network namespace that its maker is in. That is the host’s still, and root inside has no right over ' +
      'it. The host’s own /sys can be shown instead.',
    look: 'README, “A door that stays shut” · showSystem()',
  };
});

diagnosis('sys-not-recursive', evidence => {
  const failed = refusal(evidence, 'mount', 'EINVAL');
  if (!failed || !/^mount\("\/sys".*MS_BIND/.test(failed.text) || /MS_REC\b/.test(failed.text)) return null;
  return {
    kernel: failed.text,
    means:
      'Something is mounted in the host’s /sys, and a copy without it would bare what lies underneath. These mounts came from a ' +
      'namespace with more rights, so the kernel keeps them together: all or nothing.',
    look: 'mount_namespaces(7), “Restrictions on mount namespaces” · mount(2), MS_REC',
  };
});

diagnosis('sys-flags-dropped', evidence => {
  const failed = refusal(evidence, 'mount', 'EPERM');
  if (!failed || !/\/sys".*MS_REMOUNT/.test(failed.text)) return null;
  return {
    kernel: failed.text,
    means:
      'A remount sets all flags of a mount: this one would take away nosuid, nodev and noexec, which the host has set and only the ' +
      'host may take away. mount_setattr(2) sets one flag and leaves the others.',
    look: 'README, “A door that stays shut” · mount_namespaces(7), “Restrictions on mount namespaces”',
  };
});

diagnosis(
  'sys-half-protected',
  evidence => {
    const bind = evidence.find('mount', /^mount\("\/sys".*MS_BIND/);
    const protect = evidence.find('mount_setattr', /RDONLY/) ?? evidence.find('mount', /\/sys".*MS_REMOUNT/);
    if (!bind || (protect && /AT_RECURSIVE/.test(protect.text))) return null;
    return {
      kernel: `${texts(bind, protect)}\n${evidence.feedback.kernel}`,
      means: protect
        ? 'One mount is read-only now, the one at /sys. What is mounted in it came along, and is as writable as on the host.'
        : 'This is the host’s /sys as the host has it, to be written. A bind mount takes MS_RDONLY only afterwards.',
      look: 'README, “A door that stays shut” · mount_setattr(2), AT_RECURSIVE',
    };
  },
  ['system'],
);
