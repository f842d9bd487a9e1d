// Which system calls a container may make: two policies in the form that engines exchange (containers/common,
// pkg/seccomp/types.go), equal in effect to what Docker 20.10 and Podman 4 ship. workshop/seccomp.test.ts proves that by asking.
//
// Both are lists of what is allowed, since a list of what is forbidden lets in every call that a later kernel brings. A name that
// an architecture lacks is passed over.
import { release } from 'node:os';
import { AUDIT_ARCH, CAP, RLIMIT, SECCOMP } from './constants.ts';

export type Action =
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_KILL_PROCESS';

/** What an argument must be, as an unsigned number of 64 bits. For MASKED_EQ: `value` is the mask, `valueTwo` what is left. */
export interface Condition {
  /** 0 for the first argument */
  index: number;
  value: number | bigint;
  valueTwo?: number | bigint;
  op: `SCMP_CMP_${'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE' | 'MASKED_EQ'}`;
}

/** 'CAP_SYS_ADMIN'; 'amd64', 'arm64'; '4.8' */
export interface Requirement {
  caps?: string[];
  arches?: string[];
  minKernel?: string;
}

export interface Rule {
  names: string[];
  action: Action;
  /** With SCMP_ACT_ERRNO; EPERM when absent. */
  errnoRet?: number;
  /** All must be true of a call. */
  args?: Condition[] | null;
  /** The rule is there only if the container has all of these capabilities, and this is one of the architectures. */
  includes?: Requirement;
  /** The rule is not there if it has one of these, or this is one of them. */
  excludes?: Requirement;
}

export interface Policy {
  /** For a call that no rule is about. */
  defaultAction: Action;
  defaultErrnoRet?: number;
  /** Engines with several tables of calls: 'SCMP_ARCH_X86_64', and those that are let in beside it. */
  archMap?: { architecture: string; subArchitectures: string[] | null }[] | null;
  architectures?: string[];
  /** The first rule that is about a call decides. */
  syscalls: Rule[];
}

const words = (text: string) => text.trim().split(/\s+/);

/** What any program may do: it acts on what the process has already, or the kernel asks for a capability itself. */
const everyday = {
  descriptors: words(`
    open openat openat2 creat close close_range dup dup2 dup3 fcntl ioctl flock lseek read readv pread64 preadv preadv2 write writev
    pwrite64 pwritev pwritev2 sendfile splice tee copy_file_range fadvise64 readahead fallocate truncate ftruncate fsync fdatasync
    sync syncfs sync_file_range pipe pipe2 memfd_create memfd_secret`),
  names: words(`
    access faccessat faccessat2 chdir fchdir getcwd mkdir mkdirat rmdir mknod mknodat link linkat symlink symlinkat readlink
    readlinkat rename renameat renameat2 unlink unlinkat getdents getdents64 inotify_init inotify_init1 inotify_add_watch
    inotify_rm_watch fanotify_mark`),
  attributes: words(`
    stat fstat lstat newfstatat statx statfs fstatfs umask chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat
    utimensat getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr removexattr lremovexattr
    fremovexattr`),
  memory: words(`
    brk mmap munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages membarrier`),
  processes: words(`
    fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp setpgid getsid setsid
    set_tid_address set_robust_list get_robust_list futex rseq restart_syscall prctl set_thread_area get_thread_area getrlimit
    setrlimit prlimit64 getrusage times pidfd_open process_mrelease`),
  users: words(`
    getuid geteuid getresuid setuid setreuid setresuid setfsuid getgid getegid getresgid setgid setregid setresgid setfsgid getgroups
    setgroups capget capset`),
  scheduling: words(`
    sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler
    sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval getpriority setpriority ioprio_get
    ioprio_set getcpu`),
  signals: words(`
    kill tkill tgkill pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4 pause`),
  time: words(`
    time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime adjtimex clock_adjtime`),
  waiting: words(`
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
    eventfd eventfd2 io_setup io_destroy io_submit io_cancel io_getevents`),
  sockets: words(`
    socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt sendto sendmsg sendmmsg
    recvfrom recvmsg recvmmsg`),
  messages: words(`
    msgget msgctl msgsnd msgrcv semget semctl semop semtimedop shmget shmctl shmat shmdt mq_open mq_unlink mq_timedsend
    mq_timedreceive mq_notify mq_getsetattr`),
  machine: words('uname sysinfo getrandom'),
  /** Whoever calls these gives something up. */
  restraint: words('seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self'),
};

