// What a terminal is sent, read no faster than anybody can look: a container that writes without end waits for us, as it would for any
// slow terminal, and the server has time for others.
import type { Readable } from 'node:stream';

export interface Pace {
  hold(held: boolean): void;
}

/** Milliseconds, and bytes in each of these spans: ten megabytes a second. */
const [span, enough] = [50, 1 << 19];

/** Tells of what comes in pieces as large as they are at the end of a turn of the event loop. */
export function pace(stream: Readable, tell: (data: Buffer) => void): Pace {
  let waiting: Buffer[] = [];
  let read = 0;
  let held = false;
  let resting = false;
  const flow = () => (held || resting ? stream.pause() : stream.resume());

  const pass = () => {
    if (waiting.length === 0) return;
    const data = Buffer.concat(waiting);
    waiting = [];
    tell(data);
  };
  stream.on('data', (data: Buffer) => {
    if (waiting.push(data) === 1) setImmediate(pass);
    if (read === 0) {
      setTimeout(() => {
        read = 0;
        resting = false;
        flow();
      }, span);
    }
    read += data.length;
    if (read < enough) return;
    resting = true;
    flow();
  });
  stream.once('close', pass);
  return {
    hold(wanted) {
      held = wanted;
      flow();
    },
  };
}
