// How a check fails: with the four parts, or not at all.
import type { Feedback } from './report.ts';

/** What a check knows when it fails. `look` may be left out: the TODO and the line are added. */
export interface Finding extends Omit<Feedback, 'look'> {
  look?: string;
  /** The id of the diagnosis, when the check itself recognises the mistake. */
  diagnosis?: string;
}

/** Thrown by an assertion of a check. */
export class CheckFailure extends Error {
  override name = 'CheckFailure';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.did}: ${finding.kernel}`);
    this.finding = finding;
  }
}

/** Thrown by a check that cannot be made here; the reason must be true. */
export class Skip extends Error {
  override name = 'Skip';
}
