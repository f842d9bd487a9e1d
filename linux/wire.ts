// The bytes on the wire: calls into a frame, a reply into results. Pure, so that it can be tested anywhere.
// helper-c/wire.h describes the layout; the two change together.

/** What a call's `number` says when it is no system call. */
export const CALL_CLONE = -1;
export const CALL_FORK = -2;

const FRAME_HEAD = 8;
const CALL_HEAD = 80;
const RELOCATION = 8;
const REPLY_HEAD = 16;
const RESULT_HEAD = 16;
const WANT_BLOCK = 1;
const STOP_ON_ERROR = 2;
/** What the helper takes in one piece. */
const MAX_FRAME = 16 << 20;

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
  if (size > MAX_FRAME)
    throw new RangeError(
      `the helper takes at most ${MAX_FRAME} bytes at once, and this is ${size}: make several calls`,
    );
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

/** Takes bytes as they arrive, and gives out the replies that are whole. */
export class ReplyReader {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** How many bytes there must be before it is worth looking. */
  #wanted = REPLY_HEAD;

  add(chunk: Uint8Array): WireReply[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return [];

    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const replies: WireReply[] = [];
    let at = 0;
    for (this.#wanted = sizeAt(view, at); at + this.#wanted <= bytes.length; this.#wanted = sizeAt(view, at)) {
      replies.push(decodeReply(bytes, view, at));
      at += this.#wanted;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#size = bytes.length - at;
    return replies;
  }
}

/** How long the reply that begins here is, or how much of it must arrive before that can be told. */
const sizeAt = (view: DataView, at: number) =>
  at + REPLY_HEAD <= view.byteLength ? REPLY_HEAD + view.getUint32(at, true) : REPLY_HEAD;

function decodeReply(bytes: Uint8Array, view: DataView, start: number): WireReply {
  const results: WireResult[] = [];
  let at = start + REPLY_HEAD;
  for (let left = view.getUint32(start + 4, true); left > 0; left--) {
    const size = view.getUint32(at + 8, true);
    const block = bytes.subarray(at + RESULT_HEAD, at + RESULT_HEAD + size);
    results.push({ value: view.getBigInt64(at, true), block });
    at += RESULT_HEAD + padded(size);
  }
  return { results, refused: view.getInt32(start + 8, true) };
}
