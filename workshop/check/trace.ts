// The learner's container as system calls, and the reference's, from the same start: what `boxwright trace` puts side by side.
import { readFileSync } from 'node:fs';
import type { Lesson } from '../lessons.ts';
import { LearnerError, openSession } from '../sandbox/session.ts';
import { placeLesson } from '../sandbox/state.ts';
import { conditionsFor, type Earlier } from './earlier.ts';
import { loadChecks } from './registry.ts';
import type { TraceLine } from './report.ts';

export interface Traces {
  mine: TraceLine[];
  reference: TraceLine[];
  /** What the learner's code threw, if it did. */
  error?: string;
}

export async function traceLesson(lesson: Lesson): Promise<Traces> {
  const [mine, reference] = await Promise.all([
    traceOf(lesson, readFileSync(lesson.files.lesson, 'utf8'), 'mine'),
    traceOf(lesson, readFileSync(lesson.files.solution, 'utf8'), 'reference'),
  ]);
  return { mine: mine.calls, reference: reference.calls, ...(mine.error && { error: mine.error }) };
}

async function traceOf(
  lesson: Lesson,
  source: string,
  earlier: Earlier,
): Promise<{ calls: TraceLine[]; error?: string }> {
  const { defaults } = await loadChecks(lesson);
  const session = await openSession(lesson, conditionsFor(lesson, earlier));
  try {
    placeLesson(session.sandbox, source);
    let error: string | undefined;
    try {
      await session.ask({ op: 'load', file: lesson.files.lesson });
      await session.ask({ op: 'call', name: 'contain', args: [{ ...defaults, command: ['/bin/true'] }] });
    } catch (thrown) {
      if (!(thrown instanceof LearnerError)) throw thrown;
      error = thrown.message;
    }
    const calls = (await session.trace().catch(() => [])).flatMap(each => each.calls);
    return { calls, ...(error && { error }) };
  } finally {
    await session.end();
  }
}
