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

/** Somebody pressed Ctrl-C, or sent a signal: nothing is said, and the status is the shell's for that signal. */
export class Interrupted extends Error {
  override name = 'AbortError';
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** Aborts at the first SIGINT or SIGTERM, so that what is under way can end in order; a second one ends it at once. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Interrupted(130)));
  process.once('SIGTERM', () => controller.abort(new Interrupted(143)));
  return controller.signal;
}
