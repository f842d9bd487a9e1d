// Many calls in few frames: for work of which a round trip for each call would be most. Calls are written into a frame as they
// are made, frames go out as they fill, and several are under way while the next one is made.
import { errnoName, SYS } from './constants.ts';
import { SyscallError, WireError } from './errors.ts';
import type { Process } from './process.ts';
import { formatCall } from './strace.ts';
import type { WireReply } from './wire.ts';

/** A string is UTF-8 with a NUL at its end. Memory is read by the call, never filled. */
export type BatchArgument = number | string | Uint8Array | null;

/** What a frame may have grown to before it is sent, and how many may be unanswered. Bytes; half a megabyte is under way. */
const frameSize = 128 << 10;
const framesUnderWay = 4;
const callHead = 80;
const frameHead = 8;
const stopOnError = 2;
/** The first descriptor that is not a standard one, nor the wire. */
const firstFree = 4;

interface Made {
  name: string;
  args: BatchArgument[];
  about: string;
  /** Errors that are no failure. */
  allowed: readonly string[];
  /** The descriptor that it must return; -1 where any result will do. */
  descriptor: number;
}

/**
 * Takes the process over: whatever it had open but 0 to 3 is closed, and until the end of the batch all its descriptors are
 * opened and closed through it. Hence their numbers are known before the kernel has said them: "the lowest-numbered file
 * descriptor not currently open for the process", open(2). A call that fails ends the batch: of what stands behind it
 * in the same frame nothing is performed.
 */
export class Batch {
  readonly #box: Process;
  #frame: Buffer<ArrayBuffer> = Buffer.allocUnsafe(frameSize * 2);
  /** Frames that have been answered, for the next ones. */
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  #size = frameHead;
  #made: Made[] = [];
  #underWay = 0;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #open: boolean[] = Array(firstFree).fill(true);
  /** What the calls are about, for the message of one that fails: a file of an archive, say. */
  about = '';

  static async take(box: Process): Promise<Batch> {
    await box.close_range(firstFree, 0xffff_ffff);
    return new Batch(box);
  }

  private constructor(box: Process) {
    this.#box = box;
  }

  /** Makes a call that has to succeed. */
  call(name: string, ...args: BatchArgument[]): void {
    this.#add({ name, args, about: this.about, allowed: [], descriptor: -1 });
  }

  /** Makes a call that may fail with these errors: `['ENOENT']`. */
  attempt(allowed: readonly string[], name: string, ...args: BatchArgument[]): void {
    this.#add({ name, args, about: this.about, allowed, descriptor: -1 });
  }

  /** Makes a call that opens a descriptor, and returns its number. */
  open(name: string, ...args: BatchArgument[]): number {
    const free = this.#open.indexOf(false);
    const descriptor = free < 0 ? this.#open.length : free;
    this.#open[descriptor] = true;
    this.#add({ name, args, about: this.about, allowed: [], descriptor });
    return descriptor;
  }

  close(descriptor: number): void {
    this.#open[descriptor] = false;
    this.call('close', descriptor);
  }

