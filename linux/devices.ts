// Which devices the processes of a cgroup may make and open: a program in the second language of BPF, which the kernel asks at
// each mknod(2) and open(2). In version 1 it was a file, devices.allow. cgroup-v2, “Device controller”; bpf(2)
import { O } from './constants.ts';
import { pointing } from './memory.ts';
import { Process } from './process.ts';
import { u32 } from './words.ts';

/** As in an OCI config.json, but these are allowed and no others. Every number when absent. */
export interface DeviceRule {
  /** A character device, a block device. */
  type: 'c' | 'b';
  major?: number;
  minor?: number;
  /** r to read, w to write, m to make: 'rwm' */
  access: string;
}

/** What every container may have: null, zero, full, random, urandom, tty; ptmx and the terminals; and to make any, not to open it. */
export const usualDevices: DeviceRule[] = [
  { type: 'c', access: 'm' },
  { type: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map(minor => ({ type: 'c' as const, major: 1, minor, access: 'rwm' })),
  ...[0, 2].map(minor => ({ type: 'c' as const, major: 5, minor, access: 'rwm' })),
  { type: 'c', major: 136, access: 'rwm' },
];

/** struct bpf_insn: what to do, with which register (and from which), how far to jump or where to read, a number. */
function instruction(code: number, to: number, from: number, offset: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(to | (from << 4), 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}

const load = (to: number, offset: number) => instruction(0x61, to, 1, offset, 0);
const set = (to: number, value: number) => instruction(0xb7, to, 0, 0, value);
const copy = (to: number, from: number) => instruction(0xbf, to, from, 0, 0);
const and = (to: number, value: number) => instruction(0x57, to, 0, 0, value);
const shiftRight = (to: number, by: number) => instruction(0x77, to, 0, 0, by);
const unlessEqual = (register: number, value: number, skip: number) => instruction(0x55, register, 0, skip, value);
const exit = () => instruction(0x95, 0, 0, 0, 0);

const accesses = (access: string) =>
  (access.includes('m') ? 1 : 0) | (access.includes('r') ? 2 : 0) | (access.includes('w') ? 4 : 0);

/** The program: r2 is the type, r3 the access that is wanted, r4 and r5 the numbers; what it leaves in r0 is yes or no. */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array {
  const code = [load(2, 0), and(2, 0xffff), load(3, 0), shiftRight(3, 16), load(4, 4), load(5, 8)];
  for (const { type, major, minor, access } of rules) {
    // From the end, as every jump leads behind it.
    let rule = [set(0, 1), exit()];
    if (minor !== undefined) rule = [unlessEqual(5, minor, rule.length), ...rule];
    if (major !== undefined) rule = [unlessEqual(4, major, rule.length), ...rule];
    rule = [copy(0, 3), and(0, ~accesses(access) & 7), unlessEqual(0, 0, rule.length), ...rule];
    code.push(unlessEqual(2, type === 'b' ? 1 : 2, rule.length), ...rule);
  }
  return Buffer.concat([...code, set(0, 0), exit()]);
}

/** Lets the cgroup (its folder) and those below it have these devices and no others, as long as it exists. Takes root on the machine. */
export async function allowDevices(cgroup: string, rules: readonly DeviceRule[]): Promise<void> {
  const [BPF_PROG_LOAD, BPF_PROG_ATTACH, CGROUP_DEVICE_PROGRAM, CGROUP_DEVICE, ALLOW_MULTI] = [5, 8, 15, 6, 2];
  const program = deviceProgram(rules);
  const loader = await Process.start();
  try {
    // union bpf_attr: the kind, how many instructions, their address, the license's. Then: where, what, as what, how.
    const attributes = Buffer.alloc(48);
    attributes.set(u32(CGROUP_DEVICE_PROGRAM, program.length / 8));
    const pointers: [number, string | Uint8Array][] = [
      [8, program],
      [16, 'MIT'],
    ];
    const loaded = await loader.syscall('bpf', BPF_PROG_LOAD, pointing(attributes, pointers), attributes.length);
    const folder = await loader.open(cgroup, O.DIRECTORY);
    await loader.syscall('bpf', BPF_PROG_ATTACH, u32(folder, loaded, CGROUP_DEVICE, ALLOW_MULTI), 16);
  } finally {
    await loader.end();
  }
}
