// The tree of the mounts that a process sees, from its root. mount_namespaces(7), proc_pid_mountinfo(5)
import { closeSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type Mount, O, readMountinfo } from '#linux';
import type { MountView } from '../types.ts';
import { type Reading, sameNamespace } from './reading.ts';
import { roleTeller } from './roles.ts';

/** Mounts on mounts at one place are a chain; beyond this they stand beside each other, for trees are walked by recursion. */
const deepest = 200;

export function readMounts(reading: Reading): { tree: MountView | null; list: Mount[] } {
  const found = reading.attempt('its mounts', () => {
    const list = readMountinfo(reading.pid);
    return { tree: treeOf(list, rootOf(reading, list), reading), list };
  });
  return found ?? { tree: null, list: [] };
}

function treeOf(list: Mount[], root: Mount, reading: Reading): MountView {
  const roleOf = roleTeller(reading, list, root);
  const view = (mount: Mount): MountView => ({
    ...{ id: mount.id, path: mount.mountPoint, type: mount.type, source: mount.source, root: mount.root },
    ...{ options: mount.options, superOptions: mount.superOptions, propagation: mount.propagation },
    ...{ role: roleOf(mount), children: [] },
  });
  const top = view(root);
  const views = new Map(list.map(mount => [mount.id, mount.id === root.id ? top : view(mount)]));
  const parents = new Map(list.map(({ id, parent }) => [id, parent]));
  const depths = new Map([[top.id, 0]]);
  let flattened = false;
  for (const mount of list) {
    if (mount.id === root.id) continue;
    // The way up, as far as it is not known yet: a parent may stand behind its child, and one may not be there at all.
    const way = [mount.id];
    while (!depths.has(way.at(-1) as number)) {
      const parent = parents.get(way.at(-1) as number);
      if (parent === undefined || !views.has(parent) || way.includes(parent)) break;
      way.push(parent);
    }
    if (!depths.has(way.at(-1) as number)) way.push(top.id);
    for (let i = way.length - 2; i >= 0; i--) {
      let parent = way[i + 1] as number;
      while ((depths.get(parent) ?? 0) >= deepest) {
        parent = parents.get(parent) ?? top.id;
        flattened = true;
      }
      depths.set(way[i] as number, (depths.get(parent) ?? 0) + 1);
      views.get(parent)?.children.push(views.get(way[i] as number) as MountView);
    }
  }
  const why = `mounts lie upon mounts, more than ${deepest} deep; those above are shown beside each other`;
  if (flattened) reading.unread.push({ what: 'the depth of the tree of mounts', why });
  return top;
}

/**
 * The mount that the process's root is on. After chroot(2) it is none of those that mountinfo shows, and the root is a folder
 * of it: then whoever has the same mount namespace and a wider view knows more.
 */
function rootOf(reading: Reading, list: Mount[]): Mount {
  const { pid, host } = reading;
  const id = reading.attempt('the mount that its root is on', () => mountIdOf(`/proc/${pid}/root`));
  const listed =
    list.find(mount => mount.id === id) ?? (id === null ? list.find(each => each.mountPoint === '/') : null);
  if (listed) return listed;
  const path = reading.attempt('its root', () => readlinkSync(`/proc/${pid}/root`)) ?? '';
  for (const viewer of [host, process.pid]) {
    const wider = sameNamespace(pid, viewer, 'mnt') ? readMountinfo(viewer).find(mount => mount.id === id) : undefined;
    if (wider && path) return partOf(wider, path);
  }
  const theirs = reading.attempt('the file system of its root', () => likeIt(`/proc/${pid}/root`, path, host));
  const what = theirs ? 'the options of the mount that its root is on' : 'the file system of its root';
  reading.unread.push({ what, why: 'no process that is known here sees the mount' });
  return { ...(theirs ? partOf(theirs, path) : unknown), id: id ?? 0, options: [], propagation: [] };
}

/** The root, which is a folder of this mount. The link says where it is as we see it: of use when we see what the viewer sees. */
function partOf(mount: Mount, path: string): Mount {
  const point = mount.mountPoint === '/' ? '' : mount.mountPoint;
  const within = path.startsWith(`${point}/`) ? path.slice(point.length) : '';
  return { ...mount, root: `${mount.root === '/' ? '' : mount.root}${within}` || '/', mountPoint: '/' };
}

/** The host's mount of the same file system on the way to that path: a mount namespace begins as a copy. */
function likeIt(root: string, path: string, host: number): Mount | null {
  const { dev } = statSync(root, { bigint: true });
  // The kernel's encoding, as makedev(3) has it.
  const device = `${(dev >> 8n) & 0xfffn}:${(dev & 0xffn) | ((dev >> 12n) & 0xfff00n)}`;
  const fitting = [host, process.pid].flatMap(viewer =>
    readMountinfo(viewer).filter(mount => {
      const point = mount.mountPoint === '/' ? '' : mount.mountPoint;
      return mount.device === device && (path === point || path.startsWith(`${point}/`));
    }),
  );
  return fitting.toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0] ?? null;
}

const unknown: Mount = {
  ...{ id: 0, parent: 0, device: '', root: '/', mountPoint: '/', type: 'unknown', source: '' },
  ...{ options: [], superOptions: [], propagation: [], shared: null, master: null },
};

/** proc_pid_fdinfo(5), mnt_id */
function mountIdOf(path: string): number {
  const fd = openSync(path, O.PATH);
  try {
    return Number(/^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]);
  } finally {
    closeSync(fd);
  }
}