  /** Waits until there is room for more. Throws what went wrong meanwhile. */
  async room(): Promise<void> {
    while (this.#underWay >= framesUnderWay && !this.#failure) await this.#answer();
    if (this.#failure) throw this.#failure;
  }

  /** Sends what is left, and waits for all answers. */
  async flush(): Promise<void> {
    this.#send();
    while (this.#underWay > 0) await this.#answer();
    if (this.#failure) throw this.#failure;
  }

  /** Makes a call with everything before it done, and returns what the kernel returned: a negative errno for a failure. */
  async ask(name: string, ...args: BatchArgument[]): Promise<number> {
    await this.flush();
    let value = 0;
    this.#add({ name, args, about: this.about, allowed: [], descriptor: -1 }, false);
    this.#send(reply => {
      value = Number(reply.results[0]?.value ?? -5n);
    });
    await this.flush();
    return value;
  }

  /** As `ask`, for a call that opens a descriptor. */
  async askOpen(name: string, ...args: BatchArgument[]): Promise<number> {
    const descriptor = await this.ask(name, ...args);
    if (descriptor >= 0) this.#open[descriptor] = true;
    return descriptor;
  }

  #answer(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  #add(made: Made, stop = true): void {
    if (this.#failure) return;
    const number = SYS[made.name];
    if (number === undefined) throw new TypeError(`there is no system call ${made.name} on ${process.arch}`);
    this.#made.push(made);
    this.#encode(number, made.args, stop && made.allowed.length === 0);
    if (this.#size >= frameSize) this.#send();
  }

  /** helper-c/wire.h describes the layout; wire.ts writes the same for one call, with whatever it points to. */
  #encode(number: number, args: BatchArgument[], stop: boolean): void {
    const start = this.#size;
    const block = start + callHead;
    let wanted = callHead;
    for (const arg of args) if (arg !== null && typeof arg === 'object') wanted += arg.length + 8;
    for (const arg of args) if (typeof arg === 'string') wanted += arg.length * 3 + 9;
    if (start + wanted > this.#frame.length) this.#grow(start + wanted);

    const frame = this.#frame;
    frame.fill(0, start, block);
    frame.writeUInt32LE(stop ? stopOnError : 0, start + 4);
    frame.writeUInt32LE(number, start + 8);
    let end = block;
    let pointers = 0;
    for (let i = 0, at = start + 16; i < args.length; i++, at += 8) {
      const arg = args[i] as BatchArgument;
      if (arg === null) continue;
      if (typeof arg === 'number') {
        // Both halves of the two's complement.
        frame.writeUInt32LE(arg >>> 0, at);
        frame.writeUInt32LE(Math.floor(arg / 2 ** 32) >>> 0, at + 4);
        continue;
      }
      pointers |= 1 << i;
      frame.writeUInt32LE(end - block, at);
      if (typeof arg === 'string') {
        if (arg.includes('\0'))
          throw new TypeError(`a string for the kernel ends at its first NUL: ${JSON.stringify(arg)}`);
        end += frame.write(arg, end);
        frame[end++] = 0;
      } else {
        frame.set(arg, end);
        end += Math.max(arg.length, 1);
      }
      while (end & 7) frame[end++] = 0;
    }
    frame.writeUInt32LE(end - start, start);
    frame.writeUInt32LE(pointers, start + 64);
    frame.writeUInt32LE(end - block, start + 72);
    this.#size = end;
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(size + frameSize);
    this.#frame.copy(larger, 0, 0, this.#size);
    this.#frame = larger;
  }

  #send(answered?: (reply: WireReply) => void): void {
    const made = this.#made;
    if (made.length === 0 || this.#failure) return;
    const frame = this.#frame.subarray(0, this.#size);
    frame.writeUInt32LE(this.#size - frameHead, 0);
    frame.writeUInt32LE(made.length, 4);
    const used = this.#frame;
    this.#frame = this.#spare.pop() ?? Buffer.allocUnsafe(frameSize * 2);
    this.#size = frameHead;
    this.#made = [];
    this.#underWay++;
    this.#box.frame(frame).then(
      reply => {
        this.#spare.push(used);
        this.#settle(() => (answered ? answered(reply) : inspect(made, reply)));
      },
      error => this.#settle(() => this.#fail(error)),
    );
  }

  #settle(look: () => void): void {
    this.#underWay--;
    try {
      look();
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#wake?.();
    this.#wake = null;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
  }
}

/** Throws what the first call met that had to succeed. */
function inspect(made: Made[], reply: WireReply): void {
  if (reply.refused) throw new WireError(`a batch was refused by the helper (${errnoName(reply.refused)})`);
  for (const [i, { value }] of reply.results.entries()) {
    const call = made[i];
    const result = Number(value);
    if (!call || (result >= 0 && (call.descriptor < 0 || call.descriptor === result))) continue;
    if (result < 0 && call.allowed.includes(errnoName(-result))) continue;
    const text = formatCall(call.name, call.args, result);
    if (result >= 0) throw new WireError(`${text} = ${result}, which should have been ${call.descriptor}`);
    throw Object.assign(new SyscallError(call.name, text, -result), { about: call.about });
  }
}
