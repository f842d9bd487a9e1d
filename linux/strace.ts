// A call as strace prints it: `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0`. Pure.
import * as constants from './constants.ts';
import type { Argument, Memory } from './memory.ts';

type Flags =
  | 'CLONE'
  | 'MS'
  | 'MNT'
  | 'O'
  | 'AT'
  | 'MOUNT_ATTR'
  | 'OPEN_TREE'
  | 'MOVE_MOUNT'
  | 'CLOSE_RANGE'
  | 'SECCOMP';
type Kind = 'number' | 'fd' | 'mode' | 'memory' | 'PR' | 'SIG' | 'RLIMIT' | 'device' | Flags;

const path = 'memory';
const at = ['fd', path] as const;

/** What the arguments of a call are. A call that is not listed is printed by what its arguments look like. */
const signatures: Record<string, readonly Kind[]> = {
  chdir: [path],
  chroot: [path],
  clone: ['CLONE'],
  close: ['number'],
  close_range: ['number', 'number', 'CLOSE_RANGE'],
  dup3: ['number', 'number', 'O'],
  execve: [path, 'memory', 'memory'],
  fchdir: ['number'],
  fchmodat: [...at, 'mode'],
  fchownat: [...at, 'number', 'number', 'AT'],
  kill: ['number', 'SIG'],
  linkat: [...at, ...at, 'AT'],
  mkdirat: [...at, 'mode'],
  mknodat: [...at, 'mode', 'device'],
  mount: [path, path, 'memory', 'MS', 'memory'],
  mount_setattr: [...at, 'AT', 'memory', 'number'],
  move_mount: [...at, ...at, 'MOVE_MOUNT'],
  open_tree: [...at, 'OPEN_TREE'],
  openat: [...at, 'O', 'mode'],
  pivot_root: [path, path],
  prctl: ['PR', 'number', 'number', 'number', 'number'],
  prlimit64: ['number', 'RLIMIT', 'memory', 'memory'],
  read: ['number', 'memory', 'number'],
  readlinkat: [...at, 'memory', 'number'],
  renameat2: [...at, ...at, 'number'],
  setdomainname: ['memory', 'number'],
  sethostname: ['memory', 'number'],
  setns: ['number', 'CLONE'],
  symlinkat: [path, ...at],
  umount2: [path, 'MNT'],
  unlinkat: [...at, 'AT'],
  unshare: ['CLONE'],
  write: ['number', 'memory', 'number'],
};

/** strace's prefix of the names, where it is not the group's own. */
const groups: Record<Flags, [names: Record<string, number>, prefix: string]> = {
  CLONE: [pick(constants.CLONE, name => name.startsWith('NEW') || name === 'INTO_CGROUP'), 'CLONE_'],
  MS: [pick(constants.MS, name => !['RMT_MASK', 'MGC_VAL', 'MGC_MSK', 'NOUSER', 'KERNMOUNT'].includes(name)), 'MS_'],
  MNT: [constants.MNT, 'MNT_'],
  O: [pick(constants.O, name => !['ACCMODE', 'NDELAY', 'FSYNC', 'RSYNC', 'SYNC', 'TMPFILE'].includes(name)), 'O_'],
  AT: [pick(constants.AT, name => !['EACCESS', 'FDCWD', 'STATX_SYNC_TYPE'].includes(name)), 'AT_'],
  MOUNT_ATTR: [constants.MOUNT_ATTR, 'MOUNT_ATTR_'],
  OPEN_TREE: [{ ...constants.OPEN_TREE, CLOEXEC: constants.O.CLOEXEC }, 'OPEN_TREE_'],
  MOVE_MOUNT: [constants.MOVE_MOUNT, 'MOVE_MOUNT_'],
  CLOSE_RANGE: [constants.CLOSE_RANGE, 'CLOSE_RANGE_'],
  SECCOMP: [constants.SECCOMP, 'SECCOMP_'],
};

function pick(names: Record<string, number>, wanted: (name: string) => boolean): Record<string, number> {
  return Object.fromEntries(Object.entries(names).filter(([name]) => wanted(name)));
}

