// Why a mount is there, in a word: by its type, by what part of its file system it shows, and by what it is when looked at.
import { type BigIntStats, lstatSync, opendirSync } from 'node:fs';
import { type Mount, readMountinfo } from '#linux';
import type { MountView } from '../types.ts';
import { type Reading, sameNamespace } from './reading.ts';
import { isSlow, slowPlaces } from './slow.ts';

/** File systems that hold no files of anybody's, but what the kernel says and takes. */
const kernelTypes = new Set(
  `proc sysfs cgroup cgroup2 devpts mqueue devtmpfs debugfs tracefs securityfs bpf pstore efivarfs configfs fusectl
  binfmt_misc hugetlbfs selinuxfs nsfs rpc_pipefs nfsd autofs resctrl`.split(/\s+/),
);

export function roleTeller(reading: Reading, list: Mount[], root: Mount): (mount: Mount) => MountView['role'] {
  const byId = new Map(list.map(mount => [mount.id, mount]));
  const covered = new Set(
    list.filter(each => byId.get(each.parent)?.mountPoint === each.mountPoint).map(each => each.parent),
  );
  const hosts = hostMounts(reading);

  const leadsAway = slowPlaces(list);

  /** Whether nothing lies upon it, and no place on the way to it is one that may never answer. */
  const canLook = ({ id, mountPoint }: Mount) => !covered.has(id) && !isSlow(root) && !leadsAway(mountPoint);
  const place = (mount: Mount) => `/proc/${reading.pid}/root${mount.mountPoint}`;
  const look = (mount: Mount): BigIntStats | null => {
    try {
      return canLook(mount) ? lstatSync(place(mount), { bigint: true }) : null;
    } catch {
      return null;
    }
  };

  return mount => {
    if (mount.id === root.id) return 'root';
    const isPart = mount.root !== '/' && !isSubvolume(mount);
    if (isPart && ['devtmpfs', 'tmpfs', 'ext4', 'xfs', 'btrfs', 'overlay', 'hostfs'].includes(mount.type)) {
      const stat = look(mount);
      const device = stat ? stat.isCharacterDevice() || stat.isBlockDevice() : mount.type === 'devtmpfs';
      const isNull = stat ? device && stat.rdev === nullDevice : device && mount.root === '/null';
      if (isNull && !mount.mountPoint.endsWith('/null')) return 'mask';
      if (device) return 'device';
    }
    if (mount.type === 'tmpfs' && !isPart && mount.options.includes('ro')) {
      const parent = byId.get(mount.parent)?.type ?? '';
      if (look(mount) ? isEmpty(place(mount)) : ['proc', 'sysfs'].includes(parent)) return 'mask';
    }
    if (kernelTypes.has(mount.type)) return 'kernel';
    if (isPart || hosts.elsewhere(mount)) return 'bind';
    return mount.type === 'tmpfs' || mount.type === 'ramfs' ? 'memory' : 'other';
  };
}

/** makedev(1, 3) */
const nullDevice = 0x103n;

/** Of btrfs, a part of the file system is what one mounts. */
const isSubvolume = ({ type, root, superOptions }: Mount) =>
  type === 'btrfs' && superOptions.includes(`subvol=${root}`);

function isEmpty(path: string): boolean {
  try {
    const folder = opendirSync(path);
    const first = folder.readSync();
    folder.closeSync();
    return first === null;
  } catch {
    return false;
  }
}

/** A file system that is the host's too, but at another place there: bound, as a whole. In a mere copy of its mounts none is. */
function hostMounts({ pid, host }: Reading) {
  const places = new Map<string, Set<string>>();
  try {
    const theirs = sameNamespace(pid, host, 'mnt') === false ? readMountinfo(host) : [];
    for (const { device, mountPoint } of theirs) {
      if (!places.has(device)) places.set(device, new Set());
      places.get(device)?.add(mountPoint);
    }
  } catch {
    // Then only parts are known to be bound.
  }
  const elsewhere = ({ device, mountPoint }: Mount) => places.has(device) && !places.get(device)?.has(mountPoint);
  return { elsewhere };
}
