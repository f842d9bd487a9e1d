// What is wrong with an image, a registry's answer or a Containerfile, in one line. Everything that comes from outside ends in one
// of these when it is bad, never in a stack.

export class ImageError extends Error {
  override name = 'ImageError';
  /** What to do about it, where something can be done. */
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.next = next;
  }
}
