// A call as strace prints it: `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0`. Pure. A test makes the same calls under
// strace and compares. Two things differ on purpose: UTF-8 stays readable, and memory is shown where strace has an address.
import {
  AF,
  AT,
  CAP,
  errnoName,
  FSCONFIG,
  MEANING,
  O,
  PR,
  RLIMIT,
  S,
  SECCOMP,
  SIG,
  SIG_,
  SIOC,
  SOCK,
} from './constants.ts';
import type { Argument, Memory } from './memory.ts';
import { formatFlags, formatMode, formatNumber, formatOpenFlags, groups, nameOf, quote } from './notation.ts';

type Kind = keyof typeof formats | 'path' | 'text' | 'rlimit' | 'attr' | 'ifreq' | 'ids' | 'caphead' | 'capsets';

/** How a number is written, by what it means. */
const formats = {
  number: formatNumber,
  mode: formatMode,
  open: formatOpenFlags,
  device: (value: number) => {
    const [major, minor] = [(value >>> 8) & 0xfff, (value & 0xff) | ((value >>> 12) & 0xfff00)];
    return `makedev(${formatHex(major)}, ${formatHex(minor)})`;
  },
  fd: (value: number) => (value === AT.FDCWD ? 'AT_FDCWD' : String(value)),
  signal: (value: number) => nameOf(SIG, value, ''),
  SIG_: (value: number) => nameOf(SIG_, value, 'SIG_'),
  capability: (value: number) => nameOf(CAP, value, 'CAP_'),
  resource: (value: number) => nameOf(RLIMIT, value, 'RLIMIT_'),
  seccomp: (value: number) => nameOf(seccompModes, value, 'SECCOMP_'),
  fsconfig: (value: number) => nameOf(FSCONFIG, value, 'FSCONFIG_'),
  prctl: (value: number) => nameOf(prctlOptions, value, 'PR_'),
  ambient: (value: number) => nameOf(ambientOptions, value, 'PR_'),
  CLONE: (value: number) => formatFlags(value, groups.CLONE),
  MS: (value: number) => formatFlags(value, groups.MS),
  MNT: (value: number) => formatFlags(value, groups.MNT),
  AT: (value: number) => formatFlags(value, groups.AT),
  O: (value: number) => formatFlags(value, groups.O),
  OPEN_TREE: (value: number) => formatFlags(value, groups.OPEN_TREE),
  MOVE_MOUNT: (value: number) => formatFlags(value, groups.MOVE_MOUNT),
  CLOSE_RANGE: (value: number) => formatFlags(value, groups.CLOSE_RANGE),
  W: (value: number) => formatFlags(value, groups.W),
  family: (value: number) => nameOf(AF, value, 'AF_'),
  socket: (value: number) => {
    const kind = nameOf(SOCK, value & 0xf, 'SOCK_');
    return [kind, value & SOCK.CLOEXEC && 'SOCK_CLOEXEC', value & SOCK.NONBLOCK && 'SOCK_NONBLOCK']
      .filter(Boolean)
      .join('|');
  },
  protocol: (value: number) => (value === 0 ? 'IPPROTO_IP' : String(value)),
  SIOC: (value: number) => nameOf(SIOC, value, 'SIOC'),
};

const formatHex = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);

/** Of the many names that begin alike: what prctl(2) and seccomp(2) take as their first argument. */
const only = (names: Record<string, number>, pattern: RegExp) =>
  Object.fromEntries(Object.entries(names).filter(([name]) => pattern.test(name)));
const prctlOptions = only(PR, /^(GET_|SET_(?!MM_|VMA_|PTRACER_)|CAPBSET_|CAP_AMBIENT$)/);
const ambientOptions = only(PR, /^CAP_AMBIENT_/);
const seccompModes = only(SECCOMP, /^(SET_MODE_|GET_)/);

