// The end of what a terminal was sent, for who comes later: so many bytes at most, whatever is written.

export interface Scrollback {
  add(data: Uint8Array): void;
  read(): Buffer;
}

export function makeScrollback(most = 256 * 1024): Scrollback {
  // Twice as long as what is kept, so that it is moved only once in a while.
  const room = Buffer.allocUnsafe(2 * most);
  let length = 0;
  let cut = false;
  return {
    add(data) {
      const part = data.length > most ? data.subarray(data.length - most) : data;
      if (length + part.length > room.length) {
        const kept = most - part.length;
        room.copyWithin(0, length - kept, length);
        length = kept;
        cut = true;
      }
      room.set(part, length);
      length += part.length;
      cut ||= length > most || part !== data;
    },
    read() {
      const from = Math.max(0, length - most);
      // Where the beginning is lost, a whole line comes first: no half of a letter, and of no colour's code.
      const line = cut ? room.subarray(from, Math.min(from + 4096, length)).indexOf('\n') : -1;
      return Buffer.from(room.subarray(from + line + 1, length));
    },
  };
}
