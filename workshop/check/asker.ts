// A program of a few hundred bytes that asks the kernel: it makes the calls of a table, and prints how each was answered. For
// looking at a container from within, once nobody is left on the wire: what is refused in there, only a process in there can
// tell. It needs no compiler, no library, and of the filter that it stands under only `write` and `exit_group`.
import { SYS } from '#linux';

/** One question: a call by its name or number, with numbers for arguments; those left out are 0. */
export interface Question {
  call: string | number;
  args?: readonly (number | bigint)[];
  /** By which door of an x86-64 kernel: 'i386' is `int 0x80`, where the same numbers mean other calls. */
  door?: 'native' | 'i386';
}

/**
 * r12 = the table; for each entry { door, number, six arguments }: load the registers, `syscall` or `int 0x80`; take what came
 * for an errno when it is one, else for 0; write(1, two letters, 2). The number -1 ends the table: exit_group(0).
 */
const x64 =
  '4c8d25a0000000498b4424084883f8ff0f848800000049833c24007522498b7c2410498b742418498b5424204d8b5424284d8b4424304d8b4c2438' +
  '0f05eb23498b5c2410498b4c2418498b542420498b742428498b7c2430498b6c2438cd804863c048f7d8483dff0f0000760231c089c2c1e80483c0' +
  '4183e20f83c26188d450b801000000bf010000004889e6ba020000000f05584983c440e969ffffffb8e700000031ff0f05';

/** The same with x19 and `svc #0`. There is one door. */
const arm64 =
  'b3030010680640f91f0500b1e0020054600641a9620e42a9641643a9010000d4e00300cbe1ff81d21f0001eb00909f9a01fc44d321040191000c4092' +
  '00840191212000aae10f1ff8080880d2200080d2e1030091420080d2010000d4ff43009173020191e8ffff17c80b80d2000080d2010000d4';

/** The program, as a static ELF file. elf(5) */
export function askerProgram(questions: readonly Question[]): Buffer {
  const code = Buffer.from(process.arch === 'arm64' ? arm64 : x64, 'hex');
  const rows = questions.map(({ call, args = [], door }) => {
    const number = typeof call === 'number' ? call : SYS[call];
    if (number === undefined) throw new TypeError(`there is no system call ${call} on ${process.arch}`);
    return [door === 'i386' ? 1 : 0, number, ...Array.from({ length: 6 }, (_, i) => args[i] ?? 0)];
  });
  const words = [...rows, [0, -1]].flat().map(word => BigInt.asUintN(64, BigInt(word)));
  const table = Buffer.from(BigUint64Array.from(words).buffer);

  const [base, headers] = [0x40_0000, 64 + 56];
  const size = headers + code.length + table.length;
  const head = Buffer.alloc(headers);
  head.write('7f454c46020101', 'hex');
  head.writeUInt16LE(2, 16); // ET_EXEC
  head.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(base + headers, 24); // where it begins
  head.writeUInt32LE(64, 32); // the program headers
  for (const [i, value] of [64, 56, 1].entries()) head.writeUInt16LE(value, 52 + i * 2);
  head.writeUInt32LE(1, 64); // PT_LOAD
  head.writeUInt32LE(5, 68); // to be read and executed
  head.writeUInt32LE(base, 80);
  head.writeUInt32LE(base, 88);
  head.writeUInt32LE(size, 96);
  head.writeUInt32LE(size, 104);
  head.writeUInt32LE(0x1_0000, 112);
  return Buffer.concat([head, code, table]);
}

/** What it printed, as an errno for each question: 0 where the call succeeded. Shorter where it was ended before its time. */
export function askerAnswers(output: string): number[] {
  const pairs = output.match(/[A-P][a-p]/g) ?? [];
  return pairs.map(pair => (pair.charCodeAt(0) - 65) * 16 + pair.charCodeAt(1) - 97);
}
