// rejected by: arguments
// diagnosis: one-condition-of-two
// Each condition of a rule leads to its answer.
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
  const { user, capabilities = linux.dockerCapabilities, ambient = [] } = spec;
  const sets = [capabilities, capabilities, ambient].map(linux.capabilityMask) as [bigint, bigint, bigint];

  // The bounding set, which is what execve gives root. First, for it takes CAP_SETPCAP.
  for (let bit = 0; bit <= last; bit++) {
    if (!((sets[0] >> BigInt(bit)) & 1n)) box.prctl(PR.CAPBSET_DROP, bit);
  }

  if (user) {
    const { uid, gid, additionalGids: groups = [] } = user;
    // Else whoever stops being root has no capability left that could be kept.
    box.prctl(PR.SET_KEEPCAPS, 1);
    box.syscall('setgroups', groups.length, linux.u32(...groups));
    box.syscall('setresgid', gid, gid, gid);
    box.syscall('setresuid', uid, uid, uid);
  }

  // Version 3, this process; the low halves of effective, permitted and inheritable, then the high halves.
  const halves = [...sets.map(set => set & 0xffff_ffffn), ...sets.map(set => set >> 32n)].map(Number);
  box.syscall('capset', linux.u32(0x2008_0522, 0), linux.u32(...halves));
  for (const name of ambient) box.prctl(PR.CAP_AMBIENT, PR.CAP_AMBIENT_RAISE, linux.capabilityBit(name));
}

/** Instructions that go on behind their end when the condition is true of the call, and else leave out `skip` more. */
export function compare({ index, op, value, valueTwo = 0 }: linux.Condition, skip: number): linux.Instruction[] {
  const isMasked = op === 'SCMP_CMP_MASKED_EQ';
  const wanted = BigInt(isMasked ? valueTwo : value);
  const bits = isMasked ? BigInt(value) : 2n ** 64n - 1n;
  const [high, low] = [(word: bigint) => Number(word >> 32n), (word: bigint) => Number(word & 0xffff_ffffn)];

  // NE, LT and LE are the contraries of EQ, GE and GT: the same with the two ends exchanged.
  const [yes, no] = /_(NE|LT|LE)$/.test(op) ? [skip, 0] : [0, skip];
  const greater = /_[GL][ET]$/.test(op) ? yes : no;
  const comparison = /_(GE|LT)$/.test(op) ? BPF.JGE : /_(GT|LE)$/.test(op) ? BPF.JGT : BPF.JEQ;

  return [
    load(linux.seccompData.high(index)),
    and(high(bits)),
    jump(BPF.JGT, high(wanted), 4 + greater, 0),
    jump(BPF.JEQ, high(wanted), 0, 3 + no),
    load(linux.seccompData.low(index)),
    and(low(bits)),
    jump(comparison, low(wanted), yes, no),
  ];
}

/** The filter that decides as the policy says, for a container with these capabilities. seccomp(2) */
export function assemble(policy: linux.Policy, capabilities: string[]): Uint8Array {
  const rules = linux.rulesFor(policy, capabilities);
  const names = new Set(rules.flatMap(rule => rule.names).filter(name => name in linux.SYS));
  const otherwise = answer(linux.returnValue(policy.defaultAction, policy.defaultErrnoRet));
  const kill = answer(SECCOMP.RET_KILL_PROCESS);

  const program = [
    // The same number is another call behind another door; and x86-64 has its calls twice, once as x32.
    load(linux.seccompData.architecture),
    jump(BPF.JEQ, linux.nativeArchitecture, 1, 0),
    kill,
    load(linux.seccompData.number),
    jump(BPF.JGE, 0x4000_0000, 0, 1),
    kill,
  ];
  for (const name of names) {
    const code = [...rules.filter(rule => rule.names.includes(name)).flatMap(decide), otherwise];
    program.push(jump(BPF.JEQ, linux.SYS[name] ?? 0, 0, code.length), ...code);
  }
  return linux.encodeFilter([...program, otherwise]);
}

