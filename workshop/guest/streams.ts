// Where the command's bytes come from and go to, on the host's side.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { GuestOptions } from './options.ts';
import { frame, maxFrame } from './wire.ts';

/** `write` returns false when it has had enough for now, and calls `resume` once there is room again. */
export interface Sink {
  write(data: Buffer, resume: () => void): boolean;
  /** Resolves once everything written has left, and lets go of the stream. */
  close(): Promise<void>;
  text?(): string;
}

/** Collects everything, for a caller who wants it as text. */
export function collector(): Sink {
  const chunks: Buffer[] = [];
  return {
    write: data => chunks.push(Buffer.from(data)) > 0,
    close: async () => {},
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** Passes everything on to our own stdout or stderr. `onClosed` is called when no one reads there any more. */
export function passer(stream: NodeJS.WriteStream, onClosed: () => void): Sink {
  let open = true;
  const onError = (): void => {
    open = false;
    onClosed();
  };
  stream.on('error', onError);
  return {
    write(data, resume) {
      if (!open || stream.write(data)) return true;
      stream.once('drain', resume);
      return false;
    },
    async close() {
      if (open) await new Promise<void>(resolve => stream.write('', () => resolve()));
      stream.off('error', onError);
    },
  };
}

/** What the command reads: a terminal is never passed on, because the guest could not give it back in good order. */
export function inputOf({ stdio, input }: GuestOptions): Readable | null {
  if (typeof input === 'string' || input instanceof Uint8Array) return Readable.from([Buffer.from(input)]);
  return stdio === 'inherit' && input !== false && !process.stdin.isTTY ? process.stdin : null;
}

/** Sends a source over the wire, no faster than the command reads. Returns what stops it. */
export function feed(wire: Socket, source: Readable): () => void {
  const onData = (chunk: Buffer): void => {
    let room = true;
    for (let at = 0; at < chunk.length; at += maxFrame)
      room = wire.write(frame('I', chunk.subarray(at, at + maxFrame)));
    if (!room) {
      source.pause();
      wire.once('drain', onDrain);
    }
  };
  const onDrain = (): void => void source.resume();
  const onEnd = (): void => void wire.write(frame('Z'));
  source.on('data', onData).once('end', onEnd).once('error', onEnd);
  return () => {
    wire.off('drain', onDrain);
    source.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
  };
}
