// The two ways in which a machine itself, not the command in it, can fail.
import { UserError } from '../errors.ts';

/** The machine came up, and was gone before its command had ended: stopped from inside, or out of memory. */
export class GuestStopped extends UserError {
  override name = 'GuestStopped';

  constructor(
    what: string,
    log: string,
    next = 'unless your command stopped it, try again with more --memory, or with --kernel qemu',
  ) {
    super(`the guest ${what}${log ? `. Its last words:\n${log}` : ''}`, next, 125);
  }
}

/** The machine never came so far as to take its order, so that nothing has been done, and another may be tried. */
export class BootFailure extends GuestStopped {
  override name = 'BootFailure';

  constructor(what: string, log: string) {
    super(what, log, 'look at what it said; --kernel uml and --kernel qemu are the two kinds to try');
  }
}
