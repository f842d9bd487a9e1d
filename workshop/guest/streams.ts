// Where the command's bytes come from and go to, on the host's side.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { GuestOptions, Listeners } from './options.ts';
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

/** Tells somebody of each piece. */
export function teller(tell: Listeners['out']): Sink {
  return {
    write(data) {
      tell(data);
      return true;
    },
    close: async () => {},
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

/**
 * Sends a source over the wire, a frame whenever the last one was taken: User-Mode Linux loses what comes when the kernel's
 * buffer of a terminal, 4096 bytes, is full. `taken` is to be called when the guest says so.
 */
export function feed(wire: Socket, source: Readable): { taken(): void; stop(): void } {
  let waiting: Buffer[] = [];
  let underWay = false;
  let ended = false;
  const next = (): void => {
    const data = waiting.shift();
    underWay = data !== undefined;
    if (data) wire.write(frame('I', data));
    else if (ended) wire.write(frame('Z'));
    else source.resume();
  };
  const onData = (chunk: Buffer): void => {
    source.pause();
    for (let at = 0; at < chunk.length; at += maxFrame) waiting.push(chunk.subarray(at, at + maxFrame));
    if (!underWay) next();
  };
  const onEnd = (): void => {
    ended = true;
    if (!underWay) next();
  };
  source.on('data', onData).once('end', onEnd).once('error', onEnd);
  return {
    taken: next,
    stop() {
      waiting = [];
      source.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
    },
  };
}
