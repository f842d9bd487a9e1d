// X-rays for the tests of the drawings and for trying them: as the readers give them of a container of lesson 05, of one with everything,
// two containers on a bridge among it, of Docker's, of a rootless Podman's, and of an ordinary process of the host.
import type { NamespaceKind } from '#linux';
import type { TraceLine } from '../../check/report.ts';
import { capabilities } from '../browser/capabilities.ts';
import type { ImagesView, LinkView, MountView, NamespaceView, ProcessView, Xray } from '../types.ts';
import type { Sample } from './chart.ts';

const order: NamespaceKind[] = ['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user', 'time'];

function namespaces(own: NamespaceKind[], members = 2): NamespaceView[] {
  return order.map((kind, i) => {
    const host = 4_026_531_834 + i;
    const isOwn = own.includes(kind);
    return { kind, host, inode: isOwn ? 4_026_532_201 + i : host, own: isOwn, members: isOwn ? members : 143 };
  });
}

export function processOf(
  pid: number,
  nsPids: number[],
  parent: number,
  command: string[],
  more: Partial<ProcessView> = {},
): ProcessView {
  const name = (command[0]?.split('/').at(-1) ?? 'kthread').slice(0, 15);
  return {
    pid,
    nsPids,
    parent,
    name,
    command,
    state: 'S',
    threads: 1,
    uids: [0, 0, 0, 0],
    gids: [0, 0, 0, 0],
    age: 42,
    ...more,
  };
}

let lastMount = 600;
export function mountOf(path: string, type: string, role: MountView['role'], more: Partial<MountView> = {}): MountView {
  lastMount += 1;
  const options = { kernel: ['rw', 'nosuid', 'nodev', 'noexec', 'relatime'], mask: ['ro', 'relatime'] }[
    role as string
  ] ?? ['rw', 'relatime'];
  return {
    id: lastMount,
    path,
    type,
    source: type,
    root: '/',
    options,
    superOptions: ['rw'],
    propagation: [],
    role,
    children: [],
    ...more,
  };
}

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const dev = (extra: MountView[] = []) =>
  mountOf('/dev', 'tmpfs', 'memory', {
    options: ['rw', 'nosuid'],
    children: [
      ...devices.map(name => mountOf(`/dev/${name}`, 'devtmpfs', 'device', { source: 'udev', root: `/${name}` })),
      mountOf('/dev/pts', 'devpts', 'kernel'),
      mountOf('/dev/shm', 'tmpfs', 'memory', { source: 'shm', options: ['rw', 'nosuid', 'nodev', 'noexec'] }),
      ...extra,
    ],
  });
const proc = () =>
  mountOf('/proc', 'proc', 'kernel', {
    children: [
      ...['acpi', 'keys', 'timer_list', 'kcore', 'scsi'].map(name =>
        mountOf(`/proc/${name}`, 'devtmpfs', 'mask', { source: 'udev', root: '/null' }),
      ),
      ...['bus', 'fs', 'irq', 'sys'].map(name =>
        mountOf(`/proc/${name}`, 'proc', 'kernel', { root: `/${name}`, options: ['ro', 'nosuid'] }),
      ),
    ],
  });
const sys = () =>
  mountOf('/sys', 'sysfs', 'kernel', {
    options: ['ro', 'nosuid', 'nodev', 'noexec'],
    children: [mountOf('/sys/firmware', 'tmpfs', 'mask')],
  });

