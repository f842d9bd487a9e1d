// A stream of bytes, taken in pieces of the length that is wanted. What has arrived is handed out without a pause.
import { ImageError } from '../errors.ts';
import { blockSize } from './header.ts';

export class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** How many bytes have been taken. */
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly so many; `of` says of what, when the stream ends before. */
  async take(count: number, of: string): Promise<Buffer> {
    if (this.#chunk.length - this.#at < count) await this.#gather(count);
    if (this.#chunk.length - this.#at < count) throw new ImageError(`a layer ends in the middle of ${of}`);
    return this.#hand(count);
  }

  /** No more is wanted: whoever makes the chunks may close their file. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async isAtEnd(): Promise<boolean> {
    return this.#at === this.#chunk.length && !(await this.#next());
  }

  /** A header's block; null at the end. */
  async block(): Promise<Buffer | null> {
    if (this.#chunk.length - this.#at < blockSize) await this.#gather(blockSize);
    const left = this.#chunk.length - this.#at;
    if (left === 0) return null;
    return this.take(blockSize, 'a header');
  }

  /** At most so many, of what is here; undefined when nothing is. */
  some(most: number): Buffer | undefined {
    const left = this.#chunk.length - this.#at;
    return left > 0 ? this.#hand(Math.min(most, left)) : undefined;
  }

  async waitForSome(most: number, of: string): Promise<Buffer> {
    if (!(await this.#next())) throw new ImageError(`a layer ends in the middle of ${of}`);
    return this.some(most) as Buffer;
  }

  async skip(count: number, of: string): Promise<void> {
    for (let left = count; left > 0; ) left -= (this.some(left) ?? (await this.waitForSome(left, of))).length;
  }

  /** Reads what is left, for whoever counts and digests the stream. */
  async drain(): Promise<void> {
    do this.#at = this.#chunk.length;
    while (await this.#next());
  }

  #hand(count: number): Buffer {
    const bytes = this.#chunk.subarray(this.#at, this.#at + count);
    this.#at += count;
    this.position += count;
    return bytes;
  }

  /** Replaces a chunk that is used up by the next that is not empty; false at the end. */
  async #next(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.length);
      this.#at = 0;
      return true;
    }
  }

  /** Puts chunks together until so many bytes are here, or no more come. */
  async #gather(count: number): Promise<void> {
    const pieces = [this.#chunk.subarray(this.#at)];
    let size = pieces[0]?.length ?? 0;
    while (size < count && (await this.#next())) {
      pieces.push(this.#chunk);
      size += this.#chunk.length;
    }
    this.#chunk = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    this.#at = 0;
  }
}