const allow = (names: string[], more: Partial<Rule> = {}): Rule => ({ names, action: 'SCMP_ACT_ALLOW', ...more });
const refuse = (names: string[], errnoRet: number, more: Partial<Rule> = {}): Rule => ({
  ...{ names, action: 'SCMP_ACT_ERRNO', errnoRet },
  ...more,
});

const [EPERM, EINVAL, ENOSYS] = [1, 22, 38];

/** Linux as 0 and as 8, UNAME26 (0x20000) with each, and the question which it is. Others weaken what protects memory. */
const personalities = [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff].map(value =>
  allow(['personality'], { args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] }),
);

const ofArchitecture = [
  allow(['arch_prctl', 'modify_ldt'], { includes: { arches: ['amd64'] } }),
  allow(['sync_file_range2'], { includes: { arches: ['arm64'] } }),
];

/** Capability → calls that are of no use without it: holes in the kernel that others need not reach. */
const privileged = {
  CAP_DAC_READ_SEARCH: words('open_by_handle_at'),
  CAP_SYS_CHROOT: words('chroot'),
  CAP_SYS_MODULE: words('init_module finit_module delete_module'),
  CAP_SYS_PACCT: words('acct'),
  CAP_SYS_RAWIO: words('iopl ioperm'),
  CAP_SYS_TIME: words('settimeofday clock_settime'),
  CAP_SYS_TTY_CONFIG: words('vhangup'),
};

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: none of them may be asked for. */
const newNamespaces = 0x7e02_0000;

