// The notation, from a table: these run on any operating system. Every line here was printed by strace 6.1, but for the
// comments in place of an address; against-strace.test.ts asks the strace of this machine.
import test from 'ava';
import {
  AT,
  CAP,
  CLONE,
  CLOSE_RANGE,
  FSCONFIG,
  MNT,
  MOUNT_ATTR,
  MS,
  O,
  OPEN_TREE,
  PR,
  RLIMIT,
  S,
  SECCOMP,
  SIG,
} from './constants.ts';
import { type Argument, into, pointing } from './memory.ts';
import { formatCall, formatResult } from './strace.ts';

const u64 = (...values: (number | bigint)[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
const here = AT.FDCWD;

const lines: [line: string, name: string, ...args: Argument[]][] = [
  ['unshare(CLONE_NEWUTS|CLONE_NEWIPC)', 'unshare', CLONE.NEWIPC | CLONE.NEWUTS],
  ['unshare(CLONE_FS|CLONE_FILES)', 'unshare', CLONE.FILES | CLONE.FS],
  ['unshare(0)', 'unshare', 0],
  ['unshare(0x1 /* CLONE_??? */)', 'unshare', 1],
  ['clone(CLONE_NEWPID|CLONE_INTO_CGROUP)', 'clone', CLONE.NEWPID + CLONE.INTO_CGROUP],
  ['mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)', 'mount', 'none', '/', null, MS.REC | MS.PRIVATE, null],
  [
    'mount(NULL, "/a b", NULL, MS_RDONLY|MS_REMOUNT|MS_BIND, NULL)',
    'mount',
    null,
    '/a b',
    null,
    MS.BIND | MS.REMOUNT | MS.RDONLY,
    undefined,
  ],
  ['umount2("/old", MNT_DETACH)', 'umount2', '/old', MNT.DETACH],
  ['umount2("/x", UMOUNT_NOFOLLOW)', 'umount2', '/x', MNT.NOFOLLOW],
  ['umount2("/x", MNT_FORCE|MNT_EXPIRE)', 'umount2', '/x', MNT.FORCE | MNT.EXPIRE],
  ['pivot_root(".", ".")', 'pivot_root', '.', '.'],
  ['sethostname("box", 3)', 'sethostname', 'box', 3],
  ['mkdirat(AT_FDCWD, "/a", 01777)', 'mkdirat', here, '/a', 0o1777],
  ['mkdirat(AT_FDCWD, "/a", 000)', 'mkdirat', here, '/a', 0],
  ['mknodat(AT_FDCWD, "/f", S_IFREG|0666)', 'mknodat', here, '/f', S.IFREG | 0o666, 0],
  ['mknodat(AT_FDCWD, "/null", S_IFCHR|0666, makedev(0x1, 0x3))', 'mknodat', here, '/null', S.IFCHR | 0o666, 0x103],
  ['mknodat(AT_FDCWD, "/b", S_IFBLK|0600, makedev(0x103, 0x12c))', 'mknodat', here, '/b', S.IFBLK | 0o600, 0x11032c],
  ['openat(AT_FDCWD, "/", O_RDONLY)', 'openat', here, '/', O.RDONLY, 0],
  [
    'openat(AT_FDCWD, "/f", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0644)',
    'openat',
    here,
    '/f',
    O.RDWR | O.CREAT | O.TRUNC | O.CLOEXEC,
    0o644,
  ],
  [
    'openat(AT_FDCWD, "/", O_RDONLY|O_NOFOLLOW|O_PATH|O_DIRECTORY)',
    'openat',
    here,
    '/',
    O.PATH | O.DIRECTORY | O.NOFOLLOW,
    0,
  ],
  ['openat(AT_FDCWD, "/", O_RDWR|O_TMPFILE, 0600)', 'openat', here, '/', O.RDWR | O.TMPFILE, 0o600],
  [
    'openat(AT_FDCWD, "/", O_WRONLY|O_APPEND|O_NONBLOCK|O_SYNC)',
    'openat',
    here,
    '/',
    O.WRONLY | O.SYNC | O.APPEND | O.NONBLOCK,
    0,
  ],
  ['dup3(4, 20, 0)', 'dup3', 4, 20, 0],
  ['dup3(4, 20, O_CLOEXEC)', 'dup3', 4, 20, O.CLOEXEC],
  ['close_range(4, 4294967295, CLOSE_RANGE_CLOEXEC)', 'close_range', 4, 0xffffffff, CLOSE_RANGE.CLOEXEC],
  ['unlinkat(AT_FDCWD, "/a", AT_REMOVEDIR)', 'unlinkat', here, '/a', AT.REMOVEDIR],
  [
    'linkat(AT_FDCWD, "x", 5, "y", AT_SYMLINK_FOLLOW|AT_EMPTY_PATH)',
    'linkat',
    here,
    'x',
    5,
    'y',
    AT.EMPTY_PATH | AT.SYMLINK_FOLLOW,
  ],
  ['fchownat(AT_FDCWD, "/f", 1000, -1, AT_SYMLINK_NOFOLLOW)', 'fchownat', here, '/f', 1000, -1, AT.SYMLINK_NOFOLLOW],
  [
    'open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)',
    'open_tree',
    here,
    '/',
    OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.RECURSIVE,
  ],
  ['fsconfig(33, FSCONFIG_SET_STRING, "size", "1m", 0)', 'fsconfig', 33, FSCONFIG.SET_STRING, 'size', '1m', 0],
  [
    'mount_setattr(8, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)',
    'mount_setattr',
    8,
    '',
    AT.EMPTY_PATH | AT.RECURSIVE,
    u64(MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID, 0, MS.PRIVATE, 0),
    32,
  ],
  [
    'prlimit64(0, RLIMIT_CORE, {rlim_cur=64, rlim_max=RLIM64_INFINITY}, NULL)',
    'prlimit64',
    0,
    RLIMIT.CORE,
    u64(64, 2n ** 64n - 1n),
    null,
  ],
  ['prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)', 'prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0],
  ['prctl(PR_SET_NAME, "boxname")', 'prctl', PR.SET_NAME, 'boxname'],
  ['prctl(PR_CAPBSET_DROP, CAP_SYS_TIME)', 'prctl', PR.CAPBSET_DROP, CAP.SYS_TIME],
  [
    'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0)',
    'prctl',
    PR.CAP_AMBIENT,
    PR.CAP_AMBIENT_RAISE,
    CAP.KILL,
    0,
    0,
  ],
  [
    'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)',
    'prctl',
    PR.CAP_AMBIENT,
    PR.CAP_AMBIENT_CLEAR_ALL,
    0,
    0,
    0,
  ],
  ['prctl(PR_SET_PDEATHSIG, SIGKILL)', 'prctl', PR.SET_PDEATHSIG, SIG.SIGKILL],
  [
    'seccomp(SECCOMP_SET_MODE_FILTER, 0, {...})',
    'seccomp',
    SECCOMP.SET_MODE_FILTER,
    0,
    pointing(Buffer.alloc(16), [[8, 'x']]),
  ],
  ['kill(1, 0)', 'kill', 1, 0],
  ['kill(-1, SIGTERM)', 'kill', -1, SIG.SIGTERM],
  ['umask(022)', 'umask', 0o22],
  ['setns(4, CLONE_NEWNS)', 'setns', 4, CLONE.NEWNS],
  ['getpid()', 'getpid'],
  ['setuid(0)', 'setuid', 0n],
  ['execve("/bin/sh", ["sh", "-c", "a \\"b\\""], ["A=1"])', 'execve', '/bin/sh', ['sh', '-c', 'a "b"'], ['A=1']],
  ['write(4, "hello\\n", 6)', 'write', 4, Buffer.from('hello\n'), 6],
  [
    'write(4, "\\0\\1\\2\\3771\\18\\19\\0010", 9)',
    'write',
    4,
    Buffer.from('\0\x01\x02\xff1\x018\x019\x010', 'latin1'),
    9,
  ],
  ['write(4, "a\\tb\\v\\f\\r\\\\\\33", 8)', 'write', 4, Buffer.from('a\tb\v\f\r\\\x1b'), 8],
  ['read(4, /* up to 10 bytes */, 10)', 'read', 4, into(Buffer.alloc(10)), 10],
];

for (const [line, name, ...args] of lines) {
  test(line, t => {
    t.is(formatCall(name, args), line);
  });
}

test('What a call has filled is shown once it is there.', t => {
  t.is(formatCall('read', [4, into(Buffer.from('hello\0\0')), 7], 5), 'read(4, "hello", 7)');
  t.is(formatCall('readlinkat', [here, '/l', into(Buffer.from('to...')), 5], 2), 'readlinkat(AT_FDCWD, "/l", "to", 5)');
  t.is(formatCall('read', [4, into(Buffer.alloc(7)), 7], -9), 'read(4, /* up to 7 bytes */, 7)');
});

test('Text stays readable in any language, and is cut at 128 characters where it is no path.', t => {
  t.is(formatCall('chdir', ['/größe/日本']), 'chdir("/größe/日本")');
  t.is(formatCall('write', [1, Buffer.from('grün'), 5]), 'write(1, "grün", 5)');
  t.is(formatCall('sethostname', ['ü'.repeat(129), 258]), `sethostname("${'ü'.repeat(128)}"..., 258)`);
  t.is(formatCall('write', [1, Buffer.alloc(300, 'y'), 300]), `write(1, "${'y'.repeat(128)}"..., 300)`);
  t.is(formatCall('write', [1, Buffer.from('ü'.repeat(400)), 800]), `write(1, "${'ü'.repeat(128)}"..., 800)`);
  t.is(formatCall('chdir', [`/${'d'.repeat(300)}`]), `chdir("/${'d'.repeat(300)}")`);
});

test('Results are numbers, or the errno with its name and meaning.', t => {
  t.is(formatResult(0), '0');
  t.is(formatResult(28128), '28128');
  t.is(formatResult(-1), '-1 EPERM (Operation not permitted)');
  t.is(formatResult(-2), '-1 ENOENT (No such file or directory)');
  t.is(formatResult(-22), '-1 EINVAL (Invalid argument)');
  t.is(formatResult(-4095), '-1 errno 4095 (unknown error)');
  t.is(formatResult(-4096), '-4096');
});
