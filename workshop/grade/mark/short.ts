// What comes of a learner's process is as long as it likes, and may draw on a terminal. What a reader gets of it is neither.
import type { TaskReport } from '../../check/report.ts';
import type { MarkedTask } from '../types.ts';

/** A text without control characters, and of no more than `most` characters. */
export function short(text: string, most = 4000): string {
  const clean = text
    .slice(0, most * 2)
    .replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}')
    .toWellFormed();
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
}

export function shortTask({ trace: _, ...report }: TaskReport): MarkedTask {
  const { feedback, diagnosis, reason } = report;
  return {
    ...report,
    ...(feedback && {
      feedback: {
        did: short(feedback.did),
        kernel: short(feedback.kernel),
        means: short(feedback.means),
        look: short(feedback.look, 1000),
      },
    }),
    ...(diagnosis !== undefined && { diagnosis: short(diagnosis, 100) }),
    ...(reason !== undefined && { reason: short(reason, 1000) }),
    milliseconds: Math.round(report.milliseconds),
  };
}
