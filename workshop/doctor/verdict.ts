// The lessons that are here, and for each whether this machine can run it.
import { allLessons } from '../lessons.ts';
import { machineFacts } from './facts.ts';
import { whyNot } from './needs.ts';

export interface Verdict {
  /** The folder's name: `05-pivot-root`. */
  lesson: string;
  title: string;
  /** Why it cannot run here; null where it can. */
  whyNot: string | null;
  /** Tasks that are skipped although the lesson runs, each with the reason. */
  skipped: { task: string; title: string; whyNot: string }[];
}

export async function verdicts(): Promise<Verdict[]> {
  const facts = await machineFacts();
  return allLessons().map(({ name, title, needs, tasks }) => {
    const skipped = tasks.flatMap(task => {
      const reason = task.needs ? whyNot(task.needs, facts) : null;
      return reason === null ? [] : [{ task: task.id, title: task.title, whyNot: reason }];
    });
    return { lesson: name, title, whyNot: whyNot(needs, facts), skipped };
  });
}

/** The first look, at the end of set-up: one line. */
export async function firstLook(): Promise<string> {
  const [facts, lessons] = [await machineFacts(), await verdicts()];
  const able = lessons.filter(({ whyNot }) => whyNot === null).length;
  const who = facts.root ? 'root' : `user ${facts.uid}`;
  const here = `Linux ${facts.kernel}, ${process.arch}, ${who}, control groups ${facts.cgroup}`;
  if (able === lessons.length) return `This machine can run every lesson (${here}).`;
  return `This machine can run ${able} of ${lessons.length} lessons (${here}); npx boxwright doctor says why, and what to do.`;
}
