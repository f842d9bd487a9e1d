// The system calls that lessons use, with types. Each bears the kernel's name, and `man 2 NAME` is its documentation. Where
// arm64 has only the newer form with a directory's descriptor (mkdirat for mkdir), that is the call that is made.
import type { Above } from './call.ts';
import { AT, O, S } from './constants.ts';
import { type Argument, into } from './memory.ts';

export abstract class Calls {
  /** Makes a call. `above` is the method whose caller is to blame; `use` turns the kernel's number into what it returns. */
  protected abstract call<T = number>(
    name: string,
    args: readonly Argument[],
    above: Above,
    use?: (value: number) => T,
  ): Promise<T>;

  /** Any system call by its name. Returns what the kernel returned; throws SyscallError at the caller's line. */
  syscall(name: string, ...args: Argument[]): Promise<number> {
    return this.call(name, args, this.syscall);
  }

  unshare(flags: number) {
    return this.call('unshare', [flags], this.unshare);
  }
  setns(fd: number, kind = 0) {
    return this.call('setns', [fd, kind], this.setns);
  }
  mount(source: string | null, target: string, type: string | null, flags = 0, data: string | null = null) {
    return this.call('mount', [source, target, type, flags, data], this.mount);
  }
  umount2(target: string, flags = 0) {
    return this.call('umount2', [target, flags], this.umount2);
  }
  pivot_root(newRoot: string, putOld: string) {
    return this.call('pivot_root', [newRoot, putOld], this.pivot_root);
  }
  chroot(path: string) {
    return this.call('chroot', [path], this.chroot);
  }
  chdir(path: string) {
    return this.call('chdir', [path], this.chdir);
  }
  fchdir(fd: number) {
    return this.call('fchdir', [fd], this.fchdir);
  }
  sethostname(name: string, length = Buffer.byteLength(name)) {
    return this.call('sethostname', [name, length], this.sethostname);
  }
  setdomainname(name: string, length = Buffer.byteLength(name)) {
    return this.call('setdomainname', [name, length], this.setdomainname);
  }
  /** open(2), in the form of openat(AT_FDCWD, …). */
  open(path: string, flags: number = O.RDONLY, mode = 0) {
    return this.call('openat', [AT.FDCWD, path, flags, mode], this.open);
  }
  close(fd: number) {
    return this.call('close', [fd], this.close);
  }
  close_range(first: number, last: number, flags = 0) {
    return this.call('close_range', [first, last, flags], this.close_range);
  }
  dup2(from: number, to: number) {
    return this.call('dup3', [from, to, 0], this.dup2);
  }
  read(fd: number, count: number) {
    const bytes = Buffer.alloc(count);
    return this.call('read', [fd, into(bytes), count], this.read, size => bytes.subarray(0, size));
  }
  write(fd: number, data: string | Uint8Array) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return this.call('write', [fd, bytes, bytes.length], this.write);
  }
  mkdir(path: string, mode = 0o777) {
    return this.call('mkdirat', [AT.FDCWD, path, mode], this.mkdir);
  }
  rmdir(path: string) {
    return this.call('unlinkat', [AT.FDCWD, path, AT.REMOVEDIR], this.rmdir);
  }
  unlink(path: string) {
    return this.call('unlinkat', [AT.FDCWD, path, 0], this.unlink);
  }
  symlink(target: string, path: string) {
    return this.call('symlinkat', [target, AT.FDCWD, path], this.symlink);
  }
  link(from: string, to: string) {
    return this.call('linkat', [AT.FDCWD, from, AT.FDCWD, to, 0], this.link);
  }
  rename(from: string, to: string) {
    return this.call('renameat2', [AT.FDCWD, from, AT.FDCWD, to, 0], this.rename);
  }
  readlink(path: string) {
    const bytes = Buffer.alloc(4096);
    const args = [AT.FDCWD, path, into(bytes), bytes.length];
    return this.call('readlinkat', args, this.readlink, size => bytes.toString('utf8', 0, size));
  }
  /** `mode` with the type (`S.IFCHR | 0o666`), `device` from `makedev`. */
  mknod(path: string, mode: number = S.IFREG | 0o666, device = 0) {
    return this.call('mknodat', [AT.FDCWD, path, mode, device], this.mknod);
  }
  chmod(path: string, mode: number) {
    return this.call('fchmodat', [AT.FDCWD, path, mode], this.chmod);
  }
  chown(path: string, uid: number, gid: number) {
    return this.call('fchownat', [AT.FDCWD, path, uid, gid, 0], this.chown);
  }
  setsid() {
    return this.call('setsid', [], this.setsid);
  }
  prctl(option: number, ...args: Argument[]) {
    return this.call('prctl', [option, ...args], this.prctl);
  }
  /**
   * The last call: on success the process is the command now, and the wire is closed. `argv` includes argv[0]; `env` is all
   * of the command's environment.
   */
  execve(path: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const strings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return this.call('execve', [path, argv, strings], this.execve);
  }
}

/** A device's number from major and minor, as the kernel packs it. makedev(3) */
export function makedev(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
