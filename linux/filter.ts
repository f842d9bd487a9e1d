// A seccomp filter's instructions: the four kinds that a policy is made of, and how the kernel reads them. bpf(4), seccomp(2)
import { BPF } from './constants.ts';

/** `k` is what it works with. `yes` and `no`, of a jump: how many of the instructions that follow to leave out, 0 to 255. */
export type Instruction = readonly [code: number, k: number, yes?: number, no?: number];

/** Where struct seccomp_data has what it says of a call, in bytes. An argument is two words: the low half comes first. */
export const seccompData = {
  number: 0,
  architecture: 4,
  low: (argument: number) => 16 + 8 * argument,
  high: (argument: number) => 20 + 8 * argument,
};

/** Loads a word of 32 bits from there into the accumulator: the one register there is. */
export const load = (offset: number): Instruction => [BPF.LD | BPF.W | BPF.ABS, offset];

/** Leaves these bits in the accumulator. */
export const and = (bits: number): Instruction => [BPF.ALU | BPF.AND | BPF.K, bits];

/** Compares the accumulator with `k`, as unsigned numbers: BPF.JEQ equal, JGT greater, JGE greater or equal. */
export const jump = (test: number, k: number, yes: number, no: number): Instruction => [
  BPF.JMP | test | BPF.K,
  k,
  yes,
  no,
];

/** The end: what is to become of the call. */
export const answer = (value: number): Instruction => [BPF.RET | BPF.K, value];

/** An array of struct sock_filter, eight bytes each. */
export function encodeFilter(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [i, [code, k, yes = 0, no = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(yes, i * 8 + 2);
    bytes.writeUInt8(no, i * 8 + 3);
    bytes.writeUInt32LE(k, i * 8 + 4);
  }
  return bytes;
}