/** `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)` */
export function formatCall(name: string, args: readonly Argument[]): string {
  const kinds = signatures[name];
  return `${name}(${args.map((arg, i) => formatArgument(arg, kinds?.[i])).join(', ')})`;
}

/** `0`, or `-1 EINVAL (Invalid argument)`. */
export function formatResult(value: number): string {
  if (value >= 0 || value < -4095) return String(value);
  const code = constants.errnoName(-value);
  return `-1 ${code} (${constants.MEANING[code] ?? 'unknown error'})`;
}

function formatArgument(arg: Argument, kind?: Kind): string {
  if (arg === null || arg === undefined) return 'NULL';
  if (typeof arg === 'boolean') return arg ? '1' : '0';
  if (typeof arg === 'object' || typeof arg === 'string') return formatMemory(arg);
  const number = Number(arg);
  switch (kind) {
    case undefined:
    case 'number':
    case 'memory':
      return String(arg);
    case 'fd':
      return number === constants.AT.FDCWD ? 'AT_FDCWD' : String(number);
    case 'mode':
      return formatMode(number);
    case 'device':
      return `makedev(${number >> 8}, ${number & 255})`;
    case 'PR':
      return nameOf(
        pick(constants.PR, name => /^(SET|GET|CAP|CAPBSET)_/.test(name)),
        number,
        'PR_',
      );
    case 'SIG':
      return nameOf(constants.SIG, number, '');
    case 'RLIMIT':
      return nameOf(constants.RLIMIT, number, 'RLIMIT_');
    case 'O':
      return formatOpenFlags(number);
    default:
      return formatFlags(number, ...groups[kind]);
  }
}

function formatMemory(memory: Memory): string {
  if (typeof memory === 'string') return quote(memory);
  if (memory instanceof Uint8Array) return `/* ${memory.length} bytes */`;
  if ('into' in memory) return `/* up to ${memory.into.length} bytes */`;
  if ('pointers' in memory) return '{...}';
  return `[${memory.map(quote).join(', ')}]`;
}

/** As strace does: cut at 128 characters, so that a line stays a line. */
function quote(text: string): string {
  return text.length > 128 ? `${JSON.stringify(text.slice(0, 128))}...` : JSON.stringify(text);
}

function formatFlags(value: number, names: Record<string, number>, prefix: string): string {
  if (value === 0) return '0';
  // BigInt, because CLONE_INTO_CGROUP has more than 32 bits.
  let rest = BigInt.asUintN(64, BigInt(value));
  const found: string[] = [];
  // The largest first, so that a name for several bits wins over the names of each.
  for (const [name, bits] of Object.entries(names).sort((a, b) => b[1] - a[1])) {
    const mask = BigInt(bits);
    if (mask === 0n || (rest & mask) !== mask) continue;
    found.unshift(prefix + name);
    rest &= ~mask;
  }
  if (rest !== 0n) found.push(`0x${rest.toString(16)}`);
  return found.join('|');
}

function formatOpenFlags(value: number): string {
  const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'][value & constants.O.ACCMODE] ?? '3';
  const rest = value & ~constants.O.ACCMODE;
  return rest === 0 ? access : `${access}|${formatFlags(rest, ...groups.O)}`;
}

function formatMode(mode: number): string {
  const type = Object.entries({
    S_IFCHR: constants.S.IFCHR,
    S_IFBLK: constants.S.IFBLK,
    S_IFREG: constants.S.IFREG,
    S_IFIFO: constants.S.IFIFO,
  }).find(([, bits]) => (mode & constants.S.IFMT) === bits)?.[0];
  const permissions = `0${(mode & ~constants.S.IFMT).toString(8).padStart(3, '0')}`;
  return type ? `${type}|${permissions}` : permissions;
}

function nameOf(names: Record<string, number>, value: number, prefix: string): string {
  const name = Object.entries(names).find(([, number]) => number === value)?.[0];
  return name ? prefix + name : String(value);
}
