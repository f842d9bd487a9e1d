// The machine around the namespaces: kernel, rights, control groups, programs, memory.
import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { Process, readNamespaces } from '#linux';
import { type Facts, findProgram } from './facts.ts';
import { type Finding, finding, type Lack, useGuest } from './finding.ts';

export async function machine(facts: Facts): Promise<Finding[]> {
  return [
    kernel(facts),
    architecture(),
    rights(facts),
    surroundings(facts),
    controlGroups(facts),
    ...programs(facts),
    node(),
    await helper(),
    memory(),
  ];
}

function kernel({ kernel }: Facts): Finding {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const old: Lack = { cause: 'lessons are written for Linux 5.11 and newer', remedy: useGuest };
  return finding('kernel', 'kernel', `Linux ${release()}`, major < 5 || (major === 5 && minor < 11) ? old : undefined);
}

function architecture(): Finding {
  const lack: Lack = { state: 'missing', cause: 'only x86-64 and arm64 are supported', remedy: 'use such a machine' };
  return finding('architecture', 'architecture', arch(), arch() === 'x64' || arch() === 'arm64' ? undefined : lack);
}

function rights({ root, uid }: Facts): Finding {
  if (root) return finding('root', 'rights', 'root');
  const found = uid === 0 ? 'root without CAP_SYS_ADMIN' : `user ${uid}`;
  const cause = 'lessons run in a user namespace then, and those that cannot are skipped';
  return finding('root', 'rights', found, {
    cause,
    remedy: uid === 0 ? 'give this container --privileged' : 'for all of them, use sudo',
  });
}

/** The machine's first pid namespace always has this number; /.dockerenv and its like lie about in machines made from images. */
const FIRST_PID_NAMESPACE = 0xeffffffc;

function surroundings({ root }: Facts): Finding {
  const title = 'surroundings';
  const guest = process.env.BOXWRIGHT_GUEST;
  if (guest) return finding('container', title, `the workshop’s own guest (${guest})`);
  if (readNamespaces('self').pid === FIRST_PID_NAMESPACE) return finding('container', title, 'the machine itself');
  const cause = 'whoever made the container decides what may be done in it';
  const remedy = 'give it --privileged, or use the machine itself';
  return finding('container', title, 'inside a container', root ? undefined : { cause, remedy });
}

function controlGroups({ cgroup, root, features }: Facts): Finding {
  const title = 'control groups';
  if (cgroup === 'v2') {
    const controllers = readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim();
    const cause = root
      ? 'cpu, memory and pids are not all passed down from the root'
      : 'only root may make cgroups here';
    const lack = { cause, remedy: `${useGuest}, as lesson 10 does by itself` };
    return finding(
      'cgroup-v2',
      title,
      `version 2: ${controllers || 'no controllers'}`,
      features['cgroup-v2'] ? undefined : lack,
    );
  }
  const enabled = readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .slice(1)
    .map(line => line.split('\t'));
  const names = enabled.filter(([name, , , on]) => name && on === '1').map(([name]) => name);
  const layout = { v1: 'version 1', hybrid: 'hybrid, versions 1 and 2', none: 'not mounted' }[cgroup];
  return finding('cgroup-v2', title, `${layout}: ${names.join(' ')}`, {
    cause: 'a controller serves one version at a time, and the lessons use version 2',
    remedy: `${useGuest} (or boot with systemd.unified_cgroup_hierarchy=1)`,
  });
}

/** Programs: what each is for, and whose package has it. A missing one is no more than a warning: `npm start` installs what it needs. */
const wanted: Record<string, { purpose: string; package: string }> = {
  cc: { purpose: 'builds the C helper', package: 'gcc libc6-dev' },
  make: { purpose: 'builds the C helper', package: 'make' },
  ip: { purpose: 'the network lessons use it', package: 'iproute2' },
  nft: { purpose: 'the network lessons write firewall rules with it', package: 'nftables' },
  iptables: { purpose: 'writes firewall rules where the kernel has no nftables', package: 'iptables' },
  newuidmap: { purpose: 'gives an ordinary user’s container more than one user', package: 'uidmap' },
};

function programs(facts: Facts): Finding[] {
  return Object.entries(wanted).map(([name, { purpose, package: from }]) => {
    const path = findProgram(name);
    if (path && facts.features[name] === false) {
      const cause = 'this kernel, or this user’s rights, cannot do what the lessons ask of it';
      return finding(name, name, path, { found: `${path}, refused`, cause, remedy: useGuest });
    }
    const lack = { found: 'not installed', cause: purpose, remedy: `sudo apt-get install ${from}` };
    return finding(name, name, path ?? '', path ? undefined : lack);
  });
}

function node(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const lack: Lack = {
    cause: 'the workshop is tested with Node 24',
    remedy: 'npm start, which brings its own Node 24',
  };
  return finding('node', 'Node', process.version, major >= 24 ? undefined : lack);
}

async function helper(): Promise<Finding> {
  try {
    const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
    const pid = await box.syscall('getpid').finally(() => box.end());
    if (pid === box.pid) return finding('helper', 'C helper', 'built; it makes system calls');
    throw new Error(`getpid answered ${pid} in process ${box.pid}`);
  } catch (error) {
    const found = (error as Error).message;
    return finding('helper', 'C helper', found, {
      state: 'missing',
      cause: 'not built, or for another architecture',
      remedy: 'npm start',
    });
  }
}

function memory(): Finding {
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 2 ** 20;
  const lack: Lack = {
    cause: 'a sandbox keeps what is written in it in memory, and a guest takes 256 MiB and more',
    remedy: 'close some programs',
  };
  return finding('memory', 'free memory', `${available.toFixed(1)} GiB`, available < 0.5 ? lack : undefined);
}
