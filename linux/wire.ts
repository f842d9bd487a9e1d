// The bytes on the wire: calls into a frame, a reply into results. Pure, so that it can be tested anywhere.
// helper-c/wire.h describes the layout; the two change together.

/** What a call's `number` says when it is no system call. */
export const CALL_CLONE = -1;

const FRAME_HEAD = 8;
const CALL_HEAD = 80;
const RELOCATION = 8;
const REPLY_HEAD = 16;
const RESULT_HEAD = 16;
const WANT_BLOCK = 1;
const STOP_ON_ERROR = 2;

export interface WireCall {
  number: number;
  /** Up to six. Those in `pointers` are offsets into the block. */
  args: bigint[];
  /** Which arguments are offsets: bit i for args[i]. */
  pointers: number;
  /** The eight bytes of the block at `at` become the address of the byte at `to`. */
  relocations: { at: number; to: number }[];
  block: Uint8Array;
  /** Send the block back, as the call left it. */
  wantBlock: boolean;
  /** If this call fails, leave out the rest of the frame. */
  stopOnError: boolean;
}

export interface WireResult {
  /** What the kernel returned: the negative errno for a failure. */
  value: bigint;
  /** The block after the call; empty unless asked for. */
  block: Uint8Array;
}

export interface WireReply {
  results: WireResult[];
  /** The errno with which a malformed frame was refused whole; 0 otherwise. */
  refused: number;
}

const padded = (size: number) => (size + 7) & ~7;

/** One frame: calls performed in order, with nothing read or written in between. */
export function encodeFrame(calls: WireCall[]): Uint8Array<ArrayBuffer> {
  const sizes = calls.map(call => CALL_HEAD + call.relocations.length * RELOCATION + padded(call.block.length));
  const size = sizes.reduce((sum, n) => sum + n, 0);
  const bytes = new Uint8Array(FRAME_HEAD + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size, true);
  view.setUint32(4, calls.length, true);

  let at = FRAME_HEAD;
  for (const [i, call] of calls.entries()) {
    view.setUint32(at, sizes[i] ?? 0, true);
    view.setUint32(at + 4, (call.wantBlock ? WANT_BLOCK : 0) | (call.stopOnError ? STOP_ON_ERROR : 0), true);
    view.setBigInt64(at + 8, BigInt(call.number), true);
    for (let arg = 0; arg < 6; arg++)
      view.setBigUint64(at + 16 + arg * 8, BigInt.asUintN(64, call.args[arg] ?? 0n), true);
    view.setUint32(at + 64, call.pointers, true);
    view.setUint32(at + 68, call.relocations.length, true);
    view.setUint32(at + 72, call.block.length, true);
    let tail = at + CALL_HEAD;
    for (const { at: where, to } of call.relocations) {
      view.setUint32(tail, where, true);
      view.setUint32(tail + 4, to, true);
      tail += RELOCATION;
    }
    bytes.set(call.block, tail);
    at += sizes[i] ?? 0;
  }
  return bytes;
}

/** The first whole reply in `bytes` and how many bytes it took; null while more must arrive. */
export function decodeReply(bytes: Uint8Array): { reply: WireReply; size: number } | null {
  if (bytes.length < REPLY_HEAD) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = REPLY_HEAD + view.getUint32(0, true);
  if (bytes.length < size) return null;

  const results: WireResult[] = [];
  let at = REPLY_HEAD;
  for (let left = view.getUint32(4, true); left > 0; left--) {
    const block = view.getUint32(at + 8, true);
    const start = at + RESULT_HEAD;
    results.push({ value: view.getBigInt64(at, true), block: bytes.slice(start, start + block) });
    at = start + padded(block);
  }
  return { reply: { results, refused: view.getInt32(8, true) }, size };
}
