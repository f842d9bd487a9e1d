// Several submissions at once, each in its machine. What goes wrong with a machine of ours is tried once more; what comes of an interrupt
// is not a mark.
import { availableParallelism } from 'node:os';
import { failedMark } from './failed.ts';
import type { Mark, MarkedLesson, Submission } from './types.ts';

export type MarkOne = (
  submission: Submission,
  options: { signal: AbortSignal; onLesson: (lesson: MarkedLesson) => void },
) => Promise<Mark>;

export interface SeveralOptions {
  jobs: number;
  signal: AbortSignal;
  begun?: (submission: Submission) => void;
  lesson?: (submission: Submission, lesson: MarkedLesson) => void;
}

/** What a machine takes beside its own memory, in MiB. */
const overhead = 128;

/** As many as there are cores for, and memory: `memory` MiB to each. At least one. */
export function jobsFor(memory: number, cores = availableParallelism(), bytes = process.availableMemory()): number {
  return Math.max(1, Math.min(cores, Math.floor(bytes / 2 ** 20 / (memory + overhead))));
}

/**
 * The submissions' marks, each as soon as it is there. The next submission is asked for when there is a place for it. When the signal comes, or
 * nobody wants more, those that are under way are ended first.
 */
export async function* severalAtOnce(
  submissions: AsyncIterable<Submission>,
  mark: MarkOne,
  { jobs, signal, begun, lesson }: SeveralOptions,
): AsyncGenerator<Mark> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const source = submissions[Symbol.asyncIterator]();
  const running = new Map<string, Promise<{ id: string; mark: Mark | null }>>();

  const start = (submission: Submission) => {
    begun?.(submission);
    const options = { signal: either, onLesson: (done: MarkedLesson) => lesson?.(submission, done) };
    const { id } = submission;
    running.set(
      id,
      attempt(submission, mark, options).then(mark => ({ id, mark })),
    );
  };

  try {
    for (let more = true; ; ) {
      while (more && running.size < jobs && !signal.aborted) {
        const { value, done } = await source.next();
        if (done) more = false;
        else start(value);
      }
      if (running.size === 0) break;
      const { id, mark } = await Promise.race(running.values());
      running.delete(id);
      if (mark) yield mark;
    }
    signal.throwIfAborted();
  } finally {
    stop.abort();
    await Promise.allSettled(running.values());
    await source.return?.();
  }
}

/** Null when it was interrupted. */
async function attempt(submission: Submission, mark: MarkOne, options: Parameters<MarkOne>[1]): Promise<Mark | null> {
  const once = () =>
    mark(submission, options).catch((error: unknown) => {
      const { message } = error instanceof Error ? error : new Error(String(error));
      return failedMark(submission, '', message);
    });
  const first = await once();
  if (options.signal.aborted) return null;
  if (first.outcome === 'marked') return first;
  const second = await once();
  return options.signal.aborted ? null : second;
}
