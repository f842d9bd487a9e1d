// Who root is in the sandbox: nobody. A user namespace maps it to ids that own nothing on this machine, so that what only
// the machine's root may do (sysrq, raw disks, the clock) is refused by the kernel, whatever is mounted or made inside.
import { writeFileSync } from 'node:fs';
import { AT, CLONE, MOUNT_ATTR, MOVE_MOUNT, OPEN_TREE, Process, pointing, SyscallError } from '#linux';

export interface Users {
  /** What uid 0 of the sandbox is on the machine; and gid 0, and the ids after them. */
  base: number;
  count: number;
}

/**
 * As root: 262,144 ids that nobody has (room for a container's 65,536 at the customary 100000), others for each sandbox so that
 * limits per user count apart. Else: our own, alone.
 */
export function chooseUsers(): Users {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return { base: uid, count: 1 };
  return { base: 0x7000_0000 + Math.floor(Math.random() * 0x400) * 0x4_0000, count: 0x4_0000 };
}

/** The machine's own users, for a sandbox without a user namespace. */
export const everybody: Users = { base: 0, count: 0x4_0000 };

/** Fills in the maps of a user namespace that `pid` has made. user_namespaces(7) */
export function mapUsers(pid: number, { base, count }: Users): void {
  if (count === 1) writeFileSync(`/proc/${pid}/setgroups`, 'deny');
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${base} ${count}`);
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${count === 1 ? (process.getgid?.() ?? 0) : base} ${count}`);
}

/** Becomes root of the user namespace that the process is in: until then it is nobody there. */
export async function becomeRoot(box: Process, { count }: Users): Promise<void> {
  // In the group of the same number, as a login has it.
  if (count > 1) await box.syscall('setgroups', 1, new Uint8Array(4));
  await box.syscall('setresgid', 0, 0, 0);
  await box.syscall('setresuid', 0, 0, 0);
}

/**
 * A descriptor, in `box`, of a user namespace with these maps and nobody in it: what an idmapped mount is made with.
 * mount_setattr(2), MOUNT_ATTR_IDMAP
 */
export async function openUserNamespace(box: Process, users: Users): Promise<number> {
  const holder = await Process.start({ stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await holder.clone(CLONE.NEWUSER);
    mapUsers(holder.pid, users);
    return await box.open(`/proc/${holder.pid}/ns/user`);
  } finally {
    await holder.end();
  }
}

/**
 * Mounts `path` at `target` with its owners shifted: what belongs to the machine's root belongs to the sandbox's. False where
 * the file system cannot do that (hostfs, overlay, a kernel before 5.12): nothing is mounted then.
 */
export async function mountShifted(box: Process, path: string, target: string, namespace: number): Promise<boolean> {
  const tree = await box.syscall('open_tree', AT.FDCWD, path, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC);
  try {
    // struct mount_attr: attr_set, attr_clr, propagation, userns_fd
    const attributes = new BigUint64Array([BigInt(MOUNT_ATTR.IDMAP), 0n, 0n, BigInt(namespace)]);
    const bytes = pointing(new Uint8Array(attributes.buffer), []);
    await box.syscall('mount_setattr', tree, '', AT.EMPTY_PATH, bytes, attributes.byteLength);
    await box.syscall('move_mount', tree, '', AT.FDCWD, target, MOVE_MOUNT.F_EMPTY_PATH);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && ['EINVAL', 'EPERM', 'ENOSYS', 'EOPNOTSUPP'].includes(error.code)) return false;
    throw error;
  } finally {
    await box.close(tree);
  }
}
