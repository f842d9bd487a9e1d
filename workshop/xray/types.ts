// What can be seen of a process from outside: the contract between those who read it (read/), those who draw it (draw/), and the
// terminal, the page and the slides, which show it. Data only, as `boxwright xray --json` prints it.
//
// Nothing in it is concluded from a name or from what made the process: a container of ours, Docker's or nobody's is read alike, from
// /proc, /sys and netlink. What this user may not read is in `unread`, with the kernel's reason, and null in its place.
import type { NamespaceKind } from '#linux';
import type { TraceLine } from '../check/report.ts';

export interface Xray {
  /** Of the reading, ISO 8601. */
  at: string;
  /** Whose container it is said to be: 'docker web', 'podman web', 'lesson 05'; null for a process by its number. */
  name: string | null;
  process: ProcessView;
  /** The process and its descendants, and, where its pid namespace is not the host's, those that share it; in the order of their numbers. */
  processes: ProcessView[];
  /** In the order of `unshare --help`: mnt, uts, ipc, net, pid, cgroup, user, time. Without those that may not be read. */
  namespaces: NamespaceView[];
  /** The tree of the mounts that it sees, from its root; null where it may not be read. */
  mounts: MountView | null;
  /** The overlays among its mounts. */
  overlays: OverlayView[];
  users: UsersView | null;
  cgroup: CgroupView | null;
  network: NetworkView | null;
  privileges: PrivilegesView;
  /** The calls that made it, where it was recorded: of our containers. */
  calls: TraceLine[] | null;
  unread: { what: string; why: string }[];
}

export interface ProcessView {
  /** As the reader's machine numbers it. */
  pid: number;
  /** In each pid namespace that it is in, from the reader's to its own: [4711, 1]. */
  nsPids: number[];
  parent: number;
  /** The kernel's short name of it: 'sh'. */
  name: string;
  /** Empty for a zombie and for kernel threads. */
  command: string[];
  /** 'R', 'S', 'Z' … proc_pid_status(5), State */
  state: string;
  threads: number;
  /** Real, effective, saved, file system; as the reader's user namespace numbers them. */
  uids: number[];
  gids: number[];
  /** Seconds since it was started. */
  age: number;
}

export interface NamespaceView {
  kind: NamespaceKind;
  inode: number;
  /** The host's; null where it may not be read. */
  host: number | null;
  /** Whether it is another than the host's. */
  own: boolean;
  /** How many processes that can be seen are in it. */
  members: number;
}

export interface MountView {
  /** mountinfo's. */
  id: number;
  path: string;
  /** The file system: 'overlay', 'proc', 'tmpfs'. */
  type: string;
  source: string;
  /** Which folder or file of its file system it shows: '/' for all of it, else it is a bind mount of a part. */
  root: string;
  /** Of the mount: 'rw', 'nosuid' …; and of the file system (`superOptions`). */
  options: string[];
  superOptions: string[];
  /** 'shared:12', 'master:3' …; empty: private. */
  propagation: string[];
  /** Why it is there, in a word that the drawing has a colour for. 'mask': something empty over a file or folder; 'device': a single device file. */
  role: 'root' | 'kernel' | 'memory' | 'bind' | 'mask' | 'device' | 'other';
  /** Mounts on folders of this one; a mount that covers another at the same path is a child of it. */
  children: MountView[];
}

export interface OverlayView {
  mount: number;
  path: string;
  /** From the topmost: upper first, if there is one. */
  layers: LayerView[];
  /** Files that differ from the lower layers, and where some well-known ones come from. At most 200, `more` says how many were left out. */
  files: OverlayFile[];
  more: number;
}

export interface LayerView {
  /** As the kernel names it, in the mount namespace that mounted it. */
  path: string;
  kind: 'upper' | 'lower';
  /** Files and folders in it, without whiteouts; null where it cannot be looked into, or not in time. At most 10,000 are counted. */
  entries: number | null;
  /** Bytes of its regular files that are its own; null too where not all are counted. */
  bytes: number | null;
}

