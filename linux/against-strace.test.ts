// The same calls twice: as our trace tells them, and as the strace of this machine saw them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import * as c from './constants.ts';
import { into, makedev, type Process, u32 } from './index.ts';
import { alive, becomeRoot, eventually, notHere, own, start, unless } from './kit.ts';

const {
  AF,
  AT,
  CAP,
  CLONE,
  CLOSE_RANGE,
  FSCONFIG,
  MNT,
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
  O,
  OPEN_TREE,
  PR,
  RLIMIT,
  S,
  SIG,
  SIOC,
  SOCK,
} = c;

const u64 = (...values: (number | bigint)[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);

const ifreq = (name: string, flags = 0) => {
  const request = Buffer.alloc(40);
  request.write(name);
  request.writeUInt16LE(flags, 16);
  return request;
};

/** Calls that succeed and calls that fail, one at least of each that has a notation of its own. */
const calls: ((box: Process, dir: string) => Promise<unknown>)[] = [
  box => box.unshare(CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC),
  box => box.unshare(0),
  box => box.unshare(CLONE.FS | CLONE.FILES),
  box => box.unshare(1),
  box => box.mount('none', '/', null, MS.REC | MS.PRIVATE),
  (box, dir) =>
    box.mount('tmpfs', dir, 'tmpfs', MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.STRICTATIME, 'mode=755,size=64k'),
  (box, dir) => box.mount(null, dir, null, MS.REMOUNT | MS.BIND | MS.RDONLY),
  (box, dir) => box.mount(null, dir, null, MS.REMOUNT | MS.BIND),
  (box, dir) => box.mount('a\tb\n"c"\\d', `${dir}/not there`, 'tmpfs', 0, 'x'.repeat(200)),
  (box, dir) => box.mkdir(`${dir}/a`),
  (box, dir) => box.mkdir(`${dir}/a`, 0o1777),
  (box, dir) => box.mkdir(`${dir}/${'long'.repeat(50)}`, 0),
  (box, dir) => box.mknod(`${dir}/f`),
  (box, dir) => box.mknod(`${dir}/null`, S.IFCHR | 0o666, makedev(1, 3)),
  (box, dir) => box.mknod(`${dir}/block`, S.IFBLK | 0o600, makedev(259, 300)),
  (box, dir) => box.mknod(`${dir}/fifo`, S.IFIFO | 0o644),
  (box, dir) => box.open(`${dir}/f`, O.RDWR | O.CREAT | O.TRUNC | O.CLOEXEC, 0o644),
  (box, dir) => box.open(dir, O.PATH | O.DIRECTORY | O.NOFOLLOW),
  (box, dir) => box.open(dir, O.TMPFILE | O.RDWR, 0o600),
  (box, dir) => box.open(`${dir}/none`, O.WRONLY | O.APPEND | O.NONBLOCK | O.SYNC | O.NOCTTY),
  (box, dir) => box.open(`${dir}/none`, O.EXCL | O.DIRECT | O.NOATIME | O.DSYNC | O.ASYNC),
  box => box.write(4, 'hello\n'),
  box => box.write(4, Buffer.from('\0\x01\x02\xff1\x018\x019\x1b"', 'latin1')),
  box => box.write(4, 'y'.repeat(300)),
  box => box.write(99, 'x'),
  (box, dir) => box.open(`${dir}/f`),
  box => box.read(7, 6),
  box => box.read(7, 4096),
  box => box.read(7, 10),
  (box, dir) => box.symlink('target', `${dir}/link`),
  (box, dir) => box.readlink(`${dir}/link`),
  (box, dir) => box.link(`${dir}/f`, `${dir}/g`),
  (box, dir) => box.rename(`${dir}/g`, `${dir}/h`),
  (box, dir) => box.unlink(`${dir}/h`),
  (box, dir) => box.rmdir(`${dir}/a`),
  (box, dir) => box.chmod(`${dir}/f`, 0o4755),
  (box, dir) => box.chown(`${dir}/f`, 0, -1),
  box => box.dup2(4, 20),
  box => box.syscall('dup3', 4, 21, O.CLOEXEC),
  box => box.close(20),
  box => box.close(99),
  box => box.close_range(30, 0xffffffff, CLOSE_RANGE.CLOEXEC),
  box => box.sethostname('box'),
  box => box.setdomainname('example'),
  box => box.setns(4, CLONE.NEWNS),
  box => box.setns(0),
  (box, dir) => box.chdir(dir),
  box => box.chdir(''),
  box => box.fchdir(4),
  box => box.prctl(PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0),
  box => box.prctl(PR.SET_NAME, 'boxname'),
  box => box.prctl(PR.CAPBSET_DROP, CAP.SYS_TIME),
  box => box.prctl(PR.CAP_AMBIENT, PR.CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
  box => box.prctl(PR.CAP_AMBIENT, PR.CAP_AMBIENT_RAISE, CAP.KILL, 0, 0),
  box => box.syscall('capset', u32(0x2008_0522, 0), u32(0x21, 0x8000_0020, 0, 0x100, 0, 0)),
  box => box.syscall('setgroups', 2, u32(5, 7)),
  box => box.prctl(PR.SET_PDEATHSIG, SIG.SIGKILL),
  box => box.prctl(PR.SET_CHILD_SUBREAPER, 1),
  box => box.syscall('kill', 1 << 29, SIG.SIGTERM),
  (box, dir) => box.syscall('open_tree', AT.FDCWD, dir, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.RECURSIVE),
  box =>
    box.syscall(
      'mount_setattr',
      8,
      '',
      AT.EMPTY_PATH,
      u64(MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID, 0, MS.PRIVATE, 0),
      32,
    ),
  (box, dir) => box.syscall('move_mount', 8, '', AT.FDCWD, dir, MOVE_MOUNT.F_EMPTY_PATH),
  box => box.syscall('fsconfig', 99, FSCONFIG.SET_STRING, 'size', '1m', 0),
  (box, dir) => box.umount2(dir, MNT.DETACH),
  box => box.umount2('/not/there', MNT.FORCE | MNT.EXPIRE),
  box => box.umount2('/not/there', MNT.NOFOLLOW),
  box => box.syscall('prlimit64', 0, RLIMIT.CORE, u64(0, 0), null),
  box => box.syscall('socket', AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0),
  box => box.syscall('ioctl', 9, SIOC.GIFFLAGS, into(ifreq('lo'))),
  box => box.syscall('ioctl', 9, SIOC.GIFFLAGS, into(ifreq('nowhere'))),
  box => box.syscall('ioctl', 9, SIOC.SIFFLAGS, ifreq('nowhere', c.IFF.UP | c.IFF.PROMISC)),
  box => box.syscall('socket', AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK, 0),
  box => box.syscall('setuid', 0),
  box => box.syscall('getpid'),
  box => box.setsid(),
  box => box.pivot_root('.', '.'),
  box => box.pivot_root('/a b', '/x'),
  box => box.chroot('/not/there'),
  box => box.execve('/not/there', ['a', 'b c', ''], { A: '1', B: 'x y' }),
  box => box.execve('/not/there', [], {}),
];

/** strace, from when it is the process's tracer. Null where it may not be. */
async function watch(pid: number, log: string): Promise<ChildProcess | null> {
  const options = ['-qq', '-v', '-s', '128', '-e', 'trace=!recvfrom,sendto', '-e', 'signal=none', '-o', log];
  const strace = spawn('strace', [...options, '-p', String(pid)], { stdio: 'ignore' });
  const tracer = () => /^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  await eventually(() => tracer() !== '0' || strace.exitCode !== null);
  return strace.exitCode === null ? strace : null;
}

const absent = notHere || (spawnSync('strace', ['-V']).error ? 'strace is not installed' : false);

unless(absent)("A process's trace is, line for line, what strace saw of it.", async t => {
  const dir = mkdtempSync(`${tmpdir()}/boxwright-strace-`);
  const log = `${dir}.log`;
  t.teardown(() => {
    rmSync(dir, { recursive: true });
    rmSync(log, { force: true });
  });
  const box = await start(t);
  // Whatever the calls do to mounts, the machine's own are not among them.
  await box.unshare(own | CLONE.NEWNS);
  becomeRoot(box);
  await box.mount('none', '/', null, MS.REC | MS.PRIVATE);
  const strace = await watch(box.pid, log);
  if (!strace) {
    t.log('skipped: this machine does not let strace attach to a process (ptrace_scope)');
    return t.pass();
  }
  // Between attaching and tracing strace may let a call pass by. From the first that it has written down it misses none.
  const seen = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0);
  for (const end = performance.now() + 120_000; seen() === 0 && performance.now() < end; await sleep(5))
    await box.syscall('getppid');
  const [first, before] = [box.trace.length, seen()];
  for (const call of calls) await call(box, dir).catch(() => {});
  await box.end();
  t.true(await eventually(() => strace.exitCode !== null && !alive(strace.pid ?? 0)));

  const theirs = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(before)
    .map(line => line.replace(/\) += /, ') = '));
  const ours = box.trace.slice(first).map(String);
  t.is(ours.length, calls.length);
  t.deepEqual(ours, theirs);
});
