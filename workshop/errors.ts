// The one class for mistakes that are the user's: shown as a line and the next action, without a stack.

/** Bad input, or a machine that lacks something. `next` says what to do about it. */
export class UserError extends Error {
  override name = 'UserError';
  readonly next: string;
  /** What the process ends with; 2 for wrong usage, 1 for everything else. */
  readonly status: number;

  constructor(message: string, next: string, status = 1) {
    super(message);
    this.next = next;
    this.status = status;
  }
}
