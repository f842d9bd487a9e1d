// Overlays, as the sandbox and lesson 04 make them, and mounts that show other owners (idmapped), on the file system where
// this repository lies.
import { existsSync, statfsSync, writeFileSync } from 'node:fs';
import { AT, CLONE, MOUNT_ATTR, O, OPEN_TREE, Process } from '#linux';
import { baseRootfs, home } from '../paths.ts';
import type { Facts } from './facts.ts';
import { type Finding, finding, type Lack, useGuest } from './finding.ts';
import { tryOverlay } from './probe.ts';

export async function storage(facts: Facts): Promise<Finding[]> {
  const [asRoot, asUser, idmap] = await Promise.all([
    facts.root ? tryOverlay(false) : undefined,
    tryOverlay(true),
    idmapped(facts),
  ]);
  const first = asRoot ?? asUser;
  const refused = (complaint: string, cause: string, state: 'warn' | 'missing' = 'missing'): Lack => ({
    state,
    found: complaint ? `refused: ${complaint}` : 'refused',
    cause,
    remedy: useGuest,
  });
  const unless = (worked: boolean, lack: Lack) => (worked ? undefined : lack);

  return [
    finding(
      'overlay',
      'overlay',
      'mounted',
      unless(
        first.steps.has('overlay'),
        refused(first.complaint, 'the kernel has no overlayfs, or this user may not mount it'),
      ),
    ),
    finding(
      'overlay-on-overlay',
      'overlay on an overlay',
      'mounted',
      unless(
        first.steps.has('nested'),
        refused(first.complaint, 'overlays can be stacked two deep, and this may be inside two already'),
      ),
    ),
    finding(
      'overlay-userns',
      'overlay in a user namespace',
      'mounted',
      unless(
        asUser.steps.has('overlay'),
        refused(asUser.complaint, 'needs Linux 5.11 and a user namespace', facts.root ? 'warn' : 'missing'),
      ),
    ),
    finding(
      'tmpfs-xattr',
      'user attributes on tmpfs',
      'kept',
      unless(asUser.steps.has('opaque'), {
        found: 'not kept',
        cause: 'needs Linux 6.6; without it an overlay in a user namespace cannot mark a folder as opaque',
        remedy: facts.root ? 'work as root, as now' : 'work as root, or with a newer kernel',
      }),
    ),
    idmap,
    finding(
      'idmapped-tmpfs',
      'idmapped mount of a tmpfs',
      'made',
      unless(facts.features['idmapped-tmpfs'] === true, {
        found: 'refused',
        cause: 'needs Linux 6.3; without it a container cannot share an image on a tmpfs with one of other ids',
        remedy: 'nothing need be done; images on ext4, xfs or btrfs can be shared on older kernels',
      }),
    ),
    finding(
      'owned-layers',
      'a container owns its image on a tmpfs',
      'as it should',
      unless(facts.features['owned-layers'] === true, {
        found: 'not here',
        cause: 'needs Linux 6.3: else what lesson 17’s checks build belongs to nobody, and its root cannot change it',
        remedy: 'for those tasks work as an ordinary user, or with a newer kernel',
      }),
    ),
    space(),
    finding(
      'rootfs',
      'base root file system',
      baseRootfs,
      unless(existsSync(`${baseRootfs}/bin/busybox`), {
        state: 'missing',
        found: 'not made yet',
        cause: 'set-up has not run, or its result was deleted',
        remedy: 'npm start',
      }),
    ),
  ];
}

/** A detached copy of the mount, seen by nobody, is given the map of another process's user namespace. mount_setattr(2) */
async function idmapped(facts: Facts): Promise<Finding> {
  const title = 'idmapped mount of this folder';
  if (!facts.root) {
    return finding('idmap', title, 'not tried', {
      cause: 'only root may make one of a file system that is not the user’s',
      remedy: 'work as root',
    });
  }
  const other = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
  const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await other.unshare(CLONE.NEWUSER);
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${other.pid}/${map}`, '0 100000 65536');
    const userns = await box.open(`/proc/${other.pid}/ns/user`, O.RDONLY | O.CLOEXEC);
    const tree = await box.syscall('open_tree', AT.FDCWD, home, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC);
    // struct mount_attr: attr_set, attr_clr, propagation, userns_fd, each of 64 bits
    const attributes = new BigUint64Array([BigInt(MOUNT_ATTR.IDMAP), 0n, 0n, BigInt(userns)]);
    await box.syscall(
      'mount_setattr',
      tree,
      '',
      AT.EMPTY_PATH,
      new Uint8Array(attributes.buffer),
      attributes.byteLength,
    );
    return finding('idmap', title, 'made');
  } catch (error) {
    const found = `refused: ${(error as Error).message}`;
    return finding('idmap', title, found, {
      cause: 'its file system, or this kernel, cannot do that yet',
      remedy: 'use ext4, xfs or btrfs, and Linux 5.15 or newer',
    });
  } finally {
    await Promise.all([other.end(), box.end()]);
  }
}

function space(): Finding {
  const { bavail, bsize } = statfsSync(home);
  const free = (bavail * bsize) / 2 ** 30;
  const lack = { cause: 'guests and images need about 1 GiB', remedy: 'free some space on the disk of this folder' };
  return finding('disk', 'free disk space', `${free.toFixed(1)} GiB`, free < 1 ? lack : undefined);
}
