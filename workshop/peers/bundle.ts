// The order for part 1's container in the words of the runtime specification, for runc and crun. config.md, config-linux.md
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { maskedPaths, readonlyPaths } from '#05-pivot-root';
import type { Spec } from '#14-privileges';
import { defaultPolicy, dockerCapabilities, rulesFor } from '#linux';
import { baseRootfs } from '../paths.ts';

/** What lesson 09 maps when nothing else is asked for. */
const mapping = { containerID: 0, hostID: 100_000, size: 65_536 };

/** The base image, owned by the container's root: for those who cannot shift owners, and where the kernel cannot. */
export function copyRootfs(path: string): void {
  cpSync(baseRootfs, path, { recursive: true, verbatimSymlinks: true });
  execFileSync('chown', ['-hR', `${mapping.hostID}:${mapping.hostID}`, path]);
}

export type Order = Required<Pick<Spec, 'command' | 'env' | 'cgroup' | 'resources' | 'rlimits'>>;

/** A bundle in a new folder, with a root file system of its own. Returns the folder. */
export function makeBundle(path: string, { command, env, cgroup, resources, rlimits }: Order): string {
  copyRootfs(`${path}/rootfs`);
  const { memory, cpu, pids } = resources;
  const mount = (destination: string, type: string, ...options: string[]) => ({
    ...{ destination, type, source: type },
    options: ['nosuid', ...options],
  });
  const unified = { 'memory.high': memory?.high, 'cpu.weight': cpu?.weight };
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
      ...{ uidMappings: [mapping], gidMappings: [mapping], maskedPaths, readonlyPaths, cgroupsPath: cgroup },
      resources: {
        ...(memory?.max && { memory: { limit: memory.max, swap: memory.max + (memory.swap ?? 0) } }),
        ...(cpu?.quota && { cpu: { quota: cpu.quota, period: cpu.period ?? 100_000 } }),
        ...(pids && { pids: { limit: pids } }),
        unified: Object.fromEntries(
          Object.entries(unified).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])),
        ),
      },
      seccomp: {
        ...{ defaultAction: defaultPolicy.defaultAction, defaultErrnoRet: 1 },
        architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
        syscalls: rulesFor(defaultPolicy, dockerCapabilities),
      },
    },
  };
  writeFileSync(`${path}/config.json`, JSON.stringify(config));
  return path;
}
