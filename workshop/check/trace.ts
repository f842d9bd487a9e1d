// The learner's container as system calls, and the reference's, from the same start: what `boxwright trace` puts side by side.
import { readFileSync } from 'node:fs';
import type { Lesson } from '../lessons.ts';
import { openWorker } from '../remote/client.ts';
import { placeOf } from '../remote/place.ts';
import { LearnerError, openSession } from '../sandbox/session.ts';
import { placeLesson } from '../sandbox/state.ts';
import { conditionsFor } from './earlier.ts';
import { loadChecks } from './registry.ts';
import type { TraceLine } from './report.ts';

export interface Traces {
  mine: TraceLine[];
  reference: TraceLine[];
  /** What the learner's code threw, if it did. */
  error?: string;
}

/** Whose container: the text of the lesson's file, and the conditions for earlier lessons. */
interface Version {
  source: string;
  conditions: string[];
}

const learners = (lesson: Lesson): Version => ({
  source: readFileSync(lesson.files.lesson, 'utf8'),
  conditions: conditionsFor(lesson, 'mine'),
});

export async function traceLesson(lesson: Lesson, version = learners(lesson)): Promise<Traces> {
  const place = await placeOf(lesson);
  if (place) return openWorker(place.kernel).ask('trace', { lesson: lesson.name, ...version });
  const solutions = {
    source: readFileSync(lesson.files.solution, 'utf8'),
    conditions: conditionsFor(lesson, 'reference'),
  };
  const [mine, reference] = await Promise.all([traceOf(lesson, version), traceOf(lesson, solutions)]);
  return { mine: mine.calls, reference: reference.calls, ...(mine.error && { error: mine.error }) };
}

async function traceOf(
  lesson: Lesson,
  { source, conditions }: Version,
): Promise<{ calls: TraceLine[]; error?: string }> {
  const { defaults } = await loadChecks(lesson);
  const session = await openSession(lesson, conditions);
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