/** The rule's answer, when all its conditions are true. Put together from its end, since every jump leads forward. */
function decide({ args, action, errnoRet }: linux.Rule): linux.Instruction[] {
  const reply = answer(linux.returnValue(action, errnoRet));
  if (!args || args.length === 0) return [reply];
  return args.flatMap(condition => [...compare(condition, 1), reply]);
}

/** A Landlock ruleset for this: its descriptor. What is not named in it is refused. landlock(7) */
export async function makeRuleset(box: Process, { readable, writable }: Required<Spec>['landlock']): Promise<number> {
  // What can be refused: so many of the lowest bits, more with each version.
  const version = await box.syscall('landlock_create_ruleset', null, 0, linux.LANDLOCK.CREATE_RULESET_VERSION);
  const all = 2 ** ([0, 13, 14, 15, 15][version] ?? 16) - 1;
  const ruleset = await box.syscall('landlock_create_ruleset', linux.u64(all), 8, 0);

  const read =
    linux.LANDLOCK.ACCESS_FS_EXECUTE | linux.LANDLOCK.ACCESS_FS_READ_FILE | linux.LANDLOCK.ACCESS_FS_READ_DIR;
  const rules = [...readable.map(path => [path, read] as const), ...writable.map(path => [path, all] as const)];
  for (const [path, access] of rules) {
    const folder = await box.open(path, linux.O.PATH);
    // LANDLOCK_RULE_PATH_BENEATH; struct landlock_path_beneath_attr
    await box.syscall('landlock_add_rule', ruleset, 1, linux.u64(access, folder), 0);
    await box.close(folder);
  }
  return ruleset;
}

/** Under which profile, with which label, the next program is to run. `attr` is where a process says so. proc_pid_attr(5) */
export async function label(box: Process, { apparmor, selinux }: Spec, attr = '/proc/self/attr'): Promise<void> {
  const write = async (path: string, text: string) => {
    const fd = await box.open(path, linux.O.WRONLY);
    await box.write(fd, text);
    await box.close(fd);
  };
  if (apparmor) await write(`${attr}/apparmor/exec`, `exec ${apparmor}`);
  if (selinux) await write(`${attr}/exec`, selinux);
}

/** Becomes the command, with no more rights than it is given: lesson 01's execute, and all of this. */
export async function executeConfined(box: Process, spec: Spec): Promise<void> {
  const { capabilities = linux.dockerCapabilities, noNewPrivileges = true, seccomp = linux.defaultPolicy } = spec;
  const path = await linux.firstExecutable(box, candidates(spec.command[0] ?? '', spec.env?.PATH));
  const last = Number(await readFile('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const ruleset = spec.landlock && (await makeRuleset(box, spec.landlock));
  const filter = seccomp && assemble(seccomp, capabilities);
  await label(box, spec);

  const install = () => {
    if (!filter) return;
    // struct sock_fprog: how many instructions, and where they are.
    const program = linux.pointing(linux.u64(filter.length / 8, 0), [[8, filter]]);
    box.syscall('seccomp', SECCOMP.SET_MODE_FILTER, 0, program);
  };

  // One frame: soon the process may neither hear nor answer any more.
  await box.together(() => {
    box.close_range(3, 0xffff_ffff, linux.CLOSE_RANGE.CLOEXEC);
    for (const { type, soft, hard } of spec.rlimits ?? [])
      box.syscall('prlimit64', 0, linux.resource(type), linux.u64(soft, hard), null);
    if (noNewPrivileges) box.prctl(PR.SET_NO_NEW_PRIVS, 1);
    if (ruleset !== undefined) box.syscall('landlock_restrict_self', ruleset, 0);

    // A filter takes no_new_privs or CAP_SYS_ADMIN, which is about to go. As late as possible: it judges our calls too.
    if (!noNewPrivileges) install();
    dropPrivileges(box, spec, last);
    if (noNewPrivileges) install();
    box.execve(path, spec.command, spec.env ?? defaultEnv);
  });
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
