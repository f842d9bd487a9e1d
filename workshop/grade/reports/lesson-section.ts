// A lesson on the feedback page: what holds, each failure in its four parts, what was not tried and why, and where to read on.
import { count } from '../../terminal/text.ts';
import { askedIn } from './asked.ts';
import { type Block, code, fromMarkdown, heading, type Inline, list, type Part, paragraph, said } from './document.ts';
import type { LessonOutcome, Outcome } from './outcome.ts';

export function lessonSection(lesson: LessonOutcome): Block[] {
  const { number, title, points, outOf, tasks } = lesson;
  const of = (verdict: Outcome['verdict']) => tasks.filter(task => task.verdict === verdict);
  const result = outOf > 0 ? `${points} of ${count(outOf, 'point')}` : 'not counted';
  const never = lesson.status === 'missing' || lesson.status === 'ungraded';
  return [
    heading(2, `${number} · `, ...fromMarkdown(title), `: ${result}`),
    ...standing(lesson),
    ...(never
      ? []
      : [
          ...titles('What holds', 'These are true of your container, and the kernel says so.', of('pass')),
          ...of('fail').flatMap(task => failure(lesson, task)),
          ...titles(
            'Not tried yet',
            'Your code did not get that far, because of what failed above. They give no points now; some may come by themselves.',
            of('blocked'),
          ),
          ...titles('Not reached', 'The machine had ended before these, and they give no points.', of('unreached')),
          ...titles(
            'Not tried here',
            'The grader’s machine lacks what these need. They count for nobody.',
            of('skip'),
            true,
          ),
        ]),
    ...leftBehind(lesson.leaks),
    ...readOn(lesson),
  ];
}

/** How it stands, in a sentence or two, with what to do. */
function standing({ status, number, reason, broken, lesson, tasks }: LessonOutcome): Block[] {
  const check = code(`npx boxwright check ${number}`);
  const why = reason ? verdictReason(reason) : [];
  if (status === 'missing') {
    const file = lesson
      ? [' Its file is ', code(`lessons/${lesson.name}/${lesson.slug}.ts`), ': hand it in under that name.']
      : [];
    return [paragraph('Nothing was handed in for this lesson, so it gives no points.', ...file), ...why];
  }
  if (status === 'ungraded') {
    return [
      paragraph(
        'The grader’s machine cannot run this lesson. It counts for nobody, neither for you nor against you. ',
        check,
        ' tells you how you stand.',
      ),
      ...why,
    ];
  }
  if (status === 'ended') {
    return [
      paragraph(
        'The machine that this lesson ran in did not last to its end. What had been reached until then counts.',
      ),
      ...why,
      paragraph(
        'Look for what never ends: a loop, a process that starts others, a promise that nobody keeps, a file that grows. Then run ',
        ...[check, ' on your machine: it says how far the lesson gets.'],
      ),
    ];
  }
  if (broken) {
    return [
      paragraph('Your file could not be loaded, so nothing in it could be tried. Node.js says:'),
      { kind: 'verbatim', text: reason ?? '' },
      paragraph('Run ', check, ' until that is gone; then hand it in again.'),
    ];
  }
  const holds = tasks.filter(({ verdict }) => verdict === 'pass').length;
  const tried = tasks.filter(({ verdict }) => verdict !== 'skip').length;
  return [paragraph(howMany(holds, tried)), ...why];
}

function howMany(holds: number, tried: number): string {
  if (tried === 0) return 'None of its tasks could be tried here.';
  if (holds === tried) return tried === 1 ? 'Its one task holds.' : `All ${tried} tasks hold.`;
  if (holds === 0) return tried === 1 ? 'Its one task does not hold.' : `None of its ${tried} tasks holds yet.`;
  return `${holds} of ${tried} tasks ${holds === 1 ? 'holds' : 'hold'}.`;
}

const verdictReason = (text: string): Block[] =>
  text.includes('\n') ? [{ kind: 'verbatim', text }] : [paragraph('The reason: ', ...said(text))];

function titles(name: string, about: string, tasks: Outcome[], reasons = false): Block[] {
  if (tasks.length === 0) return [];
  const item = ({ title, points, reason }: Outcome): Inline[] => {
    const why = reasons && reason ? [': ', ...said(reason)] : [];
    return [...fromMarkdown(title), ` (${count(points, 'point')})`, ...why];
  };
  return [heading(3, name), paragraph(about), list(tasks.map(item))];
}

function failure({ lesson }: LessonOutcome, task: Outcome): Block[] {
  const { feedback } = task;
  const about: Inline[] = ['Does not hold: ', ...fromMarkdown(task.title), ` (${count(task.points, 'point')})`];
  if (!feedback) return [heading(3, ...about), ...verdictReason(task.reason ?? 'No reason is known.')];
  const places: Inline[][] = feedback.look.split(' · ').filter(Boolean).map(said);
  const asked = lesson && task.todo !== null ? askedIn(lesson.text, task.todo) : null;
  if (asked) places.push([`the lesson’s text, “${asked.section}”, ${task.todo}: `, ...fromMarkdown(asked.text)]);
  const parts: Part[] = [
    { name: 'What was done', value: words(feedback.did) },
    { name: 'What the kernel said', value: { verbatim: feedback.kernel } },
    { name: 'What that means', value: words(feedback.means) },
    { name: 'Where to look', value: { list: places } },
  ];
  return [heading(3, ...about), { kind: 'parts', parts }];
}

const words = (text: string): Part['value'] => (text.includes('\n') ? { verbatim: text } : { text: said(text) });

function leftBehind(leaks: string[]): Block[] {
  if (leaks.length === 0) return [];
  return [
    heading(3, 'Left behind'),
    paragraph(
      'When the lesson’s code had ended, this was still there. No points are lost by it, but a lesson passes only when nothing stays.',
    ),
    list(leaks.map(said)),
  ];
}

/** For whoever has something left to do there: the text, the hints and the third of them, which names the man pages. */
function readOn({ status, number, lesson }: LessonOutcome): Block[] {
  const pages = lesson?.hints[2];
  if (status === 'pass' || status === 'ungraded' || !pages) return [];
  const text: Inline[] = ['The lesson’s text: ', code(`npx boxwright read ${number}`)];
  const hints: Inline[] = ['Four hints, each saying a little more: ', code(`npx boxwright hint ${number}`)];
  return [heading(3, 'Where to read on'), list([text, hints, ['The manual: ', ...fromMarkdown(pages)]])];
}
