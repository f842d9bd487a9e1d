// The bytes, without a helper: these run on any operating system.
import test from 'ava';
import { encodeFrame, ReplyReader, type WireCall } from './wire.ts';

const call = (given: Partial<WireCall>): WireCall => ({
  number: 39,
  args: [],
  pointers: 0,
  relocations: [],
  block: new Uint8Array(),
  wantBlock: false,
  stopOnError: false,
  ...given,
});

/** A reply as helper-c/wire.h describes it. */
function reply(results: { value: bigint; block?: Uint8Array }[], refused = 0): Buffer {
  const parts = results.map(({ value, block = new Uint8Array() }) => {
    const bytes = Buffer.alloc(16 + Math.ceil(block.length / 8) * 8);
    bytes.writeBigInt64LE(value, 0);
    bytes.writeUInt32LE(block.length, 8);
    bytes.set(block, 16);
    return bytes;
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(results.length, 4);
  head.writeInt32LE(refused, 8);
  return Buffer.concat([head, body]);
}

test('A frame has every field where wire.h says, and zeros up to a multiple of eight behind the block.', t => {
  const frame = Buffer.from(
    encodeFrame([
      call({ number: 165, args: [0n, 16n, 2n ** 64n - 1n, -1n], pointers: 3, wantBlock: true, stopOnError: true }),
      call({ number: -1, relocations: [{ at: 8, to: 3 }], block: Buffer.from('thirteen byte') }),
    ]),
  );
  t.is(frame.length, 8 + 80 + 80 + 8 + 16);
  t.is(frame.readUInt32LE(0), frame.length - 8);
  t.is(frame.readUInt32LE(4), 2);

  t.is(frame.readUInt32LE(8), 80);
  t.is(frame.readUInt32LE(12), 3);
  t.is(frame.readBigInt64LE(16), 165n);
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map(i => frame.readBigInt64LE(24 + i * 8)),
    [0n, 16n, -1n, -1n, 0n, 0n],
  );
  t.deepEqual(
    [72, 76, 80, 84].map(at => frame.readUInt32LE(at)),
    [3, 0, 0, 0],
  );

  t.is(frame.readUInt32LE(88), 80 + 8 + 16);
  t.is(frame.readBigInt64LE(96), -1n);
  t.deepEqual([frame.readUInt32LE(156), frame.readUInt32LE(160)], [1, 13]);
  t.deepEqual([frame.readUInt32LE(168), frame.readUInt32LE(172)], [8, 3]);
  t.is(frame.toString('latin1', 176), 'thirteen byte\0\0\0');
});

test('A frame that the helper would not take is refused before it is sent.', t => {
  t.notThrows(() => encodeFrame([call({ block: new Uint8Array((16 << 20) - 80) })]));
  t.throws(() => encodeFrame([call({ block: new Uint8Array((16 << 20) - 79) })]), { instanceOf: RangeError });
});

test('Replies come out whole and in order, however the bytes are cut.', t => {
  const sent = Buffer.concat([
    reply([{ value: 7n }]),
    reply([{ value: -22n }, { value: 2n ** 46n, block: Buffer.from('abc') }]),
    reply([], 71),
    reply([{ value: 0n, block: Buffer.alloc(16, 1) }]),
  ]);
  const expected = [
    { refused: 0, results: [{ value: 7n, block: '' }] },
    {
      refused: 0,
      results: [
        { value: -22n, block: '' },
        { value: 2n ** 46n, block: 'abc' },
      ],
    },
    { refused: 71, results: [] },
    { refused: 0, results: [{ value: 0n, block: '\x01'.repeat(16) }] },
  ];
  for (let size = 1; size <= sent.length; size++) {
    const reader = new ReplyReader();
    const got = [];
    for (let at = 0; at < sent.length; at += size) got.push(...reader.add(sent.subarray(at, at + size)));
    const readable = got.map(({ results, refused }) => ({
      refused,
      results: results.map(({ value, block }) => ({ value, block: Buffer.from(block).toString() })),
    }));
    t.deepEqual(readable, expected, `in pieces of ${size}`);
  }
});

test('A reply is given out with its last byte, not before.', t => {
  const bytes = reply([{ value: 1n, block: Buffer.from('x') }]);
  const reader = new ReplyReader();
  t.deepEqual(reader.add(bytes.subarray(0, -1)), []);
  t.is(reader.add(bytes.subarray(-1)).length, 1);
  t.deepEqual(reader.add(new Uint8Array()), []);
});