/** What the arguments of a call are. A call that is not listed is printed by what its arguments look like. */
const signatures: Record<string, readonly Kind[]> = {
  capset: ['caphead', 'capsets'],
  chdir: ['path'],
  chroot: ['path'],
  clone: ['CLONE'],
  close_range: ['number', 'number', 'CLOSE_RANGE'],
  dup3: ['number', 'number', 'O'],
  execve: ['path', 'text', 'text'],
  fchmodat: ['fd', 'path', 'mode'],
  fchownat: ['fd', 'path', 'number', 'number', 'AT'],
  fsconfig: ['number', 'fsconfig', 'text', 'text', 'number'],
  kill: ['number', 'signal'],
  linkat: ['fd', 'path', 'fd', 'path', 'AT'],
  mkdirat: ['fd', 'path', 'mode'],
  mknodat: ['fd', 'path', 'mode', 'device'],
  mount: ['path', 'path', 'text', 'MS', 'text'],
  mount_setattr: ['fd', 'path', 'AT', 'attr', 'number'],
  move_mount: ['fd', 'path', 'fd', 'path', 'MOVE_MOUNT'],
  open_tree: ['fd', 'path', 'OPEN_TREE'],
  openat: ['fd', 'path', 'open', 'mode'],
  pipe2: ['text', 'O'],
  pivot_root: ['path', 'path'],
  prlimit64: ['number', 'resource', 'rlimit', 'text'],
  readlinkat: ['fd', 'path', 'text', 'number'],
  renameat2: ['fd', 'path', 'fd', 'path', 'number'],
  rt_sigprocmask: ['SIG_', 'text', 'text', 'number'],
  seccomp: ['seccomp', 'number', 'text'],
  setgroups: ['number', 'ids'],
  setns: ['number', 'CLONE'],
  symlinkat: ['path', 'fd', 'path'],
  umask: ['mode'],
  umount2: ['path', 'MNT'],
  unlinkat: ['fd', 'path', 'AT'],
  unshare: ['CLONE'],
  wait4: ['number', 'text', 'W', 'text'],
};

/** What prctl's further arguments are, depends on the first. */
function prctlSignature([option, what]: readonly Argument[]): readonly Kind[] {
  switch (option) {
    case PR.CAPBSET_DROP:
    case PR.CAPBSET_READ:
      return ['prctl', 'capability'];
    case PR.CAP_AMBIENT:
      return what === PR.CAP_AMBIENT_CLEAR_ALL ? ['prctl', 'ambient'] : ['prctl', 'ambient', 'capability'];
    case PR.SET_PDEATHSIG:
      return ['prctl', 'signal'];
    default:
      return ['prctl'];
  }
}

/** What the further arguments are of calls that do many things: it depends on the first ones. */
function signatureOf(name: string, args: readonly Argument[]): readonly Kind[] | undefined {
  switch (name) {
    case 'prctl':
      return prctlSignature(args);
    case 'socket':
      return args[0] === AF.INET || args[0] === AF.INET6 ? ['family', 'socket', 'protocol'] : ['family', 'socket'];
    case 'ioctl':
      return [
        'number',
        'SIOC',
        ...([SIOC.GIFFLAGS, SIOC.SIFFLAGS].includes(Number(args[1])) ? ['ifreq' as const] : []),
      ];
    default:
      return signatures[name];
  }
}

/** `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)`. With the result, what the call has filled is shown as well. */
export function formatCall(name: string, args: readonly Argument[], result: number | null = null): string {
  const kinds = signatureOf(name, args);
  // Arguments that the kernel does not read with these flags.
  const makes = O.CREAT | (O.TMPFILE & ~O.DIRECTORY);
  if (name === 'openat' && !(Number(args[2]) & makes)) args = args.slice(0, 3);
  if (name === 'mknodat' && ![S.IFCHR, S.IFBLK].includes(Number(args[2]) & S.IFMT)) args = args.slice(0, 3);
  const fills = ['read', 'readlinkat'].includes(name) || kinds?.includes('ifreq');
  const filled = fills && result !== null && result >= 0 ? result : null;
  return `${name}(${args.map((arg, i) => formatArgument(arg, kinds?.[i], filled)).join(', ')})`;
}

