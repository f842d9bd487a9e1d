// A disposable copy of the host, in which a learner's code may be as wrong as it likes. It is a container like the one that
// the learner builds, made with the reference solutions of lessons 01 to 05.
//
// What it is: new user, mount, pid, network, ipc, uts and cgroup namespaces; the host's files under an overlay whose upper
// layer is a tmpfs; limits on memory and processes. What it is not: a wall against somebody who means harm and knows a hole
// in the kernel. That takes a machine of its own (`boxwright guest`).
import { writeFileSync } from 'node:fs';
import { build, CLONE, CLOSE_RANGE, MS, PR, Process, pointing, SIG, type StartOptions } from '#linux';
import { delegate, hostScope, limitMemory, limitProcesses, limits } from './limits.ts';
import { ownMounts } from './reference.ts';
import { copyImage, enterCopy } from './root.ts';
import { becomeRoot, chooseUsers, everybody, mapUsers, type Users } from './users.ts';

export interface Sandbox {
  /** The process in the sandbox, not yet a command: root, in its home. execve it. */
  box: Process;
  /** Process 1 of the sandbox: when it ends, everything in it does. */
  init: number;
  /** The machine's id of the sandbox's root. */
  base: number;
  /** Its cgroup of version 2, the root of what it sees at /sys/fs/cgroup; null where the machine has none. */
  cgroup: string | null;
  /** A path of the sandbox, as this process can open it. */
  path(path: string): string;
  /** One more process in the sandbox, for looking at it from within: nobody's code but ours. */
  join(options?: Pick<StartOptions, 'stdio' | 'pass'>): Promise<Process>;
  /** What could not be limited here; null when all is. */
  unlimited: string | null;
  /** Ends all that runs in it. Nothing of it is left. */
  end(): Promise<void>;
}

const namespaces =
  CLONE.NEWUSER | CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWNET | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWCGROUP;

export interface SandboxOptions extends Pick<StartOptions, 'stdio' | 'pass'> {
  /** Its root is the machine's, and may ruin it: in a guest only, for what nobody else can show (disks, the clock, BPF). */
  privileged?: boolean;
  /** The paths of the workshop's folder that can be seen in it, all when absent: for submissions, which must not find the answers. */
  shows?: string[];
}

/** Opens a sandbox. Takes some ten milliseconds; needs no root, but is a better copy with it. */
export async function openSandbox({ privileged = false, shows, ...options }: SandboxOptions = {}): Promise<Sandbox> {
  if (privileged && process.env.BOXWRIGHT_GUEST === undefined)
    throw new Error('a sandbox with the machine’s own root is for a machine that nobody misses: boxwright guest');
  const users = privileged ? everybody : chooseUsers();
  const kinds = privileged ? namespaces & ~CLONE.NEWUSER : namespaces;
  const box = await Process.start(options);
  const first = box.pid;
  const memory = limitMemory(first);
  const end = async () => {
    await box.end();
    await memory.release();
  };
  try {
    // If we are killed, nobody is left to end the sandbox: then it shall end by itself.
    await box.prctl(PR.SET_PDEATHSIG, SIG.SIGKILL);
    await box.syscall('umask', 0o022);
    // Nor shall a descriptor that somebody left open for us lead out of it: a folder of the real host, say.
    await box.close_range(4 + (options.pass?.length ?? 0), 0xffff_ffff, CLOSE_RANGE.CLOEXEC);
    if (users.count > 1) {
      await ownMounts(box);
      await enterCopy(box, users, shows);
      await box.clone(kinds);
      if (!privileged) mapUsers(box.pid, users);
      await becomeRoot(box, users);
    } else {
      if (shows) throw new Error('what hides the answers can be taken away again unless root has put it there');
      await box.clone(namespaces);
      mapUsers(box.pid, users);
      await ownMounts(box);
      await enterCopy(box, users);
    }
    const init = box.pid;
    await likeAHost(box);
    if (memory.folder) {
      delegate(memory.folder, users.base, [first, init]);
      await box.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', MS.NOSUID | MS.NODEV | MS.NOEXEC);
    }
    await limitProcesses(box);
    // This process stays as the sandbox's process 1, which reaps; the next one becomes the command.
    await box.clone(0);
    await copyImage(box);
    const path = (inside: string) => `/proc/${init}/root${inside}`;
    const scope = memory.folder && `${memory.folder}/${hostScope}`;
    const join = (options: Pick<StartOptions, 'stdio' | 'pass'> = {}) =>
      joinSandbox(init, { users, kinds, scope }, options);
    return {
      ...{ box, init, base: users.base, cgroup: memory.folder },
      ...{ path, join, unlimited: memory.missing, end },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Into all of the sandbox's namespaces at once, with a descriptor that stands for its process 1. setns(2), pidfd_open(2) */
async function joinSandbox(
  init: number,
  { users, kinds, scope }: { users: Users; kinds: number; scope: string | null },
  options: Pick<StartOptions, 'stdio' | 'pass'>,
): Promise<Process> {
  return build(
    async box => {
      if (scope) writeFileSync(`${scope}/cgroup.procs`, String(box.pid));
      const pidfd = await box.syscall('pidfd_open', init, 0);
      await box.setns(pidfd, kinds);
      await box.syscall('umask', 0o022);
      await box.close(pidfd);
      if (users.count > 1) await becomeRoot(box, users);
      // A pid namespace is for children only.
      await box.clone(0);
    },
    { stdio: ['ignore', 'ignore', 'ignore'], ...options },
  );
}

/** What a booted machine has: its own /proc and /sys, shared mounts as systemd makes them, a loopback, a name. */
async function likeAHost(box: Process): Promise<void> {
  await box.mount('proc', '/proc', 'proc', MS.NOSUID | MS.NODEV | MS.NOEXEC);
  await box.mount('sysfs', '/sys', 'sysfs', MS.NOSUID | MS.NODEV | MS.NOEXEC);
  // The sandbox's own, not the machine's: so its root may give it out with other owners (lesson 09's idmapped mounts).
  await box.mount('run', '/run', 'tmpfs', MS.NODEV, `mode=755,size=${limits.disk}`);
  await box.mount('none', '/', null, MS.REC | MS.SHARED);
  await box.sethostname('host');
  await loopbackUp(box);
  await box.chdir('/root').catch(() => box.chdir('/'));
}

/** netdevice(7): SIOCGIFFLAGS and SIOCSIFFLAGS, IFF_UP */
async function loopbackUp(box: Process): Promise<void> {
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeInt16LE(0x1, 16);
  const socket = await box.syscall('socket', 2, 2, 0);
  await box.syscall('ioctl', socket, 0x8914, pointing(request, []));
  await box.close(socket);
}
