// The helper as a stranger meets it: bytes in, replies out. It refuses whole what is malformed, and performs nothing of it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AT, CLONE, ERRNO, SYS } from '../linux/constants.ts';
import { helper, here, own, raw } from '../linux/kit.ts';
import { prepare, prepareClone } from '../linux/memory.ts';
import { encodeFrame, type WireCall } from '../linux/wire.ts';

const getpid = () => prepare(SYS.getpid ?? 0, []);
const call = (given: Partial<WireCall>): WireCall => ({ ...getpid(), ...given });

type Damage = (bytes: Buffer, at: number) => Buffer | undefined;

/** Two calls in one frame, the first of which would leave a folder behind. `second` begins at `at`. */
function frame(dir: string, second: WireCall, damage?: Damage): Buffer {
  const first = prepare(SYS.mkdirat ?? 0, [AT.FDCWD, dir, 0o700]);
  const bytes = Buffer.from(encodeFrame([first, second]));
  const damaged = damage?.(bytes, encodeFrame([first]).length) ?? bytes;
  damaged.writeUInt32LE(damaged.length - 8, 0);
  return damaged;
}

const block = new Uint8Array(16);
const numbered = (number: number) => call({ number });

/** What is wrong, the errno with which it is refused, the second call, and the damage done to the bytes. */
type Malformed = [what: string, code: keyof typeof ERRNO, second: WireCall, damage?: Damage];

const malformed: Malformed[] = [
  ['a count of no calls', 'EPROTO', getpid(), b => void b.writeUInt32LE(0, 4)],
  ['a count too small', 'EPROTO', getpid(), b => void b.writeUInt32LE(1, 4)],
  ['a count too large', 'EPROTO', getpid(), b => void b.writeUInt32LE(3, 4)],
  ['the largest count', 'EPROTO', getpid(), b => void b.writeUInt32LE(0xffffffff, 4)],
  ['a call that is cut short', 'EPROTO', getpid(), b => b.subarray(0, -1)],
  ['a call of which only the first byte is there', 'EPROTO', getpid(), (b, at) => b.subarray(0, at + 1)],
  ['bytes behind the last call', 'EPROTO', getpid(), b => Buffer.concat([b, Buffer.alloc(8)])],
  ['a size of nothing', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(0, at)],
  ['a size too small', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(79, at)],
  ['a size too large', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(88, at)],
  ['a flag that does not exist', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(4, at + 4)],
  ['a seventh pointer', 'EPROTO', call({ block, pointers: 64 })],
  ['something where a zero belongs', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(1, at + 76)],
  ['more relocations than there are', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(1, at + 68)],
  ['as many relocations as a number can say', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(0xffffffff, at + 68)],
  ['a block larger than the frame', 'EPROTO', getpid(), (b, at) => void b.writeUInt32LE(0xffffffff, at + 72)],
  ['a pointer into a block of no length', 'EFAULT', call({ args: [0n], pointers: 1 })],
  ['a pointer behind the block', 'EFAULT', call({ args: [16n], pointers: 1, block })],
  ['a pointer far behind the block', 'EFAULT', call({ args: [2n ** 64n - 1n], pointers: 1, block })],
  ['an address that lies half behind the block', 'EFAULT', call({ block, relocations: [{ at: 9, to: 0 }] })],
  ['an address so far behind that it would wrap', 'EFAULT', call({ block, relocations: [{ at: 0xfffffff8, to: 0 }] })],
  ['an address of what is behind the block', 'EFAULT', call({ block, relocations: [{ at: 0, to: 16 }] })],
  ['an address in a block of no length', 'EFAULT', call({ relocations: [{ at: 0, to: 0 }] })],
  ['a clone with a pointer', 'EPROTO', call({ number: -1, args: [0n], block, pointers: 1 })],
  ['a number below that of fork', 'EOPNOTSUPP', numbered(-3)],
  ['a number beyond all of the kernel', 'EOPNOTSUPP', numbered(0x10000)],
  ['getpid, with the kernel to cut its number down to 32 bits', 'EOPNOTSUPP', numbered(2 ** 32 + (SYS.getpid ?? 0))],
  ['getpid by its number in the x32 table', 'EOPNOTSUPP', numbered(0x40000000 + (SYS.getpid ?? 0))],
  ...['fork', 'vfork', 'clone', 'clone3', 'rt_sigreturn']
    .filter(name => SYS[name] !== undefined)
    .map((name): Malformed => [name, 'EOPNOTSUPP', numbered(SYS[name] ?? 0)]),
];

