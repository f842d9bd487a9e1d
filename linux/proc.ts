// What /proc says of a process, as data. The parsers are pure; the readers take a pid and are for Linux. proc(5)
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export type NamespaceKind = 'mnt' | 'pid' | 'net' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';
export type Pid = number | 'self';

/** The inode number of each namespace that the process is in. namespaces(7) */
export function readNamespaces(pid: Pid): Record<NamespaceKind, number> {
  const kinds: NamespaceKind[] = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time'];
  // A kernel before 5.6 has no time namespaces.
  const target = (kind: NamespaceKind) =>
    kind === 'time' && !tryReadlink(`/proc/${pid}/ns/time`) ? 0 : readNamespace(pid, kind);
  return Object.fromEntries(kinds.map(kind => [kind, target(kind)])) as Record<NamespaceKind, number>;
}

/** Of one. Throws EACCES for another's process, ENOENT for a kind that a zombie has none of any more. */
export function readNamespace(pid: Pid, kind: NamespaceKind): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1] ?? 0);
}

/** One line of /proc/PID/mountinfo. proc_pid_mountinfo(5) */
export interface Mount {
  id: number;
  parent: number;
  /** major:minor of the file system's device. */
  device: string;
  /** The folder within the file system that is mounted; not '/' for a bind mount of a folder. */
  root: string;
  mountPoint: string;
  /** Of this mount: 'ro', 'nosuid', … */
  options: string[];
  /** The peer group's number, when the mount passes events on to others. mount_namespaces(7) */
  shared: number | null;
  /** The peer group that events come from. */
  master: number | null;
  /** Both, and what else there may be, as it stands: 'shared:7', 'master:1', 'propagate_from:3', 'unbindable'. */
  propagation: string[];
  type: string;
  source: string;
  /** Of the file system. */
  superOptions: string[];
}

export function parseMountinfo(text: string): Mount[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [before = '', after = ''] = line.split(' - ');
      const [id, parent, device = '', root = '', mountPoint = '', options = '', ...tags] = before.split(' ');
      const [type = '', source = '', superOptions = ''] = after.split(' ');
      const tag = (name: string) => {
        const found = tags.find(each => each.startsWith(`${name}:`));
        return found ? Number(found.slice(name.length + 1)) : null;
      };
      return {
        id: Number(id),
        parent: Number(parent),
        device,
        root: unescapeOctal(root),
        mountPoint: unescapeOctal(mountPoint),
        options: options.split(','),
        shared: tag('shared'),
        master: tag('master'),
        propagation: tags,
        type,
        source: unescapeOctal(source),
        // Split first: a comma within an option is escaped.
        superOptions: superOptions.split(',').map(unescapeOctal),
      };
    });
}

/** Blanks, tabs, newlines and backslashes stand as \040 and so on. The numbers are bytes, together they are UTF-8. */
function unescapeOctal(text: string): string {
  return text.replace(/(?:\\[0-7]{3})+/g, run =>
    Buffer.from(
      run
        .slice(1)
        .split('\\')
        .map(digits => Number.parseInt(digits, 8)),
    ).toString(),
  );
}

/** The mounts of the process's mount namespace, as far as its root lets it see them. */
export function readMountinfo(pid: Pid): Mount[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
}

/** What /proc/PID/status says. proc_pid_status(5) */
export interface Status {
  name: string;
  /** 'R' running, 'S' sleeping, 'D' disk sleep, 'T' stopped, 'Z' zombie, … */
  state: string;
  pid: number;
  parent: number;
  /** In each pid namespace, from the reader's inwards. */
  nsPids: number[];
  /** real, effective, saved, file system */
  uids: number[];
  gids: number[];
  groups: number[];
  threads: number;
  noNewPrivs: boolean;
  /** 0 none, 1 strict, 2 filter */
  seccomp: number;
  capabilities: Record<'inheritable' | 'permitted' | 'effective' | 'bounding' | 'ambient', bigint>;
  /** Every line as it is. */
  fields: Record<string, string>;
}

export function parseStatus(text: string): Status {
  const fields: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  const numbers = (key: string) => (fields[key] ?? '').split(/\s+/).filter(Boolean).map(Number);
  const bits = (key: string) => BigInt(`0x${fields[key] ?? '0'}`);
  return {
    name: fields.Name ?? '',
    state: fields.State?.[0] ?? '',
    pid: Number(fields.Pid),
    parent: Number(fields.PPid),
    nsPids: numbers('NSpid'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    threads: Number(fields.Threads),
    noNewPrivs: fields.NoNewPrivs === '1',
    seccomp: Number(fields.Seccomp ?? 0),
    capabilities: {
      inheritable: bits('CapInh'),
      permitted: bits('CapPrm'),
      effective: bits('CapEff'),
      bounding: bits('CapBnd'),
      ambient: bits('CapAmb'),
    },
    fields,
  };
}

export function readStatus(pid: Pid): Status {
  return parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/**
 * When the process was started, in clock ticks since boot; null when there is none, or what is left of it is a zombie. Numbers
 * are given anew, so it takes both to name a process. proc_pid_stat(5), fields 3 and 22
 */
export function readStartTime(pid: Pid): number | null {
  try {
    // The second field is the command's name, in parentheses, and may hold any of them itself.
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return /[ZX]/.test(state ?? '') ? null : Number(fields[18]);
  } catch {
    return null;
  }
}

/** The process's root as its mount namespace names it, with the device and inode that tell what it really is. */
export interface Place {
  path: string;
  device: number;
  inode: number;
}

export function readRoot(pid: Pid): Place {
  return readPlace(`/proc/${pid}/root`);
}

export function readCwd(pid: Pid): Place {
  return readPlace(`/proc/${pid}/cwd`);
}

function readPlace(link: string): Place {
  const { dev, ino } = statSync(link);
  return { path: readlinkSync(link), device: dev, inode: ino };
}

/** Descriptor → what it is open on, as /proc/PID/fd shows it. */
export function readDescriptors(pid: Pid): Map<number, string> {
  const open = new Map<number, string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const target = tryReadlink(`/proc/${pid}/fd/${fd}`);
    // It may have been closed since it was listed.
    if (target !== null) open.set(Number(fd), target);
  }
  return open;
}

/** The environment with which the process was started. */
export function readEnvironment(pid: Pid): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(entries.map(entry => entry.split(/=(.*)/s)).map(([name, value = '']) => [name, value]));
}

/** The arguments, argv[0] first. Empty for a zombie. */
export function readArguments(pid: Pid): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** The pids of its children, whatever thread started them. */
export function readChildren(pid: Pid): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap(task => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
      .filter(Boolean)
      .map(Number);
  } catch {
    // It ended, or the kernel was built without CONFIG_PROC_CHILDREN.
    return [];
  }
}

function tryReadlink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
