// Damaged frames over the real wire to the real helper: each is answered exactly once, and it lives on. The calls in them are
// harmless, and the damage spares their numbers: build.test.ts has the fuzzer that spares nothing, and calls nothing.
import type { ExecutionContext } from 'ava';
import { SYS } from '../linux/constants.ts';
import { eventually, here, raw } from '../linux/kit.ts';
import { encodeFrame, type WireCall } from '../linux/wire.ts';

const FRAMES = 20_000;

/** Numbers that do no harm with any arguments: those that take none, and some that no kernel has. */
const numbers = [...['getpid', 'getppid', 'gettid', 'getuid', 'getgid'].map(name => SYS[name] ?? 0), 0x2000, 0xffff];

/** mulberry32: the same seed, the same frames. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return limit => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function call(below: (limit: number) => number): WireCall {
  const block = Uint8Array.from({ length: below(3) ? below(40) : 0 }, () => below(256));
  const room = block.length >= 8 && below(2) ? below(3) : 0;
  return {
    number: numbers[below(numbers.length)] ?? 0,
    args: Array.from({ length: 6 }, () => BigInt(block.length > 0 ? below(block.length) : below(100))),
    pointers: block.length > 0 ? below(64) : 0,
    relocations: Array.from({ length: room }, () => ({ at: below(block.length - 7), to: below(block.length) })),
    block,
    wantBlock: below(2) === 1,
    stopOnError: below(2) === 1,
  };
}

/** One frame, whose first four bytes are right, so that the next one is found. */
function frame(below: (limit: number) => number): { bytes: Buffer; calls: number } {
  const calls = Array.from({ length: below(3) + 1 }, () => call(below));
  const starts = calls.map((_, i) => encodeFrame(calls.slice(0, i)).length);
  let bytes = Buffer.from(encodeFrame(calls));
  const isNumber = (at: number) => starts.some(start => at >= start + 8 && at < start + 16);
  for (let damage = below(3); damage > 0; damage--) {
    const at = 4 + below(bytes.length - 4);
    const value = [0, 1, 8, 79, 0x7fffffff, 0xfffffff8, 0xffffffff][below(7)] ?? 0;
    const kind = below(4);
    if (kind === 0) bytes = bytes.subarray(0, Math.max(at, 8));
    else if (kind === 1 && !isNumber(at)) bytes[at] = below(256);
    else if (kind === 2 && at + 4 <= bytes.length && !isNumber(at) && !isNumber(at + 3)) bytes.writeUInt32LE(value, at);
    else if (kind === 3) bytes = Buffer.concat([bytes, Buffer.alloc(below(24))]);
  }
  bytes.writeUInt32LE(bytes.length - 8, 0);
  return { bytes, calls: bytes.readUInt32LE(4) };
}

async function fuzz(t: ExecutionContext, seed: number): Promise<void> {
  const below = random(seed);
  const { wire, replies, kill, pid } = raw();
  t.teardown(kill);
  const frames = Array.from({ length: FRAMES }, () => frame(below));
  for (const { bytes } of frames) wire.write(bytes);
  const last: WireCall = {
    ...call(below),
    number: SYS.getpid ?? 0,
    relocations: [],
    pointers: 0,
    block: new Uint8Array(),
  };
  wire.write(encodeFrame([{ ...last, wantBlock: false }]));

  t.true(await eventually(() => replies.length > FRAMES || wire.closed), `${replies.length} replies`);
  t.is(replies.length, FRAMES + 1);
  t.is(replies.at(-1)?.results[0]?.value, BigInt(pid));
  let refused = 0;
  for (const [i, { results, refused: errno }] of replies.slice(0, FRAMES).entries()) {
    if (errno !== 0) refused++;
    // All, none of a frame that is refused, or as far as it went.
    const right = errno === 0 ? results.length >= 1 && results.length <= (frames[i]?.calls ?? 0) : results.length === 0;
    if (!right) t.fail(`frame ${i}: ${frames[i]?.bytes.toString('hex')}`);
  }
  t.log(`seed ${seed}: ${FRAMES - refused} frames performed, ${refused} refused`);
  t.true(refused > FRAMES / 10 && refused < (FRAMES * 9) / 10);
}

here('Twenty thousand damaged frames over the wire are answered once each; always the same.', t => fuzz(t, 1));
here('Twenty thousand others, never the same.', t => fuzz(t, Math.trunc(Math.random() * 2 ** 31)));
