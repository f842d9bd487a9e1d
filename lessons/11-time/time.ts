// Lesson 11: its own uptime. Read README.md beside this file; save, and watch the verdict.
import { execute } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, underInit } from '#08-pid';
import { makeFolder, ownUsers, removeFolder, shiftLayers, showSystem } from '#09-user';
import { type Spec as CgroupSpec, joinCgroup, makeCgroup, mountCgroup, ownCgroup, removeCgroup } from '#10-cgroup';
import { build, type Process } from '#linux';

/** A clock of the container is the host's and this much more. The seconds may be negative, the nanoseconds not. */
export type TimeOffsets = Partial<Record<'monotonic' | 'boottime', { secs: number; nanosecs?: number }>>;

export interface Spec extends CgroupSpec {
  /** Clocks of its own; when absent, the host's. runtime-spec, config-linux.md, Offset for Time Namespace */
  timeOffsets?: TimeOffsets;
}

/** For the next process that the box makes, a time namespace of its own, with these offsets. time_namespaces(7) */
export async function ownTime(box: Process, offsets: TimeOffsets): Promise<void> {
  // TODO 1: the namespace. It is for whoever comes next: the box itself stays in the host's.
  // TODO 2: the offsets, a line for each clock, in a file that /proc has for the purpose. Whose root may write it?
}

/** The container so far: it was booted when it says so. */
export async function contain(spec: Spec): Promise<Process> {
  const { cgroup } = spec;
  const steps = async (box: Process) => {
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
    // TODO 3: ownTime, where offsets were asked for. Which line of these makes the next process?
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
