// A folder to make something in, beside the place where the finished thing is moved to in one step.
import { UserError } from '../errors.ts';
import { makeOwned, sweepOwned } from './owned.ts';

/** A new folder in `parent`. What killed set-ups left there is removed first. */
export function workFolder(parent: string): string {
  try {
    sweepOwned(parent, 'new');
    return makeOwned(parent, 'new');
  } catch (error) {
    throw new UserError(
      `the guest is not fully set up, and ${parent} cannot be written: ${(error as Error).message}`,
      'as the owner of that folder, run `npx boxwright guest --setup`',
    );
  }
}
