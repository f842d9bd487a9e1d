// rejected by: own-namespace
// diagnosis: first-process-too-early
// First the namespace and everybody in it, then its settings, as with a hostname.
import { writeFile } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, underInit } from '#08-pid';
import { makeFolder, ownUsers, removeFolder, shiftLayers, showSystem } from '#09-user';
import { type Spec as CgroupSpec, joinCgroup, makeCgroup, mountCgroup, ownCgroup, removeCgroup } from '#10-cgroup';
import { build, CLONE, type Process } from '#linux';

/** A clock of the container is the host's and this much more. The seconds may be negative, the nanoseconds not. */
export type TimeOffsets = Partial<Record<'monotonic' | 'boottime', { secs: number; nanosecs?: number }>>;

export interface Spec extends CgroupSpec {
  /** Clocks of its own; when absent, the host's. runtime-spec, config-linux.md, Offset for Time Namespace */
  timeOffsets?: TimeOffsets;
}

/** For the next process that the box makes, a time namespace of its own, with these offsets. time_namespaces(7) */
export async function ownTime(box: Process, offsets: TimeOffsets): Promise<void> {
  // The host writes it, as it writes the maps: the file is the host's root's, and root inside is somebody else.
  const lines = Object.entries(offsets).map(([clock, { secs, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`);
  if (lines.length > 0) await writeFile(`/proc/${box.pid}/timens_offsets`, lines.join(''));
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
    if (spec.timeOffsets) await box.unshare(CLONE.NEWTIME);
    await ownProcesses(box);
    if (spec.timeOffsets) await ownTime(box, spec.timeOffsets);
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
