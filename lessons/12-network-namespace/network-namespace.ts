// Lesson 12: its own network. Read README.md beside this file; save, and watch the verdict.
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
import { build, type Process } from '#linux';

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
  // TODO 1: ask for the flags of `lo`, add one, and set them: two ioctls, on a socket of any kind.
  // into(bytes) is memory that the kernel fills.
}

/** A network namespace of its own, in which it can talk to itself; unless it is to have somebody else's. */
export async function ownNetwork(box: Process, { network = 'none' }: Mode): Promise<void> {
  // TODO 2: the namespace, and its loopback. Not for every mode.
}

/** Joins the network namespace of another container, for 'container:PID'; else does nothing. setns(2) */
export async function joinNetwork(box: Process, { network = 'none' }: Mode): Promise<void> {
  // TODO 3: go into the namespace of that process. /proc has a file for each that a process is in.
}

/** The container so far: it hears nobody's traffic and talks to nobody, but to whom it was given. */
export async function contain(spec: Spec): Promise<Process> {
  const { cgroup } = spec;
  const steps = async (box: Process) => {
    // TODO 4: joinNetwork and ownNetwork, each in its place.
    // Who may enter a namespace of somebody else's, and whose shall a new one be? What will /sys show?
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
