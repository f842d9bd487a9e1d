// rejected by: joined
// diagnosis: another-kind
// CLONE_NEWNS sounds like the flag for a namespace.
import { execute } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, underInit } from '#08-pid';
import { makeFolder, ownUsers, removeFolder, shiftLayers, showSystem } from '#09-user';
import { joinCgroup, makeCgroup, mountCgroup, ownCgroup, removeCgroup } from '#10-cgroup';
import { ownTime, type Spec as TimeSpec } from '#11-time';
import { AF, build, CLONE, IFF, into, type Process, SIOC, SOCK } from '#linux';

export interface Spec extends TimeSpec {
  /**
   * 'none', and when absent: a network namespace of its own, with a loopback and nothing else. 'host': the host's.
   * 'container:PID': that of another container, by the number that any of its processes has on the host.
   */
  network?: 'none' | 'host' | `container:${number}`;
}

/** A mode of the network, or one that a later lesson adds: those are about a namespace of the container's own as well. */
type Mode = { network?: string };

/**
 * Brings up `lo`, the interface by which a host talks to itself. A struct ifreq is 40 bytes: an interface's name in the first
 * 16, its flags in the next two. netdevice(7)
 */
export async function loopbackUp(box: Process): Promise<void> {
  const socket = await box.syscall('socket', AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  const request = Buffer.alloc(40);
  request.write('lo');
  await box.syscall('ioctl', socket, SIOC.GIFFLAGS, into(request));

  const wanted = Buffer.from(request);
  wanted.writeUInt16LE(request.readUInt16LE(16) | IFF.UP, 16);
  await box.syscall('ioctl', socket, SIOC.SIFFLAGS, wanted);
  await box.close(socket);
}

/** A network namespace of its own, in which it can talk to itself; unless it is to have somebody else's. */
export async function ownNetwork(box: Process, { network = 'none' }: Mode): Promise<void> {
  if (network === 'host' || network.startsWith('container:')) return;
  await box.unshare(CLONE.NEWNET);
  await loopbackUp(box);
}

/** Joins the network namespace of another container, for 'container:PID'; else does nothing. setns(2) */
export async function joinNetwork(box: Process, { network = 'none' }: Mode): Promise<void> {
  const [mode, pid] = network.split(':');
  if (mode !== 'container') return;
  const namespace = await box.open(`/proc/${pid}/ns/net`);
  await box.setns(namespace, CLONE.NEWNS);
  await box.close(namespace);
}

/** The container so far: it hears nobody's traffic and talks to nobody, but to whom it was given. */
export async function contain(spec: Spec): Promise<Process> {
  const { cgroup } = spec;
  const steps = async (box: Process) => {
    // As the host's root, who may enter any namespace: the container's root may not.
    await joinNetwork(box, spec);
    await ownUsers(box, spec);
    const folder = await makeFolder(box, spec);
    box.exited.then(() => removeFolder(folder, spec));
    if (cgroup) {
      await makeCgroup(cgroup, spec.resources);
      box.exited.then(() => removeCgroup(cgroup));
    }
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    if (spec.timeOffsets) await ownTime(box, spec.timeOffsets);
    // As the container's root, who owns what it makes; and before there is a /sys, which shows what it was mounted in.
    await ownNetwork(box, spec);
    await ownProcesses(box);
    if (cgroup) await joinCgroup(box, cgroup);
    await ownCgroup(box);
    const lower = await shiftLayers(box, spec.root ? [spec.root] : spec.layers, folder);
    const rootfs = spec.root ? (lower[0] ?? '') : await mountLayers(box, lower, folder);
    await showSystem(box, rootfs);
    if (cgroup) await mountCgroup(box, rootfs);
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
