// A call's arguments as the kernel wants them: numbers, and addresses of memory. Pure; the helper fills in the addresses.
import { CALL_CLONE, CALL_FORK, type WireCall } from './wire.ts';

/** Memory with the addresses of other memory in it, as `char *argv[]` or `struct sock_fprog` are. Made by `pointing`. */
export interface Pointing {
  bytes: Uint8Array;
  /** Offset in `bytes` (of eight bytes) → what to put the address of there. */
  pointers: [offset: number, target: Memory][];
}

/** Memory that the call fills: after it, `bytes` holds what the kernel wrote. Made by `into`. */
export interface Into {
  into: Uint8Array;
}

/** A string is UTF-8 with a NUL at its end; an array of strings is an array of pointers, with a NULL at its end. */
export type Memory = string | Uint8Array | readonly string[] | Pointing | Into;

/** null is the null pointer. */
export type Argument = number | bigint | boolean | null | undefined | Memory;

export const pointing = (bytes: Uint8Array, pointers: Pointing['pointers']): Pointing => ({ bytes, pointers });
export const into = (bytes: Uint8Array): Into => ({ into: bytes });

export interface Prepared extends WireCall {
  /** Where in the block lies what the caller wants back. */
  filled: { at: number; bytes: Uint8Array }[];
}

const utf8 = new TextEncoder();

/** Lays out the memory of one call: everything that an argument points to, end to end, each piece at a multiple of 8. */
export function prepare(number: number, args: readonly Argument[], stopOnError = false): Prepared {
  if (args.length > 6) throw new RangeError('a system call has at most six arguments');
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  const relocations: WireCall['relocations'] = [];
  const filled: Prepared['filled'] = [];
  let size = 0;

  function place(memory: Memory): number {
    const { bytes, pointers } = flatten(memory);
    const at = size;
    pieces.push({ at, bytes });
    // At least one byte, so that memory of no length has an address too.
    size += (Math.max(bytes.length, 1) + 7) & ~7;
    if (typeof memory === 'object' && 'into' in memory) filled.push({ at, bytes });
    for (const [offset, target] of pointers) {
      if (!Number.isSafeInteger(offset) || offset < 0 || offset + 8 > bytes.length)
        throw new RangeError(`no room for an address at ${offset} in memory of ${bytes.length} bytes`);
      relocations.push({ at: at + offset, to: place(target) });
    }
    return at;
  }

  let pointers = 0;
  const values = args.map((arg, i) => {
    if (arg === null || arg === undefined) return 0n;
    if (typeof arg === 'bigint') return arg;
    if (typeof arg === 'boolean') return arg ? 1n : 0n;
    if (typeof arg === 'number') {
      if (!Number.isSafeInteger(arg))
        throw new TypeError(`argument ${i + 1} of a system call must be an integer, not ${arg}`);
      return BigInt(arg);
    }
    pointers |= 1 << i;
    return BigInt(place(arg));
  });

  const block = new Uint8Array(size);
  for (const piece of pieces) block.set(piece.bytes, piece.at);
  return { number, args: values, pointers, relocations, block, wantBlock: filled.length > 0, stopOnError, filled };
}

/** clone: no memory, two plain arguments, and always the last of its frame. */
export function prepareClone(flags: number, cgroup: number): Prepared {
  return { ...prepare(CALL_CLONE, [flags, cgroup]), number: CALL_CLONE };
}

/** fork: the descriptor of the wire that the child is to have. */
export function prepareFork(wire: number): Prepared {
  return { ...prepare(CALL_FORK, [wire]), number: CALL_FORK };
}

function flatten(memory: Memory): Pointing {
  if (typeof memory === 'string') {
    if (memory.includes('\0'))
      throw new TypeError(`a string for the kernel ends at its first NUL: ${JSON.stringify(memory)}`);
    return { bytes: utf8.encode(`${memory}\0`), pointers: [] };
  }
  if (memory instanceof Uint8Array) return { bytes: memory, pointers: [] };
  if ('into' in memory) return { bytes: memory.into, pointers: [] };
  if ('pointers' in memory) return memory;
  return { bytes: new Uint8Array((memory.length + 1) * 8), pointers: memory.map((text, i) => [i * 8, text]) };
}
