// The channel of the verdict: lines that only the worker can have written. Each carries its number and a code made with the run's key,
// which no one but the worker and we have seen; a line that somebody else gets in between, out of turn, or twice counts for nothing.
import { createHmac, timingSafeEqual } from 'node:crypto';

const codeOf = (key: string, number: number, text: string) =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(`${number}\n${text}`).digest();

/** Returns a function that makes a line of a value. `key` in hexadecimal. */
export function sealer(key: string): (value: unknown) => string {
  let number = 0;
  return value => {
    const text = JSON.stringify(value);
    return `${codeOf(key, number++, text).toString('hex')} ${text}\n`;
  };
}

/** Takes bytes as they come, and calls back once for each line that is the next one; `foreign` counts the others. */
export function opener<T>(key: string, onValue: (value: T) => void): { add(data: Uint8Array): void; foreign: number } {
  let number = 0;
  let rest: Uint8Array = Buffer.alloc(0);
  const take = (line: string): void => {
    const code = Buffer.from(line.slice(0, 64), 'hex');
    const text = line.slice(65);
    if (code.length !== 32 || line[64] !== ' ' || !timingSafeEqual(code, codeOf(key, number, text))) {
      opened.foreign++;
      return;
    }
    number++;
    onValue(JSON.parse(text) as T);
  };
  const opened = {
    foreign: 0,
    add(data: Uint8Array) {
      // Without a copy for each piece of a long line: only the end of the last one is looked for.
      const pieces = Buffer.concat([rest, data]);
      let from = 0;
      for (let end = pieces.indexOf(10); end >= 0; end = pieces.indexOf(10, from)) {
        take(pieces.toString('utf8', from, end));
        from = end + 1;
      }
      rest = pieces.subarray(from);
    },
  };
  return opened;
}