export interface OverlayFile {
  path: string;
  /** Index in `layers`. */
  layer: number;
  /** 'changed': copied up over a lower one; 'whiteout': removed; 'opaque': a folder that hides the lower one's content; 'lower': untouched. */
  kind: 'new' | 'changed' | 'whiteout' | 'opaque' | 'lower';
}

export interface IdRange {
  /** In its user namespace. */
  inside: number;
  /** In the reader's. */
  outside: number;
  count: number;
}

export interface UsersView {
  uids: IdRange[];
  gids: IdRange[];
  setgroups: 'allow' | 'deny' | null;
  /** Whether these are all ids to themselves: the first user namespace's map. */
  identity: boolean;
}

export interface CgroupView {
  version: 1 | 2;
  /** As the reader sees it. Of version 1: of the memory controller. */
  path: string;
  /** What /proc/PID/cgroup says in its own cgroup namespace, if that is another. */
  inside: string | null;
  /** Usage is its own. A limit is the one that holds: the least of its own and of those of the groups above it. */
  memory: {
    current: number | null;
    max: number | null;
    high: number | null;
    peak: number | null;
    oomKills: number | null;
  };
  /**
   * `usage` in seconds since the cgroup was made; `quota` in CPUs; null: no limit. `throttled`: seconds held back. `weight` of version 1:
   * shares, of which 1024 are usual.
   */
  cpu: {
    usage: number | null;
    quota: number | null;
    weight: number | null;
    throttled: number | null;
    cpus: string | null;
  };
  pids: { current: number | null; max: number | null };
  frozen: boolean | null;
}

export interface NetworkView {
  /** Whether it is the host's own. */
  host: boolean;
  links: LinkView[];
  routes: { destination: string; via: string | null; link: string }[];
  /** TCP and UDP sockets that wait for others: '0.0.0.0:80'. */
  listening: { protocol: 'tcp' | 'udp'; address: string; port: number }[];
  /** The host's side: bridges with their ports, as far as they lead to this network. */
  bridges: { name: string; addresses: string[]; ports: string[]; up: boolean }[];
  /** The host's nftables or iptables rules that speak of this network's addresses, links or bridges, with what they have counted. */
  rules: { table: string; chain: string; text: string; packets: number | null; bytes: number | null }[];
  /** Why no rules could be read, if so: no nft(8) here, not root. */
  rulesUnread: string | null;
}

export interface LinkView {
  name: string;
  index: number;
  /** 'loopback', 'veth', 'bridge', 'macvlan', 'vxlan', 'dummy', … */
  kind: string;
  up: boolean;
  mac: string | null;
  mtu: number;
  /** With prefix: '10.13.0.2/24'. */
  addresses: string[];
  received: { packets: number; bytes: number };
  sent: { packets: number; bytes: number };
  /** The other end of a veth, where it can be found: whose network it is in ('host', or a process's number), its name, its bridge. */
  peer: { in: 'host' | number; name: string; bridge: string | null } | null;
}

export interface PrivilegesView {
  /** Capability names without CAP_, lower case, in the kernel's order. */
  capabilities: {
    effective: string[];
    permitted: string[];
    inheritable: string[];
    bounding: string[];
    ambient: string[];
  };
  /** Of how many the kernel knows. */
  outOf: number;
  noNewPrivileges: boolean;
  seccomp: { mode: 'none' | 'strict' | 'filter'; filters: number | null };
  /** The security module's label, 'docker-default (enforce)'; null: none. */
  label: string | null;
}

/** Images of a store that share layers: `boxwright xray --images`, and lessons 15 to 17 on the page. */
export interface ImagesView {
  images: { name: string; layers: string[] }[];
  /** By digest (sha256:…), with the bytes of the compressed blob. */
  layers: Record<string, { bytes: number; usedBy: number }>;
}
