// The wire's end on Node's side: frames out, replies in, in order. It knows bytes and who waits for them, no processes.
import type { Socket } from 'node:net';
import { ReplyReader, type WireReply } from './wire.ts';

/** What becomes of a frame: a reply; 'executed', when it ends in an execve that succeeded; or why no reply will come. */
export type Answer = WireReply | 'executed' | { gone: string };

interface Waiting {
  answered(answer: Answer): void;
  /** The frame ends in execve: the wire's end without an answer means success. */
  executes: boolean;
}

export class Channel {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  #waiting: Waiting[] = [];
  /** Why no more frames are taken. */
  #ended: string | null = null;
  /** The other end closed while it had something to read, or before we wrote: then it did not close by execve. */
  #broken = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', data => this.#receive(data));
    // 'close' follows.
    socket.on('error', () => {
      this.#broken = true;
    });
    socket.on('close', () => this.#end());
  }

  /** Sends a frame. Answers come in the order of the frames, so several may be under way. */
  send(frame: Uint8Array, executes: boolean, answered: (answer: Answer) => void): void {
    if (this.#ended) {
      answered({ gone: this.#ended });
      return;
    }
    this.#waiting.push({ answered, executes });
    this.#socket.write(frame);
  }

  /** No more calls: the helper, if it still serves, ends. */
  close(): void {
    this.#ended ??= 'the process was ended';
    this.#broken = true;
    this.#socket.destroy();
  }

  #receive(data: Uint8Array): void {
    for (const reply of this.#reader.add(data)) this.#waiting.shift()?.answered(reply);
  }

  #end(): void {
    const waiting = this.#waiting.splice(0);
    // What was sent behind an execve that succeeded is itself something left unread.
    if (waiting[0]?.executes && (!this.#broken || waiting.length > 1)) {
      this.#ended ??= 'execve has succeeded: the process is the command now, and makes no more calls for us';
      waiting.shift()?.answered('executed');
    }
    this.#ended ??= 'the helper ended before it answered';
    for (const { answered } of waiting) answered({ gone: this.#ended });
  }
}
