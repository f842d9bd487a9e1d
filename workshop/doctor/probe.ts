// Tries things instead of guessing: in a child process with namespaces of its own, on a tmpfs of its own, so that whatever
// is mounted or made vanishes with the child and the machine is as it was.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { AT, CLONE, MOUNT_ATTR, MS, O, OPEN_TREE, Process, SyscallError } from '#linux';

export interface Outcome {
  ok: boolean;
  stdout: string;
  /** What the program complained of, in one line. */
  complaint: string;
}

/** Runs a program of the machine; never rejects, not even when there is no such program. */
export function attempt(program: string, args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(program, args, { timeout: 10_000, env: { PATH: searchPath, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      const complaint = stderr.trim().split('\n').at(-1) || error?.message.split('\n')[0] || '';
      resolve({ ok: error === null, stdout, complaint });
    });
  });
}

/**
 * Where the machine's own programs are: without the npm scripts' folder, where one of our packages has a program named
 * `nft`, and with the administrators' folders, which are missing from many users' PATH.
 */
export const searchPath = [
  ...(process.env.PATH ?? '').split(':'),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
]
  .filter(folder => folder !== '' && !folder.endsWith('/node_modules/.bin'))
  .join(':');

/** What an overlay can do here, each step a word when it worked; see the script. */
export type OverlayStep = 'namespace' | 'overlay' | 'opaque' | 'nested';

/**
 * Makes an overlay on a tmpfs; removes a folder of the lower layer and makes it anew, which must then be empty (the mark for
 * that is an extended attribute of the upper layer); and stacks one more overlay on top. overlayfs, "Whiteouts and opaque directories".
 */
export async function tryOverlay(user: boolean): Promise<{ steps: Set<OverlayStep>; complaint: string }> {
  const script = `echo namespace; mount -t tmpfs none /tmp; cd /tmp
    mkdir -p lower/folder upper work merged upper2 work2 merged2; : >lower/folder/file
    mount -t overlay -o $1lowerdir=lower,upperdir=upper,workdir=work none merged; echo overlay
    if rm -r merged/folder && mkdir merged/folder && test ! -e merged/folder/file; then echo opaque; fi
    mount -t overlay -o $1lowerdir=merged,upperdir=upper2,workdir=work2 none merged2; echo nested`;
  const flags = user ? ['--user', '--map-root-user', '--mount'] : ['--mount'];
  const tried = await attempt('unshare', [...flags, 'sh', '-euc', script, 'sh', user ? 'userxattr,' : '']);
  return { steps: new Set(tried.stdout.split('\n').filter(Boolean) as OverlayStep[]), complaint: tried.complaint };
}

/** Whether an ordinary user can make a user namespace, and mount in it; as root, tried by nobody. */
export function tryUserNamespace(root: boolean): Promise<Outcome> {
  const make = ['--user', '--map-root-user', '--mount', 'true'];
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', ...make];
  return root ? attempt('setpriv', nobody) : attempt('unshare', make);
}

/**
 * Whether a tmpfs can be mounted with its owners shifted (Linux 6.3): tried on one of a user namespace's own, which gives it to
 * another. mount_setattr(2), MOUNT_ATTR_IDMAP
 */
export async function tryIdmappedTmpfs(): Promise<boolean> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], wires: 2 }).catch(() => null);
  // Before set-up there is no helper yet.
  if (!box) return false;
  try {
    await box.unshare(CLONE.NEWUSER | CLONE.NEWNS);
    writeFileSync(`/proc/${box.pid}/setgroups`, 'deny');
    writeFileSync(`/proc/${box.pid}/uid_map`, `0 ${uid} 1`);
    writeFileSync(`/proc/${box.pid}/gid_map`, `0 ${gid} 1`);
    await box.mount('none', '/', null, MS.REC | MS.PRIVATE);
    await box.mount('none', '/tmp', 'tmpfs');

    const other = await box.fork();
    await other.unshare(CLONE.NEWUSER);
    for (const map of ['uid_map', 'gid_map']) {
      await box.write(await box.open(`/proc/${other.pid}/${map}`, O.WRONLY), '0 0 1');
    }
    const users = await box.open(`/proc/${other.pid}/ns/user`);
    const tree = await box.syscall('open_tree', AT.FDCWD, '/tmp', OPEN_TREE.CLONE);
    const idmap = new Uint8Array(BigUint64Array.of(BigInt(MOUNT_ATTR.IDMAP), 0n, 0n, BigInt(users)).buffer);
    await box.syscall('mount_setattr', tree, '', AT.EMPTY_PATH, idmap, 32);
    return true;
  } catch (error) {
    if (error instanceof SyscallError || (error as NodeJS.ErrnoException).code) return false;
    throw error;
  } finally {
    await box.end();
  }
}

/** Whether nft(8) can make a table that translates addresses, which takes more of the kernel than an empty one. */
export async function tryNat(root: boolean): Promise<boolean> {
  const become = root ? [] : ['--user', '--map-root-user'];
  const rules =
    'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade';
  return (await attempt('unshare', [...become, '--net', 'nft', rules])).ok;
}
