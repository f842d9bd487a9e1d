// What of this machine decides whether a lesson can run on it: few facts, found in some tens of milliseconds, once a process.
// The doctor's findings go deeper and say what to do.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { type NamespaceKind, readStatus } from '#linux';
import { searchPath, tryIdmappedTmpfs, tryNat, tryOverlay, tryUserNamespace } from './probe.ts';

export interface Facts {
  platform: NodeJS.Platform;
  /** The kernel's number, such as '6.18.44'; empty where it is not Linux. */
  kernel: string;
  uid: number;
  /** Root with the rights to mount and to make namespaces, which root in a plain Docker container has not. */
  root: boolean;
  /** This user can make a user namespace, and mount in it. */
  userns: boolean;
  cgroup: 'v1' | 'v2' | 'hybrid' | 'none';
  overlay: boolean;
  overlayInUserns: boolean;
  /** A tmpfs keeps the `user.` attributes that an overlay in a user namespace needs for opaque folders (Linux 6.6). */
  tmpfsUserXattr: boolean;
  /** Inside our own guest. */
  guest: boolean;
  /** Ids of findings that a lesson's `needs.features` may name, and whether they are there. */
  features: Record<string, boolean>;
}

export const namespaces: NamespaceKind[] = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup', 'time'];
export const tools = ['ip', 'nft', 'iptables', 'newuidmap'];

let known: Promise<Facts> | undefined;

export function machineFacts(): Promise<Facts> {
  known ??= process.platform === 'linux' ? lookAround() : Promise.resolve(elsewhere());
  return known;
}

async function lookAround(): Promise<Facts> {
  const uid = process.geteuid?.() ?? -1;
  const root = uid === 0 && mayAdminister();
  const [asRoot, asUser, ordinary, idmapped, nft] = await Promise.all([
    root ? tryOverlay(false) : undefined,
    tryOverlay(true),
    tryUserNamespace(root),
    tryIdmappedTmpfs(),
    tryNat(root),
  ]);
  const cgroup = cgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
  const overlay = (asRoot ?? asUser).steps;
  const controllers = root && cgroup === 'v2' ? passedDown() : [];

  return {
    platform: process.platform,
    kernel: /^[\d.]*\d/.exec(release())?.[0] ?? '',
    uid,
    root,
    userns: asUser.steps.has('namespace'),
    cgroup,
    overlay: overlay.has('overlay'),
    overlayInUserns: asUser.steps.has('overlay'),
    tmpfsUserXattr: asUser.steps.has('opaque'),
    guest: process.env.BOXWRIGHT_GUEST !== undefined,
    features: {
      overlay: overlay.has('overlay'),
      'overlay-on-overlay': overlay.has('nested'),
      'overlay-userns': asUser.steps.has('overlay'),
      'tmpfs-xattr': asUser.steps.has('opaque'),
      userns: ordinary.ok,
      'idmapped-tmpfs': idmapped,
      // A container's root owns its image's files: shifted for root's containers; an ordinary user's are that user's already.
      'owned-layers': !root || idmapped,
      // For cgroups of our own, with what lesson 10 is about.
      'cgroup-v2': ['cpu', 'memory', 'pids'].every(each => controllers.includes(each)),
      'cgroup-cpuset': controllers.includes('cpuset'),
      guest: process.env.BOXWRIGHT_GUEST !== undefined,
      ...Object.fromEntries(namespaces.map(kind => [`namespace-${kind}`, existsSync(`/proc/self/ns/${kind}`)])),
      ...Object.fromEntries(tools.map(name => [name, findProgram(name) !== undefined])),
      // The program alone is no use where the kernel cannot do what the lessons ask of it.
      nft,
    },
  };
}

function elsewhere(): Facts {
  const none = { root: false, userns: false, overlay: false, overlayInUserns: false, tmpfsUserXattr: false };
  const uid = process.geteuid?.() ?? -1;
  return { platform: process.platform, kernel: '', uid, cgroup: 'none', guest: false, features: {}, ...none };
}

/** CAP_SYS_ADMIN and CAP_SYS_CHROOT are in force. capabilities(7) */
function mayAdminister(): boolean {
  const [CAP_SYS_CHROOT, CAP_SYS_ADMIN] = [18n, 21n];
  const { effective } = readStatus('self').capabilities;
  return [CAP_SYS_CHROOT, CAP_SYS_ADMIN].every(bit => ((effective >> bit) & 1n) === 1n);
}

/** The controllers that the root of version 2's hierarchy passes down to who makes a cgroup in it. */
function passedDown(): string[] {
  return readFileSync('/sys/fs/cgroup/cgroup.subtree_control', 'utf8').trim().split(' ');
}

/** Which versions of control groups are mounted, by the lines of /proc/mounts. cgroups(7) */
export function cgroupLayout(mounts: string): Facts['cgroup'] {
  const types = new Set(mounts.split('\n').map(line => line.split(' ')[2]));
  if (types.has('cgroup')) return types.has('cgroup2') ? 'hybrid' : 'v1';
  return types.has('cgroup2') ? 'v2' : 'none';
}

/** Where a program is; undefined if it is nowhere. */
export function findProgram(name: string): string | undefined {
  for (const folder of searchPath.split(':')) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {}
  }
  return undefined;
}
