// The lessons that are here, and for each whether this machine can run it, by itself or in a guest.
import { allLessons } from '../lessons.ts';
import { factsFor, placeOf } from '../remote/place.ts';
import { machineFacts } from './facts.ts';
import { whyNot } from './needs.ts';

export interface Verdict {
  /** The folder's name: `05-pivot-root`. */
  lesson: string;
  title: string;
  /** Why it cannot run here; null where it can. */
  whyNot: string | null;
  /** Where it runs instead, and why; null for here. */
  place: string | null;
  /** Tasks that are skipped although the lesson runs, each with the reason. */
  skipped: { task: string; title: string; whyNot: string }[];
}

/** `deep`: boots the guest, where there is a lesson for it, to see what it lacks. */
export async function verdicts(deep = true): Promise<Verdict[]> {
  const here = await machineFacts();
  const verdict = async (lesson: (typeof lessons)[number]): Promise<Verdict> => {
    const { name, title, needs, tasks } = lesson;
    const place = await placeOf(lesson);
    if (place && !deep) return { lesson: name, title, whyNot: null, place: place.text, skipped: [] };
    const facts = place ? await factsFor(lesson) : here;
    const skipped = tasks.flatMap(task => {
      const reason = task.needs ? whyNot({ ...needs, ...task.needs }, facts) : null;
      return reason === null ? [] : [{ task: task.id, title: task.title, whyNot: reason }];
    });
    return { lesson: name, title, whyNot: whyNot(needs, facts), place: place?.text ?? null, skipped };
  };
  const lessons = allLessons();
  return Promise.all(lessons.map(verdict));
}

/** The first look, at the end of set-up: one line. */
export async function firstLook(): Promise<string> {
  const [facts, lessons] = [await machineFacts(), await verdicts(false)];
  const able = lessons.filter(({ whyNot }) => whyNot === null).length;
  const who = facts.root ? 'root' : `user ${facts.uid}`;
  const here = `Linux ${facts.kernel}, ${process.arch}, ${who}, control groups ${facts.cgroup}`;
  if (able === lessons.length) return `This machine can run every lesson (${here}).`;
  return `This machine can run ${able} of ${lessons.length} lessons (${here}); npx boxwright doctor says why, and what to do.`;
}
