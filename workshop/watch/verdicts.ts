// One verdict after another: a save in the middle of a check ends that check, and the next one begins.
import type { CheckOptions } from '../check/engine.ts';
import type { LessonReport } from '../check/report.ts';

/** A sandbox that stands ready. */
export interface Watcher {
  check(options?: CheckOptions): Promise<LessonReport>;
  close(): Promise<void>;
}

export interface Verdict {
  report: LessonReport;
  /** The one before, in this session. */
  previous: LessonReport | undefined;
  /** From the save to the verdict. */
  milliseconds: number;
}

export interface Listener {
  begun(): void;
  verdict(verdict: Verdict): void;
  failed(error: unknown): void;
}

export function judge(watcher: Watcher, listener: Listener) {
  let wanted: { at: number } | null = null;
  let abort = new AbortController();
  let working: Promise<void> | null = null;
  let previous: LessonReport | undefined;

  async function work(): Promise<void> {
    while (wanted) {
      const { at } = wanted;
      wanted = null;
      abort = new AbortController();
      const { signal } = abort;
      listener.begun();
      try {
        const report = await watcher.check({ signal });
        if (signal.aborted) continue;
        listener.verdict({ report, previous, milliseconds: performance.now() - at });
        previous = report;
      } catch (error) {
        if (!signal.aborted) listener.failed(error);
      }
    }
    working = null;
  }

  return {
    /** Checks the file as it is now; `at` is when it was saved. */
    check(at = performance.now()): void {
      wanted = { at };
      abort.abort();
      working ??= work();
    },
    async close(): Promise<void> {
      wanted = null;
      abort.abort();
      await working;
      await watcher.close();
    },
  };
}
