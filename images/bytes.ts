// Names of files are bytes, and most of them are UTF-8. A byte that is not becomes a lone surrogate, U+DC80 to U+DCFF, which no
// UTF-8 decodes to: so every name is a string, no two are the same, and each can be turned back. (Python's "surrogateescape".)
import { isUtf8 } from 'node:buffer';

export function nameFrom(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString();
  let name = '';
  for (let at = 0; at < buffer.length; ) {
    // The longest sequence here that is one character: at most four bytes.
    const size = [1, 2, 3, 4].find(n => at + n <= buffer.length && isUtf8(buffer.subarray(at, at + n)));
    name += size ? buffer.toString('utf8', at, at + size) : String.fromCharCode(0xdc00 + (buffer[at] ?? 0));
    at += size ?? 1;
  }
  return name;
}

export function bytesOf(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name);
  // By characters, so that the halves of a pair stay together.
  const pieces = [...name].map(each => {
    const code = each.charCodeAt(0);
    return each.length === 1 && code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(each);
  });
  return Buffer.concat(pieces);
}

/** The name as an argument of a system call. */
export function pathArgument(name: string): string | Buffer {
  return name.isWellFormed() ? name : Buffer.concat([bytesOf(name), Buffer.of(0)]);
}
