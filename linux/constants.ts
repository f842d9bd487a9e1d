// The kernel's numbers under the kernel's names, without their prefix: CLONE.NEWNS, MS.BIND, ERRNO.EINVAL.
// Made by helper-c/constants.ts from the system's headers; some differ between the two architectures.
import arm64 from './generated/arm64.json' with { type: 'json' };
import x64 from './generated/x64.json' with { type: 'json' };

// Types follow x86-64's table. What arm64 lacks of it (open, fork, …) is looked up by name, in SYS, and found missing there.
const table = (process.arch === 'arm64' ? { ...x64, ...arm64 } : x64) as typeof x64;

/** clone(2), unshare(2), setns(2) */
export const CLONE = table.CLONE;
/** mount(2) */
export const MS = table.MS;
/** umount2(2) */
export const MNT = { ...table.MNT, ...table.UMOUNT };
/** mount_setattr(2) */
export const MOUNT_ATTR = table.MOUNT_ATTR;
/** move_mount(2) */
export const MOVE_MOUNT = table.MOVE_MOUNT;
/** open_tree(2) */
export const OPEN_TREE = table.OPEN_TREE;
/** fsopen(2), fsconfig(2), fsmount(2) */
export const FSOPEN = table.FSOPEN;
export const FSCONFIG = table.FSCONFIG;
export const FSMOUNT = table.FSMOUNT;
/** open(2) */
export const O = table.O;
/** openat(2) and the other calls with a directory's descriptor */
export const AT = table.AT;
/** inode(7): file types and mode bits, `S.IFCHR`, `S.IRUSR` */
export const S = table.S;
/** signal(7) */
export const SIG = table.SIG;
/** sigprocmask(2), what to do with the set: `SIG_.BLOCK` */
export const SIG_ = table.SIG_;
/** sigaction(2), who sent a signal: the field si_code */
export const SI = table.SI;
/** wait4(2), waitid(2) */
export const W = table.W;
/** clock_gettime(2) */
export const CLOCK = table.CLOCK;
/** socket(2): families, and kinds with their flags */
export const AF = table.AF;
export const SOCK = table.SOCK;
/** netdevice(7): requests of ioctl about an interface, `SIOC.GIFFLAGS`, and an interface's flags, `IFF.UP` */
export const SIOC = table.SIOC;
export const IFF = table.IFF;
/** errno(3) */
export const ERRNO = table.ERRNO;
/** prctl(2) */
export const PR = table.PR;
/** capabilities(7): the bit's number */
export const CAP = table.CAP;
/** setrlimit(2) */
export const RLIMIT = table.RLIMIT;
/** openat2(2) */
export const RESOLVE = table.RESOLVE;
/** close_range(2) */
export const CLOSE_RANGE = table.CLOSE_RANGE;
/** seccomp(2) */
export const SECCOMP = table.SECCOMP;
export const AUDIT_ARCH = table.AUDIT_ARCH;
/** The instructions of a seccomp filter; bpf(4) */
export const BPF = table.BPF;
/** landlock(7) */
export const LANDLOCK = table.LANDLOCK;

/** Every system call's number on this architecture. A call that the other one has and this one lacks is absent. */
export const SYS: Readonly<Record<string, number>> = table.syscall;

/** 'Operation not permitted', for 'EPERM'. */
export const MEANING: Readonly<Record<string, string>> = table.MEANING;

const errnoNames = new Map(Object.entries(ERRNO).map(([name, number]) => [number, name]));

/** 1 → 'EPERM'. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}
