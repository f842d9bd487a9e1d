// Where control groups are mounted on the reader's machine, by controller, and which folder a process's group is. cgroups(7)
import { existsSync, readFileSync } from 'node:fs';
import { type Mount, readMountinfo } from '#linux';

export interface Group {
  version: 1 | 2;
  /** As /proc/PID/cgroup says it here. */
  path: string;
  /** Its files, and those of the groups above it, as far as they can be seen: itself first. */
  folders: string[];
}

/** Finds the group that decides on a controller: of version 1 where that has it, else of version 2. Null where none is mounted. */
export function groupsOf(pid: number): (controller: string) => Group | null {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(Boolean);
  const entries = lines.map(line => /^(\d+):([^:]*):(.*)$/s.exec(line) ?? []);
  const mounts = hierarchies();
  const unified = entries.find(([, number, names]) => number === '0' && names === '');
  const two = mounts.find(({ type }) => type === 'cgroup2');
  return controller => {
    const first = entries.find(([, , names]) => names?.split(',').includes(controller));
    const one = mounts.find(({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller));
    if (first && one) return group(1, one, first[3] ?? '/');
    return unified && two ? group(2, two, unified[3] ?? '/') : null;
  };
}

/** Those that nothing lies upon: what is mounted last at a place is what is seen there. */
function hierarchies(): Mount[] {
  const all = readMountinfo('self');
  const last = new Map(all.map(mount => [mount.mountPoint, mount]));
  return all.filter(mount => /^cgroup2?$/.test(mount.type) && last.get(mount.mountPoint) === mount);
}

function group(version: 1 | 2, mount: Mount, path: string): Group {
  const folders: string[] = [];
  // A mount may show a part of the hierarchy only; what is outside of it has no folder here.
  const root = mount.root === '/' ? '' : mount.root;
  const isInside = path === mount.root || path.startsWith(`${root}/`);
  if (isInside && !path.split('/').includes('..')) {
    const names = path.slice(root.length).split('/').filter(Boolean);
    for (let depth = names.length; depth >= 0; depth--)
      folders.push([mount.mountPoint, ...names.slice(0, depth)].join('/'));
  }
  return { version, path, folders: folders.filter(folder => existsSync(folder)) };
}
