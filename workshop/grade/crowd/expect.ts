// Whether a grade is the right one: by what was handed in, and by the same checks run on this machine, whose answer no submission has had its
// hands on. Every disagreement is a line.
import { checkLesson } from '../../check/engine.ts';
import type { LessonReport } from '../../check/report.ts';
import { pointsOf } from '../../lessons.ts';
import type { Grade, MarkedLesson } from '../types.ts';
import type { Part, Person } from './plan.ts';

export async function wrongIn(person: Person, grade: Grade | undefined): Promise<string[]> {
  if (!grade) return [`${person.id}: has no grade`];
  const { mark } = grade;
  if (mark.outcome !== 'marked') return [`${person.id}: could not be marked: ${mark.reason}`];
  const wrong: string[] = [];
  let [reached, weights] = [0, 0];
  for (const part of person.parts) {
    const marked = mark.lessons.find(({ name }) => name === part.lesson.name);
    const said = marked ? await wrongPart(part, marked) : ['is not there'];
    wrong.push(...said.map(each => `lesson ${part.lesson.number}, ${part.what}: ${each}`));
    if (!marked || marked.status === 'ungraded' || marked.outOf === 0) continue;
    const weight = pointsOf(part.lesson);
    reached += (weight * marked.points) / marked.outOf;
    weights += weight;
  }
  const onTime = weights > 0 ? (100 * reached) / weights : 0;
  const begun = person.late === 0 ? 0 : person.late;
  const expected = begun > 7 ? 0 : onTime * (1 - Math.min(50, 10 * begun) / 100);
  if (Math.abs(grade.grade - expected) > 0.006)
    wrong.push(`the grade is ${grade.grade}, and should be ${expected.toFixed(2)}`);
  if (mark.submission.refused.length > 0) wrong.push(`was refused: ${mark.submission.refused.join(', ')}`);
  return wrong.map(each => `${person.id} (${person.form}): ${each}`);
}

async function wrongPart({ lesson, text, must }: Part, marked: MarkedLesson): Promise<string[]> {
  const { points, outOf, status, reason = '' } = marked;
  const got = `${status}, ${points} of ${outOf} points ${reason}`.trim();
  if (status === 'ungraded' && text !== null) return [];
  switch (must.be) {
    case 'all':
      return status === 'pass' && points === outOf ? [] : [got];
    case 'missing':
      return status === 'missing' && points === 0 && outOf === pointsOf(lesson) ? [] : [got];
    case 'cheat':
      return points === must.points ? [] : [`${got}, and should have ${must.points}`];
    case 'untouched':
      return [...(status === 'fail' ? [] : [got]), ...(await unlikeHere(lesson, text, marked))];
    default: {
      const named = marked.tasks.find(({ id }) => id === must.fails);
      const caught = named?.status === 'fail' || named?.status === 'skip';
      return [...(caught ? [] : [`${must.fails} did not fail: ${got}`]), ...(await unlikeHere(lesson, text, marked))];
    }
  }
}

const known = new Map<string, Promise<LessonReport>>();

/** Task by task; those that only one of the two machines could try do not count. */
async function unlikeHere(lesson: Part['lesson'], text: string | null, marked: MarkedLesson): Promise<string[]> {
  const key = `${lesson.name}\0${text}`;
  const here = known.get(key) ?? checkLesson(lesson, { source: text ?? '', earlier: 'reference' });
  known.set(key, here);
  const report = await here;
  return marked.tasks.flatMap(({ id, status }) => {
    const other = report.tasks.find(task => task.id === id);
    if (!other || other.status === 'skip' || status === 'skip') return [];
    return (other.status === 'pass') === (status === 'pass')
      ? []
      : [`${id}: ${status}, and on this machine ${other.status}`];
  });
}