/** `0`, or `-1 EINVAL (Invalid argument)`. */
export function formatResult(value: number): string {
  if (value >= 0 || value < -4095) return String(value);
  const code = errnoName(-value);
  return `-1 ${code} (${MEANING[code] ?? 'unknown error'})`;
}

function formatArgument(arg: Argument, kind: Kind | undefined, filled: number | null): string {
  if (arg === null || arg === undefined) return 'NULL';
  if (typeof arg === 'boolean') return arg ? '1' : '0';
  if (typeof arg === 'object' || typeof arg === 'string') return formatMemory(arg, kind, filled);
  return kind !== undefined && kind in formats ? formats[kind as keyof typeof formats](Number(arg)) : String(arg);
}

function formatMemory(memory: Memory, kind: Kind | undefined, filled: number | null): string {
  if (typeof memory === 'string') return quote(memory, kind !== 'path');
  if (memory instanceof Uint8Array) {
    const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
    const u64 = (i: number) => view.getBigUint64(i * 8, true);
    if (kind === 'rlimit' && memory.length === 16) return `{rlim_cur=${limit(u64(0))}, rlim_max=${limit(u64(1))}}`;
    if (kind === 'attr' && memory.length === 32) {
      const [set, clear, propagation, userns] = [u64(0), u64(1), u64(2), u64(3)];
      const attr = (value: bigint) => formatFlags(value, groups.MOUNT_ATTR);
      const spread = formatFlags(propagation, groups.MS);
      return `{attr_set=${attr(set)}, attr_clr=${attr(clear)}, propagation=${spread}, userns_fd=${userns}}`;
    }
    const u32 = (i: number) => view.getUint32(i * 4, true);
    if (kind === 'ids') return `[${Array.from({ length: memory.length / 4 }, (_, i) => u32(i)).join(', ')}]`;
    if (kind === 'caphead' && memory.length === 8 && u32(0) === 0x2008_0522)
      return `{version=_LINUX_CAPABILITY_VERSION_3, pid=${u32(1)}}`;
    if (kind === 'capsets' && memory.length === 24) {
      const [effective, permitted, inheritable] = [0, 1, 2].map(i => capabilities(u32(i), u32(i + 3)));
      return `{effective=${effective}, permitted=${permitted}, inheritable=${inheritable}}`;
    }
    return kind === 'ifreq' ? formatIfreq(memory, true) : quote(memory);
  }
  if ('into' in memory) {
    if (kind === 'ifreq') return formatIfreq(memory.into, filled !== null);
    return filled === null ? `/* up to ${memory.into.length} bytes */` : quote(memory.into.subarray(0, filled));
  }
  if ('pointers' in memory) return '{...}';
  return `[${memory.map(text => quote(text)).join(', ')}]`;
}

/** Of a struct ifreq, the name; and the flags, when they are known. netdevice(7) */
function formatIfreq(memory: Uint8Array, known: boolean): string {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  const name = `ifr_name=${quote(bytes.subarray(0, Math.max(0, bytes.subarray(0, 16).indexOf(0))))}`;
  return known && bytes.length >= 18
    ? `{${name}, ifr_flags=${formatFlags(bytes.readUInt16LE(16), groups.IFF)}}`
    : `{${name}}`;
}

/** `1<<CAP_CHOWN|1<<CAP_KILL` */
function capabilities(low: number, high: number): string {
  const set = (BigInt(high) << 32n) | BigInt(low);
  const names = Object.entries(CAP)
    .filter(([, bit]) => (set >> BigInt(bit)) & 1n)
    .sort((a, b) => a[1] - b[1])
    .map(([name]) => `1<<CAP_${name}`);
  return names.join('|') || '0';
}

const limit = (value: bigint) => (value === 2n ** 64n - 1n ? 'RLIM64_INFINITY' : String(value));