const folder = '/run/boxwright/containers/GB8bXH';
const line = (pid: number, text: string, lesson: string, at: number): TraceLine => {
  const [, name = '', result = '0', code] = /^(\w+)\(.* = (-?\d+)(?: (E\w+))?/.exec(text) ?? [];
  const errno = { ENOENT: -2, ENOTDIR: -20, EPERM: -1, EINVAL: -22 }[code ?? ''];
  return {
    pid,
    name,
    text,
    result: code ? (errno ?? -1) : Number(result),
    code: code ?? null,
    line: at,
    file: `lessons/${lesson}/${lesson.slice(3)}.ts`,
  };
};
const masked = ['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'timer_list'];
const calls05: TraceLine[] = [
  line(4711, 'unshare(CLONE_NEWNS) = 0', '03-mount-namespace', 11),
  line(4711, 'mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0', '03-mount-namespace', 12),
  ...['upper', 'work', 'merged'].map(name =>
    line(4711, `mkdirat(AT_FDCWD, "${folder}/${name}", 0755) = 0`, '04-overlay', 26),
  ),
  line(
    4711,
    `mount("overlay", "${folder}/merged", "overlay", 0, "lowerdir=/run/boxwright/images/base,upperdir=${folder}/upper,workdir=${folder}/wor"...) = 0`,
    '04-overlay',
    30,
  ),
  line(
    4711,
    `mount("proc", "${folder}/merged/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL) = 0`,
    '03-mount-namespace',
    17,
  ),
  line(
    4711,
    `mount("sysfs", "${folder}/merged/sys", "sysfs", MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL) = 0`,
    '03-mount-namespace',
    22,
  ),
  ...devices.flatMap(name => [
    line(4711, `mknodat(AT_FDCWD, "${folder}/merged/dev/${name}", S_IFREG|0666) = 0`, '03-mount-namespace', 49),
    line(
      4711,
      `mount("/dev/${name}", "${folder}/merged/dev/${name}", NULL, MS_BIND, NULL) = 0`,
      '03-mount-namespace',
      50,
    ),
  ]),
  line(4711, `mount("${folder}/merged", "${folder}/merged", NULL, MS_BIND|MS_REC, NULL) = 0`, '05-pivot-root', 37),
  line(4711, `chdir("${folder}/merged") = 0`, '05-pivot-root', 38),
  line(4711, 'pivot_root(".", ".") = 0', '05-pivot-root', 41),
  line(4711, 'umount2(".", MNT_DETACH) = 0', '05-pivot-root', 42),
  line(4711, 'chdir("/") = 0', '05-pivot-root', 43),
  ...masked.map((name, i) =>
    line(
      4711,
      `mount("/dev/null", "/proc/${name}", NULL, MS_BIND, NULL) = ${i % 3 === 1 ? '-1 ENOENT (No such file or directory)' : '0'}`,
      '05-pivot-root',
      54,
    ),
  ),
  line(4711, 'close_range(3, 4294967295, CLOSE_RANGE_CLOEXEC) = 0', '01-process', 25),
  line(
    4711,
    'execve("/bin/sh", ["sh"], ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"]) = 0',
    '01-process',
    30,
  ),
];
/** The same with a clone: the child has the wire from then on, and a second helper joins it from outside. */
const calls13: TraceLine[] = [
  line(4711, 'unshare(CLONE_NEWUSER) = 0', '09-user', 59),
  ...calls05.slice(0, 2),
  line(4711, 'unshare(CLONE_NEWUTS) = 0', '06-uts', 33),
  line(4711, 'unshare(CLONE_NEWIPC) = 0', '07-ipc', 17),
  line(4711, 'unshare(CLONE_NEWNET) = 0', '12-network-namespace', 44),
  line(4711, 'clone(CLONE_NEWPID) = 4712', '08-pid', 19),
  ...calls05.slice(2).map(call => ({ ...call, pid: 4712 })),
  line(4720, 'openat(AT_FDCWD, "/proc/4712/ns/mnt", O_RDONLY) = 6', '13-veth-bridge', 193),
  line(4720, 'setns(6, CLONE_NEWNS) = 0', '13-veth-bridge', 193),
  line(4720, 'move_mount(4, "", AT_FDCWD, "/etc/hosts", MOVE_MOUNT_F_EMPTY_PATH) = 0', '13-veth-bridge', 197),
];

const dockers = [
  'chown',
  'dac_override',
  'fsetid',
  'fowner',
  'mknod',
  'net_raw',
  'setgid',
  'setuid',
  'setfcap',
  'setpcap',
  'net_bind_service',
  'sys_chroot',
  'kill',
  'audit_write',
];
const sets = (effective: string[], bounding = effective) => ({
  effective,
  permitted: effective,
  inheritable: [],
  bounding,
  ambient: [],
});
const every = Object.keys(capabilities);
const noLimits: Xray['cgroup'] = {
  ...{ version: 2, path: '/user.slice/user-1000.slice/session-2.scope', inside: null },
  memory: { current: 88_000_000, max: null, high: null, peak: 120_000_000, oomKills: 0 },
  cpu: { usage: 12.4, quota: null, weight: 100, throttled: null, cpus: null },
  ...{ pids: { current: 21, max: null }, frozen: false },
};
const lo: LinkView = {
  name: 'lo',
  index: 1,
  kind: 'loopback',
  up: true,
  mac: null,
  mtu: 65_536,
  addresses: ['127.0.0.1/8', '::1/128'],
  received: { packets: 4, bytes: 336 },
  sent: { packets: 4, bytes: 336 },
  peer: null,
};
export const vethOf = (index: number, name: string, address: string, peer: LinkView['peer']): LinkView => ({
  ...lo,
  name,
  index,
  kind: 'veth',
  mac: '02:42:0a:0d:00:02',
  mtu: 1500,
  addresses: [address],
  received: { packets: 1204, bytes: 1_830_000 },
  sent: { packets: 911, bytes: 73_000 },
  peer,
});

const layer = (path: string, kind: 'upper' | 'lower', entries: number | null, bytes: number | null) => ({
  path,
  kind,
  entries,
  bytes,
});

export const lesson05: Xray = {
  ...{ at: '2026-11-21T17:00:00.000Z', name: 'lesson 05', calls: calls05, unread: [] },
  process: processOf(4711, [4711], 4690, ['sh']),
  processes: [processOf(4711, [4711], 4690, ['sh']), processOf(4730, [4730], 4711, ['sleep', '1000'], { age: 3 })],
  namespaces: namespaces(['mnt']),
  mounts: mountOf('/', 'overlay', 'root', { children: [proc(), sys(), dev()] }),
  overlays: [
    {
      ...{ mount: 601, path: '/', more: 0 },
      layers: [
        layer(`${folder}/upper`, 'upper', 9, 2048),
        layer('/run/boxwright/images/base', 'lower', 312, 2_150_000),
      ],
      files: [
        { path: '/etc/hostname', layer: 0, kind: 'changed' },
        { path: '/etc/passwd', layer: 0, kind: 'whiteout' },
        { path: '/root/note', layer: 0, kind: 'new' },
        { path: '/srv', layer: 0, kind: 'opaque' },
        { path: '/bin/sh', layer: 1, kind: 'lower' },
        { path: '/etc/os-release', layer: 1, kind: 'lower' },
      ],
    },
  ],
  users: {
    uids: [{ inside: 0, outside: 0, count: 4_294_967_295 }],
    gids: [{ inside: 0, outside: 0, count: 4_294_967_295 }],
    setgroups: 'allow',
    identity: true,
  },
  cgroup: noLimits,
  network: {
    host: true,
    links: [lo, { ...vethOf(2, 'eth0', '192.0.2.1/24', null), kind: 'other' }],
    routes: [{ destination: '0.0.0.0/0', via: '192.0.2.254', link: 'eth0' }],
    listening: [{ protocol: 'tcp', address: '127.0.0.1', port: 7411 }],
    bridges: [],
    rules: [],
    rulesUnread: null,
  },
  privileges: {
    capabilities: sets(every),
    outOf: 41,
    noNewPrivileges: false,
    seccomp: { mode: 'none', filters: 0 },
    label: null,
  },
};

const range = (inside: number, outside: number, count: number) => ({ inside, outside, count });

export const lesson13: Xray = {
  ...lesson05,
  name: 'lesson 13',
  calls: calls13,
  process: processOf(4712, [4712, 1], 4711, ['sh', '-c', 'while true; do nc -l -p 80 -e cat; done'], {
    uids: [100_000, 100_000, 100_000, 100_000],
    gids: [100_000, 100_000, 100_000, 100_000],
    age: 300,
  }),
  processes: [
    processOf(4712, [4712, 1], 4711, ['sh', '-c', 'while true; do nc -l -p 80 -e cat; done'], {
      uids: [100_000, 100_000, 100_000, 100_000],
      age: 300,
    }),
    processOf(4733, [4733, 9], 4712, ['nc', '-l', '-p', '80', '-e', 'cat'], { age: 4 }),
    processOf(4740, [4740, 12], 4712, [], { name: 'sleep', state: 'Z' }),
  ],
  namespaces: namespaces(['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user']),
  users: { uids: [range(0, 100_000, 65_536)], gids: [range(0, 100_000, 65_536)], setgroups: 'allow', identity: false },
  cgroup: {
    ...{ version: 2, path: '/boxwright/GB8bXH', inside: '/', frozen: false },
    memory: { current: 41_200_000, max: 67_108_864, high: 60_000_000, peak: 67_100_000, oomKills: 2 },
    cpu: { usage: 31.2, quota: 0.5, weight: 400, throttled: 12.7, cpus: '0-1' },
    pids: { current: 3, max: 10 },
  },
  network: {
    host: false,
    links: [lo, vethOf(2, 'eth0', '10.13.0.2/24', { in: 'host', name: 'box0-2', bridge: 'box0' })],
    routes: [
      { destination: '0.0.0.0/0', via: '10.13.0.1', link: 'eth0' },
      { destination: '10.13.0.0/24', via: null, link: 'eth0' },
    ],
    listening: [
      { protocol: 'tcp', address: '0.0.0.0', port: 80 },
      { protocol: 'tcp', address: '::', port: 80 },
    ],
    bridges: [{ name: 'box0', addresses: ['10.13.0.1/24'], ports: ['box0-2', 'box0-3'], up: true }],
    rules: [
      {
        table: 'inet boxwright',
        chain: 'prerouting',
        text: 'tcp dport 8080 dnat ip to 10.13.0.2:80',
        packets: 12,
        bytes: 720,
      },
      {
        table: 'inet boxwright',
        chain: 'output',
        text: 'fib daddr type local tcp dport 8080 dnat ip to 10.13.0.2:80',
        packets: 0,
        bytes: 0,
      },
      {
        table: 'inet boxwright',
        chain: 'postrouting',
        text: 'ip saddr 10.13.0.0/24 oifname != "box0" masquerade',
        packets: 48,
        bytes: 3120,
      },
    ],
    rulesUnread: null,
  },
  privileges: {
    capabilities: sets(dockers),
    outOf: 41,
    noNewPrivileges: true,
    seccomp: { mode: 'filter', filters: 1 },
    label: null,
  },
};

const layers2 = '/var/lib/docker/overlay2';
const hash = (seed: number) =>
  [0, 1, 2, 3, 4, 5, 6, 7]
    .map(i => (Math.imul(seed + i * 7919, 2_654_435_761) >>> 0).toString(16).padStart(8, '0'))
    .join('');

export const docker: Xray = {
  ...lesson13,
  name: 'docker web',
  calls: null,
  process: processOf(8123, [8123, 1], 8100, ['nginx: master process nginx -g daemon off;'], { age: 86_400 }),
  processes: [
    processOf(8123, [8123, 1], 8100, ['nginx: master process nginx -g daemon off;'], { age: 86_400 }),
    ...[1, 2, 3, 4].map(i =>
      processOf(8150 + i, [8150 + i, 28 + i], 8123, ['nginx: worker process'], { uids: [101, 101, 101, 101] }),
    ),
  ],
  namespaces: namespaces(['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup'], 5),
  mounts: mountOf('/', 'overlay', 'root', {
    children: [
      proc(),
      sys(),
      dev([mountOf('/dev/mqueue', 'mqueue', 'kernel')]),
      ...['resolv.conf', 'hostname', 'hosts'].map(name =>
        mountOf(`/etc/${name}`, 'ext4', 'bind', {
          source: '/dev/sda1',
          root: `/var/lib/docker/containers/${hash(3)}/${name}`,
        }),
      ),
      mountOf('/usr/share/nginx/html', 'ext4', 'bind', {
        source: '/dev/sda1',
        root: '/srv/www',
        options: ['ro', 'relatime'],
        propagation: ['master:1'],
      }),
    ],
  }),
  overlays: [
    {
      ...{ mount: 700, path: '/', more: 31 },
      layers: [
        layer(`${layers2}/${hash(1)}/diff`, 'upper', 17, 9100),
        ...[2, 3, 4, 5, 6, 7, 8].map(i => layer(`${layers2}/${hash(i)}/diff`, 'lower', i * 40, i * 1_200_000)),
        layer(`${layers2}/${hash(9)}/diff`, 'lower', 10_000, 77_000_000),
      ],
      files: [
        { path: '/run/nginx.pid', layer: 0, kind: 'new' },
        { path: '/etc/nginx/conf.d/default.conf', layer: 0, kind: 'changed' },
        { path: '/var/log/nginx/access.log', layer: 2, kind: 'lower' },
        { path: '/bin/sh', layer: 8, kind: 'lower' },
        { path: '/etc/passwd', layer: 7, kind: 'lower' },
      ],
    },
  ],
  users: lesson05.users,
  cgroup: {
    ...(lesson13.cgroup as NonNullable<Xray['cgroup']>),
    version: 1,
    path: `/docker/${hash(11)}`,
    inside: '/',
    memory: { current: 9_300_000, max: 536_870_912, high: null, peak: 12_000_000, oomKills: 0 },
    cpu: { usage: 0.8, quota: null, weight: 1024, throttled: 0, cpus: null },
    pids: { current: 5, max: null },
    frozen: true,
  },
  privileges: {
    capabilities: sets(dockers),
    outOf: 41,
    noNewPrivileges: false,
    seccomp: { mode: 'filter', filters: 1 },
    label: 'docker-default (enforce)',
  },
};

export const host: Xray = {
  ...lesson05,
  name: null,
  calls: null,
  process: processOf(912, [912], 1, ['/usr/sbin/sshd', '-D'], { age: 700_000 }),
  processes: [processOf(912, [912], 1, ['/usr/sbin/sshd', '-D'])],
  namespaces: namespaces([]),
  mounts: mountOf('/', 'ext4', 'root', {
    source: '/dev/sda1',
    propagation: ['shared:1'],
    children: [
      mountOf('/proc', 'proc', 'kernel', { propagation: ['shared:12'] }),
      mountOf('/home', 'ext4', 'other', { source: '/dev/sdb1', propagation: ['shared:30'] }),
    ],
  }),
  overlays: [],
  cgroup: { ...noLimits, path: '/system.slice/ssh.service' },
};

export const podman: Xray = {
  ...docker,
  name: 'podman web (rootless)',
  process: { ...docker.process, uids: [1000, 1000, 1000, 1000], gids: [1000, 1000, 1000, 1000] },
  namespaces: namespaces(['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user'], 5),
  users: {
    uids: [range(0, 1000, 1), range(1, 100_000, 65_536)],
    gids: [range(0, 1000, 1), range(1, 100_000, 65_536)],
    setgroups: 'allow',
    identity: false,
  },
  network: {
    ...(lesson13.network as NonNullable<Xray['network']>),
    links: [lo, { ...vethOf(2, 'tap0', '10.0.2.100/24', null), kind: 'tun' }],
    bridges: [],
    rules: [],
    rulesUnread: 'only root may list them',
  },
  unread: [{ what: 'layers of the overlay', why: 'EACCES' }],
  overlays: docker.overlays.map(each => ({
    ...each,
    layers: each.layers.map(one => ({ ...one, entries: null, bytes: null })),
    files: [],
    more: 0,
  })),
};

/** Two minutes of a container that runs into its limits. */
export const history: Sample[] = Array.from({ length: 120 }, (_, i) => ({
  at: 1_795_280_000_000 + i * 1000,
  memory: Math.min(20_000_000 + (i % 60) * 900_000, 66_500_000),
  cpu: i < 40 ? 0.1 + (i % 5) / 50 : i < 90 ? 0.5 : 0.05,
  pids: 3 + (Math.floor(i / 20) % 4),
}));

const digest = (seed: number) => `sha256:${hash(seed)}`;
export const images: ImagesView = {
  images: [
    { name: 'docker.io/library/debian:13', layers: [digest(1)] },
    { name: 'docker.io/library/nginx:1.27', layers: [digest(1), digest(2), digest(3)] },
    { name: 'registry.example/team/shop:4.2.0', layers: [digest(1), digest(2), digest(4), digest(5)] },
    { name: 'docker.io/library/alpine:3.22', layers: [digest(6)] },
    { name: 'registry.example/team/cart:latest', layers: [digest(6), digest(7)] },
  ],
  layers: Object.fromEntries(
    [49_300_000, 41_000_000, 1200, 3_200_000, 812_000, 3_800_000, 22_000_000].map((bytes, i) => [
      digest(i + 1),
      { bytes, usedBy: 1 },
    ]),
  ),
};

export const samples: Record<string, Xray> = { lesson05, lesson13, docker, podman, host };
