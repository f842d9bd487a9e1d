// From a mark to a grade, by the rules of a class: weights, and what lateness costs. Pure: the same mark and rules give the same grade.
import { allLessons, type Lesson, pointsOf } from '../lessons.ts';
import type { Bounds, Grade, Mark, Rules } from './types.ts';

/** Several times what the longest lesson takes in a machine without KVM on a busy host. */
export const defaultBounds: Bounds = { seconds: 180, memory: 1024, output: 4 << 20 };

/** The rules without a file: every lesson counts by its points, and nothing is late. */
export function plainRules(lessons: Lesson[]): Rules {
  return {
    title: 'Boxwright',
    lessons: lessons.map(lesson => ({ name: lesson.name, weight: pointsOf(lesson) })),
    ...{ due: null, grace: 0, late: null, people: {} },
    bounds: defaultBounds,
  };
}

/**
 * A lesson that could not be tried here counts for nobody: its weight goes to the others. One that was not handed in counts as nothing
 * reached. A mark of an error is 0 of everything, and says so by its outcome.
 */
export function applyRules(mark: Mark, rules: Rules, known: Lesson[] = allLessons()): Grade {
  const lessons = rules.lessons.map(({ name, weight }) => {
    const { points, outOf } = tried(mark, name, known);
    return { name, weight, points, outOf, share: outOf > 0 ? points / outOf : 0 };
  });
  const counted = lessons.filter(({ outOf }) => outOf > 0);
  const weights = counted.reduce((sum, { weight }) => sum + weight, 0);
  const onTime =
    weights > 0 ? (100 * counted.reduce((sum, { weight, share }) => sum + weight * share, 0)) / weights : 0;
  const late = lateness(mark, rules);
  const grade = onTime * (1 - lossFor(late ?? 0, rules.late) / 100);
  return { mark, grade: twoDecimals(grade), onTime: twoDecimals(onTime), late, lessons };
}

function tried(mark: Mark, name: string, known: Lesson[]): { points: number; outOf: number } {
  const marked = mark.lessons.find(each => each.name === name);
  if (marked?.status === 'ungraded') return { points: 0, outOf: 0 };
  if (marked) return { points: marked.points, outOf: marked.outOf };
  const lesson = known.find(each => each.name === name);
  return { points: 0, outOf: lesson ? pointsOf(lesson) : 0 };
}

/** Seconds after the due date, 0 within the grace that is given; null where nobody knows when it was handed in. */
function lateness({ submission }: Mark, { due, grace, people }: Rules): number | null {
  const own = Object.hasOwn(people, submission.id) ? people[submission.id] : undefined;
  const [until, at] = [own?.due ?? due, own?.at ?? submission.at];
  if (until === null) return 0;
  if (at === null) return null;
  const seconds = Math.ceil((Date.parse(at) - Date.parse(until)) / 1000);
  return seconds <= grace ? 0 : seconds;
}

/** In percent. Counted from the due date: grace forgives those who need no more than it. */
function lossFor(late: number, rule: Rules['late']): number {
  if (!rule || late <= 0) return 0;
  if (rule.until !== null && late > rule.until) return 100;
  return Math.min(rule.most, rule.percent * Math.ceil(late / rule.every));
}

/** Halves go up, also those that a binary fraction keeps a hair below: 0.285 is 0.29. */
const twoDecimals = (value: number) => Math.round(value * 100 + 1e-7) / 100;
