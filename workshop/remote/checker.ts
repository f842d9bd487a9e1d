// A checker whose work is done in a guest: the same functions as the engine's own.
import { LearnerError } from '../check/context.ts';
import type { Lesson, Task } from '../lessons.ts';
import { openWorker } from './client.ts';
import type { Place } from './place.ts';

export interface RemoteOptions {
  source: string;
  conditions: string[];
  slowness?: number | undefined;
  signal?: AbortSignal | undefined;
}

export async function openCheckerInGuest(
  lesson: Lesson,
  { kernel }: Place,
  { source, conditions, slowness, signal }: RemoteOptions,
) {
  const worker = openWorker(kernel);
  const checker = await worker.ask('open', { lesson: lesson.name, source, conditions, slowness });
  const abort = () => void worker.ask('abort', { checker }).catch(() => {});
  signal?.addEventListener('abort', abort);
  let loadError: string | null = null;

  return {
    async runTask(task: Task) {
      try {
        const answer = await worker.ask('task', { checker, task: task.id });
        loadError = answer.loadError;
        return answer.report;
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
    loadError: () => (loadError === null ? null : new LearnerError('threw', loadError)),
    leaks: () => worker.ask('leaks', { checker }),
    async close() {
      signal?.removeEventListener('abort', abort);
      await worker.ask('close', { checker });
    },
  };
}