for (const [what, code, second, damage] of malformed) {
  here(`Refused with ${code}, and nothing performed: ${what}.`, async t => {
    const top = mkdtempSync(`${tmpdir()}/boxwright-wire-`);
    t.teardown(() => rmSync(top, { recursive: true }));
    const dir = `${top}/never`;
    const process = raw();
    t.teardown(process.kill);

    process.wire.write(frame(dir, second, damage));
    t.deepEqual(await process.reply(), { results: [], refused: ERRNO[code] });
    t.false(existsSync(dir));

    // It serves on, and what is well-formed is performed.
    process.wire.write(frame(dir, getpid()));
    const reply = await process.reply();
    t.deepEqual(
      reply?.results.map(({ value }) => value),
      [0n, BigInt(process.pid)],
    );
    t.true(existsSync(dir));
  });
}

here('A clone that is not the last of its frame is refused.', async t => {
  const process = raw();
  t.teardown(process.kill);
  process.wire.write(encodeFrame([prepareClone(0, -1), getpid()]));
  t.is((await process.reply())?.refused, ERRNO.EPROTO);
});

here(
  'A frame longer than the helper takes is answered with a refusal, and is the end: where the next begins is unknown.',
  async t => {
    const process = raw();
    t.teardown(process.kill);
    const head = Buffer.alloc(8);
    head.writeUInt32LE((16 << 20) + 1, 0);
    process.wire.write(head);
    t.deepEqual(await process.reply(), { results: [], refused: ERRNO.EMSGSIZE });
    t.is(await process.reply(), null);
    t.deepEqual(await process.exited, { code: 125, signal: null });
    t.is(await process.stderr, '');
  },
);

const whole = Buffer.from(encodeFrame([getpid()]));

for (const [what, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ["half of a frame's head", whole.subarray(0, 4)],
  ['a head alone', whole.subarray(0, 8)],
  ['all of a frame but its last byte', whole.subarray(0, -1)],
] as const) {
  here(`It ends without a word when the wire ends after ${what}.`, async t => {
    const process = raw();
    t.teardown(process.kill);
    if (bytes.length > 0) process.wire.write(bytes);
    await sleep(20);
    process.wire.end();
    t.deepEqual(await process.exited, { code: 0, signal: null });
    t.deepEqual(process.replies, []);
    t.is((await process.stderr) + (await process.stdout), '');
  });
}

here('A frame that arrives byte by byte is performed when it is whole.', async t => {
  const process = raw();
  t.teardown(process.kill);
  for (const byte of whole) {
    process.wire.write(Uint8Array.of(byte));
    if (byte !== 0) await sleep(1);
  }
  t.is((await process.reply())?.results[0]?.value, BigInt(process.pid));
});

for (const [what, redirection] of [
  ['not open', '3>&-'],
  ['a file', '3</dev/null'],
  ['a pipe', '3>&1'],
] as const) {
  here(`Without a wire it says so in one line and ends with 2: descriptor 3 is ${what}.`, t => {
    const script = `{ "$0" ${redirection}; echo $? >&2; } | cat`;
    const { stderr, stdout } = spawnSync('/bin/sh', ['-c', script, helper], { encoding: 'utf8' });
    t.is(stdout, '');
    t.regex(stderr, /^boxwright-helper: no wire: [^\n]+\n2\n$/);
  });
}

here("Started with SIGCHLD ignored, it hears of its child's end all the same.", async t => {
  const process = raw(['/usr/bin/env', '--ignore-signal=CHLD', helper]);
  t.teardown(process.kill);
  process.wire.write(encodeFrame([prepareClone(own | CLONE.NEWUTS, -1)]));
  t.true(((await process.reply())?.results[0]?.value ?? 0n) > 0n);
  process.wire.write(encodeFrame([prepare(SYS.exit_group ?? 0, [7])]));
  t.deepEqual(await process.exited, { code: 7, signal: null });
});
