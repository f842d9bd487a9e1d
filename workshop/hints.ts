// The ladder of hints: a rung a call, remembered across runs.
import { tried } from './history.ts';
import type { Lesson } from './lessons.ts';
import { progressOf, updateProgress } from './progress.ts';

export interface Climb {
  /** The rungs to show now: from the first, up to and without the second. Equal when there are no more. */
  from: number;
  to: number;
}

export function climb(lesson: Lesson, all = false, folder?: string): Climb {
  const result = { from: 0, to: lesson.hints.length };
  updateProgress(progress => {
    const state = progressOf(lesson, progress);
    if (!all) {
      result.from = Math.min(state.hintsShown, lesson.hints.length);
      result.to = Math.min(result.from + 1, lesson.hints.length);
    }
    const hintsShown = Math.max(state.hintsShown, result.to);
    progress.lessons[lesson.name] = { ...state, hintsShown, history: tried(state.history) };
  }, folder);
  return result;
}
