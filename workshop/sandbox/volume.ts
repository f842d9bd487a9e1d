// A file or folder of the host in a container that stands already: before any lesson knows of volumes, somebody must be able
// to ask what a container could do with one.
import { AT, CLONE, MOVE_MOUNT, OPEN_TREE, type Process } from '#linux';

/**
 * Mounts `source` at `target` in the container of process `pid`, as `helper`'s process table numbers it. `helper` needs
 * privilege over that container, and is in its mount namespace afterwards. open_tree(2), move_mount(2)
 */
export async function bindInto(helper: Process, pid: number, source: string, target: string): Promise<void> {
  const tree = await helper.syscall('open_tree', AT.FDCWD, source, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.RECURSIVE);
  const namespace = await helper.open(`/proc/${pid}/ns/mnt`);
  await helper.setns(namespace, CLONE.NEWNS);
  await helper.syscall('move_mount', tree, '', AT.FDCWD, target, MOVE_MOUNT.F_EMPTY_PATH);
  await helper.close(namespace);
  await helper.close(tree);
}
