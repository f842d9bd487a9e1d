// Lesson 09: root that is nobody. Read README.md beside this file; save, and watch the verdict.
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, promises, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { execute } from '#01-process';
import { mountDev, mountProc, mountSys, ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, type Spec as PidSpec, underInit } from '#08-pid';
import { AT, build, CLONE, isErrno, MOUNT_ATTR, MOVE_MOUNT, MS, OPEN_TREE, Process, readStatus, u64 } from '#linux';

/** `size` ids of the container, from `containerID` on, are those of the host from `hostID` on. runtime-spec, config-linux.md */
export type IdMapping = { containerID: number; hostID: number; size: number };

export interface Spec extends PidSpec {
  /** Who the container's users and groups are on the host. When absent, see usualMappings(). */
  uidMappings?: IdMapping[];
  gidMappings?: IdMapping[];
  /** The container's own folder, empty, for who wants what is in it afterwards: it stays. When absent, a new one that does not. */
  folder?: string;
}

type Kind = 'uid' | 'gid';
const isRoot = () => process.getuid?.() === 0;
const ownId = (kind: Kind) => (kind === 'uid' ? process.getuid?.() : process.getgid?.()) ?? 0;

/** As root, ids that nobody has on the host. As anybody else: oneself, as root; then what /etc/subuid grants. subuid(5) */
export function usualMappings(kind: Kind): IdMapping[] {
  if (isRoot()) return [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const lines = readFileSync(`/etc/sub${kind}`, 'utf8').matchAll(/^(.*?):(\d+):(\d+)$/gm);
  const [, , start, count] = [...lines].find(([, name]) => name === userInfo().username) ?? [];
  const granted = start ? [{ containerID: 1, hostID: Number(start), size: Number(count) }] : [];
  return [{ containerID: 0, hostID: ownId(kind), size: 1 }, ...granted];
}

/**
 * Writes the map of users ('uid') or of groups ('gid') for the user namespace that process `pid` has made. When none was asked
 * for and the usual one is refused, the container's root is oneself, and there is nobody else. user_namespaces(7)
 */
async function writeMap(pid: number, kind: Kind, asked?: IdMapping[]): Promise<void> {
  try {
    const mappings = asked ?? usualMappings(kind);
    const triples = mappings.map(({ containerID, hostID, size }) => [containerID, hostID, size]);
    if (!isRoot()) await promisify(execFile)(`new${kind}map`, [pid, ...triples.flat()].map(String));
    else writeFileSync(`/proc/${pid}/${kind}_map`, triples.map(triple => triple.join(' ')).join('\n'));
  } catch (error) {
    if (asked) throw error;
    // Else one could leave a group, and with it what is forbidden to that group.
    if (kind === 'gid') writeFileSync(`/proc/${pid}/setgroups`, 'deny');
    writeFileSync(`/proc/${pid}/${kind}_map`, `0 ${ownId(kind)} 1`);
  }
}

/** A user namespace of its own, in which the process is root, and in no other group than root's. user_namespaces(7) */
export async function ownUsers(box: Process, { uidMappings, gidMappings }: Partial<Spec>): Promise<void> {
  await box.unshare(CLONE.NEWUSER);
  // From out here: inside, it has every right over the namespace, and none over the host's ids.
  await writeMap(box.pid, 'uid', uidMappings);
  await writeMap(box.pid, 'gid', gidMappings);

  // It is still who it was on the host, and here that is nobody.
  const setgroups = readFileSync(`/proc/${box.pid}/setgroups`, 'utf8');
  if (setgroups.startsWith('allow')) await box.syscall('setgroups', 0, null);
  await box.syscall('setresgid', 0, 0, 0);
  await box.syscall('setresuid', 0, 0, 0);
}

/** The container's folder. It belongs to whoever the container's root is on the host. */
export async function makeFolder(box: Process, spec: Spec): Promise<string> {
  const folder = spec.folder ?? mkdtempSync(`${spec.containers}/`);
  const { uids, gids } = readStatus(box.pid);
  chownSync(folder, uids[0] ?? 0, gids[0] ?? 0);
  return folder;
}

/** Removes it. What is in it may belong to ids that an ordinary user cannot touch; the container's root can, so that is who does. */
export async function removeFolder(folder: string, spec: Spec): Promise<void> {
  if (spec.folder) return;
  const become = (box: Process) => ownUsers(box, spec).then(() => execute(box, { command: ['rm', '-rf', folder] }));
  if (!isRoot()) await (await build(become)).exited;
  await promises.rm(folder, { recursive: true, force: true });
}

/** struct mount_attr: what to set, what to clear, the propagation, a user namespace's descriptor. 32 bytes. mount_setattr(2) */
const attributes = (set: number, users = 0) => u64(set, 0, 0, users);

/**
 * Mounts each layer at a folder in `folder`, where what belongs to an id of the host belongs to that id of the container. Returns
 * the paths to use in the layers' places: the layer itself where its file system or the kernel cannot do that, or we are not root.
 */
export async function shiftLayers(box: Process, layers: string[], folder: string): Promise<string[]> {
  if (!isRoot()) return layers;
  // The box has no right over the layers' file system. Who has comes from out here, and mounts for the box to see.
  const mounter = await Process.start();
  try {
    const users = await mounter.open(`/proc/${box.pid}/ns/user`);
    await mounter.setns(await mounter.open(`/proc/${box.pid}/ns/mnt`), CLONE.NEWNS);

    const shift = async (layer: string, i: number) => {
      const target = `${folder}/layer${i}`;
      mkdirSync(target);
      const tree = await mounter.syscall('open_tree', AT.FDCWD, layer, OPEN_TREE.CLONE);
      await mounter.syscall('mount_setattr', tree, '', AT.EMPTY_PATH, attributes(MOUNT_ATTR.IDMAP, users), 32);
      await mounter.syscall('move_mount', tree, '', AT.FDCWD, target, MOVE_MOUNT.F_EMPTY_PATH);
      return target;
    };
    const orAsItIs = (layer: string, i: number) =>
      shift(layer, i).catch(error => {
        if (isErrno(error, 'EINVAL', 'EPERM', 'ENOSYS')) return layer;
        throw error;
      });
    return await Promise.all(layers.map(orAsItIs));
  } finally {
    await mounter.end();
  }
}

/** What populate() mounts; and where a new /sys is refused, the host's, read-only with all that is mounted in it. */
export async function showSystem(box: Process, rootfs: string): Promise<void> {
  await mountProc(box, rootfs);
  try {
    await mountSys(box, rootfs);
  } catch (error) {
    // It shows a network namespace, and only who owns that may mount it: until lesson 12, the host.
    if (!isErrno(error, 'EPERM')) throw error;
    await box.mount('/sys', `${rootfs}/sys`, null, MS.BIND | MS.REC);
    await box.syscall('mount_setattr', AT.FDCWD, `${rootfs}/sys`, AT.RECURSIVE, attributes(MOUNT_ATTR.RDONLY), 32);
  }
  await mountDev(box, rootfs);
}

/** The container so far: its root is root of nothing but the container, and anybody may start it. */
export async function contain(spec: Spec): Promise<Process> {
  const steps = async (box: Process) => {
    await ownUsers(box, spec);
    const folder = await makeFolder(box, spec);
    box.exited.then(() => removeFolder(folder, spec));
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    await ownProcesses(box);
    const lower = await shiftLayers(box, spec.root ? [spec.root] : spec.layers, folder);
    const rootfs = spec.root ? (lower[0] ?? '') : await mountLayers(box, lower, folder);
    await showSystem(box, rootfs);
    await mountIpc(box, rootfs, spec.shmSize);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    if (spec.init) await underInit(box, command => execute(command, spec));
    else await execute(box, spec);
  };
  return build(steps, { wires: spec.init ? 2 : 1 });
}
