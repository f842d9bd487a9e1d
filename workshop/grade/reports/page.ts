// The page that a learner gets: what the grade is and how it came to be, what to try first, then lesson by lesson.
import { count } from '../../terminal/text.ts';
import type { Grade, Rules } from '../types.ts';
import { type Block, code, fromMarkdown, heading, type Inline, list, paragraph, said, strong } from './document.ts';
import { figure, moment } from './figures.ts';
import { lateness } from './lateness.ts';
import { lessonSection } from './lesson-section.ts';
import type { LessonOutcome } from './outcome.ts';

export const titleOf = ({ mark }: Grade) => `Feedback for ${mark.submission.id}`;

export function page(grade: Grade, lessons: LessonOutcome[], rules: Rules): Block[] {
  const { mark } = grade;
  const head = [heading(1, titleOf(grade))];
  if (mark.outcome === 'error')
    return [...head, ...unmarked(grade, rules), ...refused(mark.submission.refused, lessons)];
  return [
    ...head,
    paragraph(strong(`${figure(grade.grade)} of 100`), ` · ${rules.title} · marked on ${moment(mark.markedAt)}`),
    ...howItCame(grade, lessons, rules),
    heading(2, 'What to try first'),
    paragraph(...first(lessons)),
    ...lessons.flatMap(lessonSection),
    ...refused(mark.submission.refused, lessons),
  ];
}

function unmarked({ mark }: Grade, rules: Rules): Block[] {
  return [
    paragraph(strong('Not marked yet'), ` · ${rules.title}`),
    paragraph(
      'The grader failed at this submission, twice. That is the grader’s fault: it will be marked again, and you need do nothing.',
    ),
    ...(mark.reason ? [paragraph('For whoever looks after the grader: ', ...said(mark.reason))] : []),
  ];
}

function howItCame(grade: Grade, lessons: LessonOutcome[], rules: Rules): Block[] {
  const rows = lessons.map(({ number, title, points, outOf, worth, gives }): Inline[][] => {
    const name = [`${number} · `, ...fromMarkdown(title)];
    if (outOf === 0) return [name, ['–'], ['does not count'], ['–']];
    return [name, [`${points} of ${outOf}`], [worth.toFixed(2)], [gives.toFixed(2)]];
  });
  const sum: Inline[][] = [[strong('Together')], [], ['100.00'], [strong(grade.onTime.toFixed(2))]];
  return [
    heading(2, 'How the grade came to be'),
    paragraph(
      'A task that holds gives its points, each task by itself. Each lesson can give a part of the 100, by its weight in this class, ',
      'and gives as much of it as it has of its points.',
    ),
    {
      kind: 'table',
      caption: 'Points, and what they give',
      head: ['Lesson', 'Points', 'Can give', 'Gives'],
      rows: [...rows, sum],
    },
    ...lateness(grade, rules).map(text => paragraph(text)),
  ];
}

/** The first lesson that is not complete, since later ones build on it, and in it the first task that failed by itself. */
function first(lessons: LessonOutcome[]): Inline[] {
  const open = lessons.find(({ status }) => status !== 'pass' && status !== 'ungraded');
  if (!open) return ['Nothing: all that could be tried holds. Well done.'];
  const where = [`lesson ${open.number}, `, ...fromMarkdown(open.title)];
  const watch = [code(`npx boxwright watch ${open.number}`), ' checks again whenever you save.'];
  if (open.status === 'missing') return ['Hand in ', ...where, ': there was no file for it.'];
  if (open.broken)
    return [
      'Begin with ',
      ...where,
      ': as it is, its file cannot be loaded, and nothing in it can earn a point. ',
      ...watch,
    ];
  const failed = open.tasks.find(({ verdict }) => verdict === 'fail');
  if (open.status === 'ended' && !failed) {
    return [
      'Begin with ',
      ...where,
      ': make it come to an end. ',
      code(`npx boxwright check ${open.number}`),
      ' tries it on your machine.',
    ];
  }
  if (!failed)
    return ['Begin with ', ...where, ': all its tasks hold, but something is left behind when it ends. ', ...watch];
  const todo = failed.todo === null ? '' : `, TODO ${failed.todo}`;
  const blocked = open.tasks.filter(({ verdict }) => verdict === 'blocked').length;
  const also = blocked > 0 ? `${count(blocked, 'other task')} could not be tried before this is done. ` : '';
  return ['Begin with ', ...where, `${todo}: “`, ...fromMarkdown(failed.title), '”. ', also, ...watch];
}

function refused(files: string[], lessons: LessonOutcome[]): Block[] {
  if (files.length === 0) return [];
  const example = lessons.find(({ lesson }) => lesson)?.lesson;
  const place = example ? [' at a place like ', code(`lessons/${example.name}/${example.slug}.ts`)] : [];
  return [
    heading(2, 'What was not taken'),
    paragraph(
      'Only the lessons’ own files are marked. These were left alone, neither read nor run, and cost nothing. ',
      ...(place.length > 0 ? ['If one was meant to be marked, hand it in', ...place, '.'] : []),
    ),
    list(files.map(said)),
  ];
}
