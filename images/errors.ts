// What is wrong with an image, a registry's answer or a Containerfile, in one line. Everything that comes from outside ends in one
// of these when it is bad, never in a stack.

/** Characters. */
const longest = 500;

/** Control characters, of one byte and two, what turns or breaks a line, halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export class ImageError extends Error {
  override name = 'ImageError';
  /** What to do about it, where something can be done. */
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(oneLine(message));
    this.next = next;
  }
}

/** As it may be shown: whatever somebody's name or answer has in it, no terminal is to obey it, nor does it fill the screen. */
export function oneLine(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(unseen, each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
