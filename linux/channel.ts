// The wire's end on Node's side: frames out, replies in, in order. It knows bytes and promises, no processes.
import type { Socket } from 'node:net';
import { WireError } from './errors.ts';
import type { Prepared } from './memory.ts';
import { decodeReply, encodeFrame, type WireReply } from './wire.ts';

interface Waiting {
  resolve(reply: WireReply | 'end'): void;
  reject(error: Error): void;
  /** The frame ends in execve: the wire's end without an answer means success. */
  endIsSuccess: boolean;
}

export class Channel {
  #socket: Socket;
  #waiting: Waiting[] = [];
  #arrived: Uint8Array = new Uint8Array();
  #ended: WireError | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', data => this.#receive(data));
    socket.on('close', () => this.fail(new WireError('the helper ended before it answered')));
    // A write to a helper that has gone; 'close' follows and says so.
    socket.on('error', () => {});
  }

  /** Sends a frame. Replies come in the order of the frames, so several may be under way. */
  send(calls: Prepared[], endIsSuccess: boolean): Promise<WireReply | 'end'> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, endIsSuccess });
      this.#socket.write(encodeFrame(calls));
    });
  }

  /** No more calls: the helper, if it still serves, ends. */
  close(): void {
    this.#socket.destroy();
  }

  fail(error: WireError): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.endIsSuccess) waiting.resolve('end');
      else waiting.reject(this.#ended);
    }
  }

  #receive(data: Uint8Array): void {
    this.#arrived = this.#arrived.length === 0 ? data : Buffer.concat([this.#arrived, data]);
    for (let next = decodeReply(this.#arrived); next; next = decodeReply(this.#arrived)) {
      this.#arrived = this.#arrived.subarray(next.size);
      this.#waiting.shift()?.resolve(next.reply);
    }
  }
}
