// What `make` makes: without a warning, linked statically, for both architectures; and that it holds under fuzzing.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { notHere, raw, unless } from '../linux/kit.ts';
import { prepare, prepareClone } from '../linux/memory.ts';
import { encodeFrame } from '../linux/wire.ts';

const missing = (...programs: string[]) => {
  const absent = programs.find(program => spawnSync(program, ['--version']).error);
  return notHere || (absent !== undefined && `${absent} is not installed`);
};

/** A copy of the sources, built apart from what other tests are using. Returns its folder. */
function make(t: ExecutionContext, ...targets: string[]): string {
  const dir = mkdtempSync(`${tmpdir()}/boxwright-build-`);
  t.teardown(() => rmSync(dir, { recursive: true }));
  for (const file of readdirSync(import.meta.dirname)) {
    if (/\.[ch]$|^Makefile$/.test(file)) copyFileSync(`${import.meta.dirname}/${file}`, `${dir}/${file}`);
  }
  const { status, stderr } = spawnSync('make', ['-C', dir, ...targets], { encoding: 'utf8' });
  t.is(stderr, '', 'no warning');
  t.is(status, 0);
  return dir;
}

/** The bytes of an ELF file's header that tell the machine, and whether a program header asks for an interpreter. */
function elf(path: string): { machine: number; interpreter: boolean } {
  const bytes = readFileSync(path);
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const types = Array.from({ length: count }, (_, i) => bytes.readUInt32LE(table + i * size));
  return { machine: bytes.readUInt16LE(18), interpreter: types.includes(3) };
}

const [X86_64, AARCH64] = [62, 183];

unless(missing('make', 'cc'))('`make` builds a static program for this machine, without a warning.', t => {
  const machine = process.arch === 'arm64' ? AARCH64 : X86_64;
  t.deepEqual(elf(`${make(t)}/build/boxwright-helper`), { machine, interpreter: false });
  t.true(elf(process.execPath).interpreter, 'Node, for comparison');
});

unless(missing('make', 'aarch64-linux-gnu-gcc'))(
  '`make arm64` builds a static program for arm64, without a warning.',
  t => {
    t.deepEqual(elf(`${make(t, 'arm64')}/build/boxwright-helper-arm64`), { machine: AARCH64, interpreter: false });
  },
);

unless(missing('make', 'aarch64-linux-gnu-gcc', 'qemu-aarch64-static'))(
  "The program for arm64 takes arm64's numbers, clones, and becomes a command.",
  async t => {
    const numbers = JSON.parse(readFileSync(`${import.meta.dirname}/../linux/generated/arm64.json`, 'utf8')).syscall;
    const { wire, reply, kill, pid, exited, stdout } = raw([
      'qemu-aarch64-static',
      `${make(t, 'arm64')}/build/boxwright-helper-arm64`,
    ]);
    t.teardown(kill);

    wire.write(encodeFrame([prepare(numbers.getpid, []), prepare(numbers.chdir, ['/no/such'])]));
    const [first, second] = (await reply())?.results ?? [];
    t.is(first?.value, BigInt(pid));
    t.is(second?.value, -2n);

    wire.write(encodeFrame([prepare(numbers.clone, [0])]));
    t.is((await reply())?.refused, 95);

    wire.write(encodeFrame([prepareClone(0, -1)]));
    const child = (await reply())?.results[0]?.value ?? 0n;
    wire.write(encodeFrame([prepare(numbers.getpid, []), prepare(numbers.getppid, [])]));
    const pids = (await reply())?.results.map(({ value }) => value);
    t.deepEqual(pids, [child, BigInt(pid)]);

    wire.write(
      encodeFrame([prepare(numbers.execve, ['/bin/sh', ['sh', '-c', 'echo $0 $WORD; exit 3', 'arm'], ['WORD=64']])]),
    );
    t.is(await reply(), null);
    t.is(await stdout, 'arm 64\n');
    t.deepEqual(await exited, { code: 3, signal: null });
  },
);

unless(missing('make', 'cc'))(
  'A million and more malformed and well-formed requests find no error under the sanitizers.',
  t => {
    const fuzz = `${make(t, 'build/fuzz')}/build/fuzz`;
    const seed = String(Math.trunc(Math.random() * 2 ** 32));
    for (const args of [
      ['1000000', '1'],
      ['500000', seed],
    ]) {
      const { status, stdout, stderr } = spawnSync(fuzz, args, { encoding: 'utf8' });
      t.log(stdout.trim());
      t.is(stderr, '');
      t.is(status, 0, `build/fuzz ${args.join(' ')}`);
    }
  },
);
