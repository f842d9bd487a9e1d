// The mark of a submission that could not be marked: it says why, and is to be marked again.
import type { Mark, Submission } from './types.ts';

export function failedMark({ id, from, at, refused }: Submission, key: string, reason: string): Mark {
  const when = { markedAt: new Date().toISOString(), milliseconds: 0 };
  return { version: 1, submission: { id, from, at, refused }, key, outcome: 'error', reason, lessons: [], ...when };
}
