// Run in a guest, as its root: part 1's container and crun's, from equivalent orders, and what the kernel says of each. Prints
// JSON for beside-crun.test.ts.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { maskedPaths, readonlyPaths } from '#05-pivot-root';
import { contain, type Spec } from '#14-privileges';
import { defaultPolicy, dockerCapabilities, readMountinfo, readNamespaces, readStatus, rulesFor } from '#linux';
import { baseRootfs } from '../paths.ts';

const folder = '/run/side-by-side';
const resources = { memory: { max: 1 << 26, high: 1 << 25, swap: 0 }, cpu: { quota: 50_000, weight: 200 }, pids: 30 };
const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }];
const command = ['/bin/sleep', '60'];
const env = { PATH: '/bin', TERM: 'xterm' };
const mapping = { containerID: 0, hostID: 100_000, size: 65_536 };

/** The same order in the words of the runtime specification. config.md, config-linux.md */
function bundle(): string {
  const path = `${folder}/bundle`;
  cpSync(baseRootfs, `${path}/rootfs`, { recursive: true, verbatimSymlinks: true });
  execFileSync('chown', ['-hR', '100000:100000', `${path}/rootfs`]);
  const mount = (destination: string, type: string, ...options: string[]) => ({
    ...{ destination, type, source: type },
    options: ['nosuid', ...options],
  });
  const config = {
    ociVersion: '1.0.2',
    process: {
      ...{ terminal: false, user: { uid: 0, gid: 0 }, args: command, cwd: '/', noNewPrivileges: true, rlimits },
      env: Object.entries(env).map(pair => pair.join('=')),
      capabilities: Object.fromEntries(['bounding', 'effective', 'permitted'].map(set => [set, dockerCapabilities])),
    },
    root: { path: 'rootfs' },
    hostname: 'box',
    mounts: [
      mount('/proc', 'proc', 'nodev', 'noexec'),
      mount('/sys', 'sysfs', 'nodev', 'noexec', 'ro'),
      mount('/sys/fs/cgroup', 'cgroup', 'nodev', 'noexec', 'ro'),
      mount('/dev', 'tmpfs', 'strictatime', 'mode=755', 'size=65536k'),
      mount('/dev/pts', 'devpts', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'),
      mount('/dev/shm', 'tmpfs', 'nodev', 'noexec', 'mode=1777', 'size=65536k'),
      mount('/dev/mqueue', 'mqueue', 'nodev', 'noexec'),
    ],
    linux: {
      namespaces: ['user', 'mount', 'uts', 'ipc', 'pid', 'network', 'cgroup'].map(type => ({ type })),
      ...{
        uidMappings: [mapping],
        gidMappings: [mapping],
        maskedPaths,
        readonlyPaths,
        cgroupsPath: '/side-by-side/crun',
      },
      resources: {
        memory: { limit: resources.memory.max, reservation: 0, swap: resources.memory.max },
        cpu: { quota: resources.cpu.quota, period: 100_000 },
        pids: { limit: resources.pids },
        unified: { 'memory.high': String(resources.memory.high), 'cpu.weight': String(resources.cpu.weight) },
      },
      seccomp: {
        ...{ defaultAction: defaultPolicy.defaultAction, defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'] },
        syscalls: rulesFor(defaultPolicy, dockerCapabilities),
      },
    },
  };
  writeFileSync(`${path}/config.json`, JSON.stringify(config));
  return path;
}

/** What the kernel says of a process, in a form that does not depend on which process it is. */
function facts(pid: number) {
  const read = (path: string) => readFileSync(path, 'utf8');
  const [own, host] = [readNamespaces(pid), readNamespaces('self')];
  const { fields } = readStatus(pid);
  const map = (kind: string) => read(`/proc/${pid}/${kind}_map`).trim().split(/\s+/).join(' ');
  // What is mounted last at a place is what is seen there.
  const mounts = new Map(readMountinfo(pid).map(mount => [mount.mountPoint, mount]));
  const cgroup = `/sys/fs/cgroup${/^0::(.*)$/m.exec(read(`/proc/${pid}/cgroup`))?.[1]}`;
  const limits = readdirSync(cgroup).filter(name => /^(memory|cpu|pids)\..*(max|high|low|weight)$/.test(name));
  return {
    namespaces: Object.entries(own)
      .filter(([kind, id]) => id !== host[kind as keyof typeof host])
      .map(([kind]) => kind)
      .sort(),
    mounts: Object.fromEntries(
      [...mounts]
        .sort()
        .map(([point, { type, options }]) => [point, `${point === '/' ? 'the root' : type} ${access(options)}`]),
    ),
    maps: { uid: map('uid'), gid: map('gid') },
    status: Object.fromEntries(
      ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'].map(name => [
        name,
        fields[name]?.trim(),
      ]),
    ),
    limits: read(`/proc/${pid}/limits`).split('\n').slice(1, -1),
    cgroup: Object.fromEntries(limits.sort().map(name => [name, read(`${cgroup}/${name}`).trim()])),
    root: readdirSync(`/proc/${pid}/root`).sort(),
    dev: readdirSync(`/proc/${pid}/root/dev`).sort(),
  };
}

const access = (options: string[]) => (options.includes('ro') ? 'read-only' : 'writable');

mkdirSync(`${folder}/containers`, { recursive: true });
cpSync(baseRootfs, `${folder}/base`, { recursive: true, verbatimSymlinks: true });
execFileSync('chown', ['-hR', '100000:100000', `${folder}/base`]);
const spec: Spec = {
  ...{ command, env, hostname: 'box', layers: [`${folder}/base`], containers: `${folder}/containers`, rlimits },
  ...{ uidMappings: [mapping], gidMappings: [mapping], cgroup: '/side-by-side/ours', resources },
};
const ours = await contain(spec);
execFileSync('crun', ['run', '--detach', '--bundle', bundle(), 'crun'], { stdio: ['ignore', 'ignore', 'inherit'] });
const state = JSON.parse(execFileSync('crun', ['state', 'crun'], { encoding: 'utf8' }));
try {
  console.log(JSON.stringify({ ours: facts(ours.pid), crun: facts(state.pid) }));
} finally {
  await ours.end();
  execFileSync('crun', ['delete', '--force', 'crun']);
}