/** Docker's: what is not in it is refused with EPERM. */
export const dockerPolicy: Policy = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  syscalls: [
    allow([...Object.values(everyday).flat(), 'socket', 'vmsplice', 'io_pgetevents', 'futex_waitv']),
    // Refused by Docker itself since version 25: faster than its share of the kernel's security fixes was worth.
    allow(words('io_uring_setup io_uring_enter io_uring_register')),
    allow(['ptrace'], { includes: { minKernel: '4.8' } }),
    ...personalities,
    ...ofArchitecture,

    ...Object.entries(privileged).map(([cap, names]) => allow(names, { includes: { caps: [cap] } })),
    allow(
      words(`
        bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount name_to_handle_at
        open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount2 unshare`),
      { includes: { caps: ['CAP_SYS_ADMIN'] } },
    ),
    allow(['reboot'], { includes: { caps: ['CAP_SYS_BOOT'] } }),
    allow(words('kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev'), {
      includes: { caps: ['CAP_SYS_PTRACE'] },
    }),
    allow(words('get_mempolicy mbind set_mempolicy'), { includes: { caps: ['CAP_SYS_NICE'] } }),
    allow(['syslog'], { includes: { caps: ['CAP_SYSLOG'] } }),

    // A process or a thread, yes; a namespace, no. clone3 has its flags in memory, where no filter can look: with ENOSYS the C
    // library takes it for an old kernel, and calls clone.
    allow(['clone'], {
      args: [{ index: 0, value: newNamespaces, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { caps: ['CAP_SYS_ADMIN'] },
    }),
    refuse(['clone3'], ENOSYS, { excludes: { caps: ['CAP_SYS_ADMIN'] } }),
  ],
};

/** AF_NETLINK (16) with NETLINK_AUDIT (9): what logs in asks whether there is an audit, and takes EINVAL for no. */
const audit = [
  { index: 0, value: 16, op: 'SCMP_CMP_EQ' as const },
  { index: 2, value: 9, op: 'SCMP_CMP_EQ' as const },
];
const withoutAudit = { excludes: { caps: ['CAP_AUDIT_WRITE'] } };

/** Podman's more than allowed: mounts and namespaces too, for containers in containers; the capability decides. */
export const podmanPolicy: Policy = {
  defaultAction: 'SCMP_ACT_ERRNO',
  // A program that does not know the call either, and can do without, is to do without.
  defaultErrnoRet: ENOSYS,
  syscalls: [
    allow(Object.values(everyday).flat()),
    allow(
      words(`
        clone clone3 unshare setns mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root
        name_to_handle_at keyctl pkey_alloc pkey_free pkey_mprotect get_mempolicy set_mempolicy mbind ptrace process_vm_readv
        process_vm_writev pidfd_getfd reboot syslog`),
    ),
    ...personalities,
    ...ofArchitecture,

    ...Object.entries({
      ...privileged,
      CAP_SYS_ADMIN: words('bpf fanotify_init lookup_dcookie perf_event_open quotactl setdomainname sethostname'),
      CAP_SYS_MODULE: [...privileged.CAP_SYS_MODULE, 'query_module'],
      CAP_SYS_PTRACE: words('kcmp process_madvise'),
    }).flatMap(([cap, names]) => [
      allow(names, { includes: { caps: [cap] } }),
      refuse(names, EPERM, { excludes: { caps: [cap] } }),
    ]),
    refuse(
      words(`
        io_pgetevents kexec_file_load kexec_load migrate_pages move_pages nfsservctl swapon swapoff sysfs uselib userfaultfd ustat
        vmsplice`),
      EPERM,
    ),

    allow(['socket'], { includes: { caps: ['CAP_AUDIT_WRITE'] } }),
    refuse(['socket'], EINVAL, { args: audit, ...withoutAudit }),
    allow(['socket'], withoutAudit),
  ],
};

/** What a container gets when nobody asked for another. */
export const defaultPolicy = dockerPolicy;

/** What Docker, and after it Podman and containerd, let root in a container do: fourteen capabilities of some forty. */
export const dockerCapabilities = words(`
  CAP_AUDIT_WRITE CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_BIND_SERVICE CAP_NET_RAW
  CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT`);

/** The bit of 'CAP_CHOWN', 0, and so on. */
export const capabilityBit = (name: string): number => CAP[name.slice('CAP_'.length) as keyof typeof CAP];

/** A set of capabilities as the kernel has it. */
export const capabilityMask = (names: readonly string[]): bigint =>
  names.reduce((set, name) => set | (1n << BigInt(capabilityBit(name))), 0n);

/** Go's names, which the common form uses, for Node's. */
const goArchitecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** The rules that hold for a container with these capabilities, on this architecture and kernel. */
export function rulesFor({ syscalls }: Policy, capabilities: readonly string[]): Rule[] {
  const has = (cap: string) => capabilities.includes(cap);
  return syscalls.filter(({ includes = {}, excludes = {} }) => {
    if (includes.caps && !includes.caps.every(has)) return false;
    if (includes.arches?.length && !includes.arches.includes(goArchitecture)) return false;
    if (includes.minKernel && !atLeast(release(), includes.minKernel)) return false;
    return !excludes.caps?.some(has) && !excludes.arches?.includes(goArchitecture);
  });
}

/** Compares the two numbers that a minKernel has: '6.18.44' is at least '4.8'. */
function atLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(part => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** What a filter returns for an action; EPERM for an errno that is not given. seccomp(2) */
export function returnValue(action: Action, errnoRet = EPERM): number {
  return (
    {
      SCMP_ACT_ALLOW: SECCOMP.RET_ALLOW,
      SCMP_ACT_ERRNO: SECCOMP.RET_ERRNO | (errnoRet & SECCOMP.RET_DATA),
      SCMP_ACT_LOG: SECCOMP.RET_LOG,
      SCMP_ACT_TRAP: SECCOMP.RET_TRAP,
      SCMP_ACT_KILL: SECCOMP.RET_KILL_THREAD,
      SCMP_ACT_KILL_THREAD: SECCOMP.RET_KILL_THREAD,
      SCMP_ACT_KILL_PROCESS: SECCOMP.RET_KILL_PROCESS,
    } as const
  )[action];
}

/** What a filter is told when a call came by the architecture's own door. */
export const nativeArchitecture = process.arch === 'arm64' ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64;

/** 'RLIMIT_NOFILE' → 7 */
export const resource = (type: string): number => RLIMIT[type.slice('RLIMIT_'.length) as keyof typeof RLIMIT];
