// Marks out of a log: the road back from pods.
import { readFileSync } from 'node:fs';
import { UserError } from '../../errors.ts';
import type { Lesson } from '../../lessons.ts';
import { failedMark } from '../failed.ts';
import type { Bounds, Mark, Submission } from '../types.ts';
import { readAnswer } from './answer.ts';
import { fromLines } from './lines.ts';
import { type Marker, makeOrder } from './order.ts';

export interface LogOptions {
  /** A file, or '-' for standard input. */
  path: string;
  marker: Marker;
  lessons: Lesson[];
  bounds: Bounds;
}

/** What of the submissions the log has a mark of; the others are errors, to be marked again. */
export async function* fromLog(
  submissions: AsyncIterable<Submission>,
  { path, marker, lessons, bounds }: LogOptions,
): AsyncGenerator<Mark> {
  const marks = fromLines(read(path));
  if (marks.size === 0) {
    throw new UserError(
      'no mark in that log',
      'kubectl logs --tail=-1 -l app.kubernetes.io/instance=NAME, when the job is done',
    );
  }
  for await (const submission of submissions) {
    const order = makeOrder(submission, lessons, bounds, marker);
    const found = marks.get(order.key);
    if (found === undefined) yield failedMark(submission, order.key, 'the log has no mark of it');
    else {
      try {
        yield readAnswer(found, order, submission, lessons);
      } catch (error) {
        yield failedMark(submission, order.key, `the log has ${(error as Error).message}`);
      }
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read the log: ${(error as Error).message}`, 'name a file, or - for standard input', 2);
  }
}
