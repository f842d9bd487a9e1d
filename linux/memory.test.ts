// From a call's arguments to memory, without a helper: these run on any operating system.
import test from 'ava';
import { into, type Prepared, pointing, prepare, prepareClone } from './memory.ts';

/** What the kernel would find: follows argument `i`, and then the address at each offset in turn. */
function follow({ args, pointers, relocations, block }: Prepared, i: number, ...offsets: number[]): Buffer {
  if (!(pointers & (1 << i))) throw new Error(`argument ${i} is no pointer`);
  let at = Number(args[i]);
  for (const offset of offsets) {
    const found = relocations.find(relocation => relocation.at === at + offset);
    if (!found) throw new Error(`no address at ${offset}`);
    at = found.to;
  }
  return Buffer.from(block.subarray(at));
}

const text = (bytes: Buffer) => bytes.toString('utf8', 0, bytes.indexOf(0));

test('Numbers, null and booleans are plain, everything else is a pointer.', t => {
  const { args, pointers, block } = prepare(1, [-100, null, undefined, true, 2n ** 63n, 0]);
  t.deepEqual(args, [-100n, 0n, 0n, 1n, 2n ** 63n, 0n]);
  t.is(pointers, 0);
  t.is(block.length, 0);
});

test('Strings end with a NUL, are UTF-8, and do not overlap.', t => {
  const prepared = prepare(1, ['none', 5, '/größe', '']);
  t.is(prepared.pointers, 0b1101);
  t.is(text(follow(prepared, 0)), 'none');
  t.is(text(follow(prepared, 2)), '/größe');
  t.is(text(follow(prepared, 3)), '');
});

test('An array of strings is an array of addresses with a NULL at its end.', t => {
  const argv = ['sh', '-c', 'echo ü', ''];
  const prepared = prepare(59, ['/bin/sh', argv, []]);
  for (const [i, arg] of argv.entries()) t.is(text(follow(prepared, 1, i * 8)), arg);
  t.is(prepared.relocations.length, argv.length);
  t.is(follow(prepared, 1).readBigUInt64LE(argv.length * 8), 0n);
  t.is(follow(prepared, 2).readBigUInt64LE(0), 0n);
});

test('Memory may point to memory that points to memory.', t => {
  const inner = pointing(Buffer.alloc(24), [[16, 'deep']]);
  const filter = pointing(Buffer.from('0200000000000000ffffffffffffffff', 'hex'), [[8, inner]]);
  const prepared = prepare(317, [1, 0, filter]);
  t.is(follow(prepared, 2).readUInt16LE(0), 2);
  t.is(text(follow(prepared, 2, 8, 16)), 'deep');
});

test('Every piece begins at a multiple of eight, also behind memory of an odd size or of none.', t => {
  const { args, block } = prepare(1, ['a', Buffer.alloc(9), new Uint8Array(), into(Buffer.alloc(3)), 'b']);
  t.deepEqual(args, [0n, 8n, 24n, 32n, 40n]);
  t.is(block.length, 48);
});

test('Memory to be filled is sent with what it holds, and remembered by its place.', t => {
  const bytes = Buffer.from('before');
  const { filled, wantBlock, block } = prepare(0, ['x', into(bytes)]);
  t.true(wantBlock);
  t.deepEqual(filled, [{ at: 8, bytes }]);
  t.is(Buffer.from(block.subarray(8, 14)).toString(), 'before');
  t.false(prepare(0, ['x', bytes]).wantBlock);
});

for (const [what, args] of [
  ['A string with a NUL in it', ['/etc\0/passwd']],
  ['A NUL within an argument of a command', ['/bin/sh', ['sh', 'a\0b']]],
  ['A fraction', [1.5]],
  ['NaN', [Number.NaN]],
  ['An integer too large to be exact', [2 ** 53]],
] as const) {
  test(`${what} is refused.`, t => {
    t.throws(() => prepare(1, args), { instanceOf: TypeError });
  });
}

test('A seventh argument is refused.', t => {
  t.notThrows(() => prepare(1, [1, 2, 3, 4, 5, 6]));
  t.throws(() => prepare(1, [1, 2, 3, 4, 5, 6, 7]), { instanceOf: RangeError });
});

test('An address that would not fit into its memory is refused.', t => {
  t.notThrows(() => prepare(1, [pointing(Buffer.alloc(16), [[8, 'x']])]));
  for (const offset of [9, 16, -8, 0.5, Number.NaN]) {
    t.throws(() => prepare(1, [pointing(Buffer.alloc(16), [[offset, 'x']])]), { instanceOf: RangeError }, `${offset}`);
  }
});

test('clone is no number of the kernel, and has no memory.', t => {
  t.like(prepareClone(0x2000_0000, 7), { number: -1, args: [0x2000_0000n, 7n], pointers: 0, relocations: [] });
});
