// What a class trips over: the diagnoses that its verdicts met, counted.
import type { Lesson } from '../lessons.ts';
import type { Export, ExportedLesson } from './export.ts';
import { thoughtBehind } from './thoughts.ts';

export interface Met {
  diagnosis: string;
  lesson: string;
  people: number;
  times: number;
  /** What leads people to it, where that is known. */
  thought: string | null;
}

/** What was met in one lesson, by how many people met it. */
export function metIn(lesson: Lesson, exports: (Export | null)[]): Met[] {
  const met = new Map<string, { people: number; times: number }>();
  for (const progress of exports) {
    for (const [id, times] of Object.entries(progress?.lessons[lesson.name]?.diagnoses ?? {})) {
      const before = met.get(id) ?? { people: 0, times: 0 };
      met.set(id, { people: before.people + 1, times: before.times + times });
    }
  }
  const all = [...met].map(([diagnosis, counts]) => ({ diagnosis, lesson: lesson.name, ...counts }));
  return all.sort(byPeople).map(each => ({ ...each, thought: thoughtBehind(lesson, each.diagnosis) }));
}

/** Who saves a half-written line has met no mistake that is worth a teacher's word: it comes after all others. */
const unfinished = 'does-not-load';

/** By one person in one lesson. */
export function mostMet(diagnoses: ExportedLesson['diagnoses']): string | null {
  const met = Object.entries(diagnoses).sort(([, a], [, b]) => b - a);
  return (met.find(([id]) => id !== unfinished) ?? met[0])?.[0] ?? null;
}

type Counts = Pick<Met, 'diagnosis' | 'people' | 'times'>;

export function byPeople(a: Counts, b: Counts): number {
  const last = Number(a.diagnosis === unfinished) - Number(b.diagnosis === unfinished);
  return last || b.people - a.people || b.times - a.times;
}
