// Lesson 14: less than root. Read README.md beside this file; save, and watch the verdict.
import { readFile } from 'node:fs/promises';
import { candidates, defaultEnv } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { maskedPaths, maskPaths, pivotRoot, protectPaths, protectRoot, readonlyPaths } from '#05-pivot-root';
import { ownName } from '#06-uts';
import { mountIpc, ownIpc } from '#07-ipc';
import { ownProcesses, underInit } from '#08-pid';
import { makeFolder, ownUsers, removeFolder, shiftLayers, showSystem } from '#09-user';
import { joinCgroup, makeCgroup, mountCgroup, ownCgroup, removeCgroup } from '#10-cgroup';
import { ownTime } from '#11-time';
import { joinNetwork, ownNetwork } from '#12-network-namespace';
import { attach, type Spec as BridgeSpec } from '#13-veth-bridge';
import * as linux from '#linux';
import { and, answer, BPF, build, jump, load, PR, type Process, SECCOMP } from '#linux';

export interface Spec extends BridgeSpec {
  /** What root inside may do of all that root may, and what another user keeps of that; Docker's fourteen, and nothing. */
  capabilities?: string[];
  ambient?: string[];
  /** Who the command is, in ids of the container; root. */
  user?: { uid: number; gid: number; additionalGids?: number[] };
  /** No program gives more rights than there were, setuid or not; true. */
  noNewPrivileges?: boolean;
  /** Which system calls may be made; Docker's policy. null: all. */
  seccomp?: linux.Policy | null;
  /** 'RLIMIT_NOFILE' and so on, soft limit, hard limit. setrlimit(2) */
  rlimits?: { type: string; soft: number; hard: number }[];
  /** Folders below which files may be read and executed, and below which they may be changed too; as the modes say. */
  landlock?: { readable: string[]; writable: string[] };
  /** With a cgroup, and on a machine whose root one is: these devices and no others. linux/devices.ts */
  devices?: linux.DeviceRule[];
  /** A profile of AppArmor's, a label of SELinux's, for hosts that enforce them. */
  apparmor?: string;
  selinux?: string;
}

/**
 * Becomes the user, with these capabilities in all five sets and no other. `last` is the highest that the kernel knows.
 * No `await` in here: the calls are part of a frame. capabilities(7), capset(2), setresuid(2)
 */
export function dropPrivileges(box: Process, spec: Spec, last: number): void {
  // TODO 1: no other capability in the bounding set; then the user, if there is one; then the sets of a process.
  // What does each of these calls need that an earlier one may have taken? And what becomes of root's capabilities?
}

/** Instructions that go on behind their end when the condition is true of the call, and else leave out `skip` more. */
export function compare({ index, op, value, valueTwo = 0 }: linux.Condition, skip: number): linux.Instruction[] {
  // TODO 3: compare() for the seven operations, on 64 bits. Until then, every condition counts as true.
  return [];
}

/** The filter that decides as the policy says, for a container with these capabilities. seccomp(2) */
export function assemble(policy: linux.Policy, capabilities: string[]): Uint8Array {
  // TODO 2: the call is by the architecture's own door, and not x32; then, for each name in SYS that a rule is about, what the
  // rules decide; and for all others the default action. linux/filter.ts has the instructions.
  return linux.encodeFilter([answer(SECCOMP.RET_ALLOW)]);
}

/** The rule's answer, when all its conditions are true. Put together from its end, since every jump leads forward. */
function decide({ args, action, errnoRet }: linux.Rule): linux.Instruction[] {
  let code = [answer(linux.returnValue(action, errnoRet))];
  for (const condition of (args ?? []).toReversed()) code = [...compare(condition, code.length), ...code];
  return code;
}

/** A Landlock ruleset for this: its descriptor. What is not named in it is refused. landlock(7) */
export async function makeRuleset(box: Process, { readable, writable }: Required<Spec>['landlock']): Promise<number> {
  // TODO 4: which accesses does this version of Landlock know? A ruleset that refuses them all, and a rule for each folder.
  return -1;
}

/** Under which profile, with which label, the next program is to run. `attr` is where a process says so. proc_pid_attr(5) */
export async function label(box: Process, { apparmor, selinux }: Spec, attr = '/proc/self/attr'): Promise<void> {
  // TODO 4, too: AppArmor reads `exec PROFILE` from apparmor/exec, SELinux the label from exec. Each is for the next execve.
}

/** Becomes the command, with no more rights than it is given: lesson 01's execute, and all of this. */
export async function executeConfined(box: Process, spec: Spec): Promise<void> {
  const path = await linux.firstExecutable(box, candidates(spec.command[0] ?? '', spec.env?.PATH));
  // TODO 5: everything that was asked for, in an order that works, and execve. Soon the process may neither hear nor answer:
  // what you know beforehand, find out beforehand, and make the rest one frame, box.together().
}

/** The container, whole: what it was not given, it has not and cannot get. */
export async function contain(spec: Spec): Promise<Process> {
  const { cgroup } = spec;
  const steps = async (box: Process) => {
    await joinNetwork(box, spec);
    await ownUsers(box, spec);
    const folder = await makeFolder(box, spec);
    box.exited.then(() => removeFolder(folder, spec));
    if (cgroup) await makeCgroup(cgroup, spec.resources);
    if (cgroup) box.exited.then(() => removeCgroup(cgroup));
    await ownMounts(box);
    await ownName(box, spec);
    await ownIpc(box);
    if (spec.timeOffsets) await ownTime(box, spec.timeOffsets);
    await ownNetwork(box, spec);
    await ownProcesses(box);
    if (cgroup) await joinCgroup(box, cgroup);
    if (cgroup && spec.devices) await linux.allowDevices(`/sys/fs/cgroup${cgroup}`, spec.devices);
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
    await attach(box, spec);
    await spec.inside?.(box);
    if (spec.init) await underInit(box, command => executeConfined(command, spec));
    else await executeConfined(box, spec);
  };
  return build(steps, { wires: spec.init ? 2 : 1 });
}
