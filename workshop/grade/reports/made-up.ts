// Grades that are made up, for the tests of what is written about them; and texts by somebody who would like to be more than text.
import type { Feedback } from '../../check/report.ts';
import { allLessons, type Lesson } from '../../lessons.ts';
import type { Grade, MarkedLesson, MarkedTask, Rules } from '../types.ts';
import { cleanGrade } from './clean.ts';

export const lessons = allLessons();

export function lesson(number: string): Lesson {
  const found = lessons.find(each => each.number === number);
  if (!found) throw new Error(`no lesson ${number}`);
  return found;
}

export const feedback: Feedback = {
  did: 'called ownMounts(box), and read its mountinfo',
  kernel: 'mount("none", "/", NULL, MS_PRIVATE, NULL) = 0\nstill shared: /dev shared:19',
  means: 'That changed one mount, the one on `/`.',
  look: 'lessons/03-mount-namespace/mount-namespace.ts:17 · TODO 2 · mount(2), MS_REC',
};

type Verdicts = Record<string, MarkedTask['status']>;

/** Every task of that lesson, passed unless said otherwise. */
export function marked(number: string, verdicts: Verdicts = {}, more: Partial<MarkedLesson> = {}): MarkedLesson {
  const { name, title, tasks } = lesson(number);
  const all = tasks.map(({ id, title, points }): MarkedTask => {
    const status = verdicts[id] ?? 'pass';
    const why = status === 'fail' ? { feedback } : status === 'pass' ? {} : { reason: `the reason of ${id}` };
    return { id, title, points, status, ...why, milliseconds: 12.345 };
  });
  const sum = (some: MarkedTask[]) => some.reduce((points, task) => points + task.points, 0);
  const points = sum(all.filter(({ status }) => status === 'pass'));
  const outOf = sum(all.filter(({ status }) => status !== 'skip'));
  const status = all.every(task => task.status === 'pass' || task.status === 'skip') ? 'pass' : 'fail';
  return { name, number, title, status, points, outOf, tasks: all, leaks: [], milliseconds: 1234.5, ...more };
}

export function rulesFor(names: string[], more: Partial<Rules> = {}): Rules {
  return {
    title: 'Containers, autumn 2026',
    lessons: names.map(name => ({ name, weight: 1 })),
    due: '2026-11-20T23:59:00+01:00',
    grace: 600,
    late: { percent: 10, every: 86_400, most: 50, until: 604_800 },
    people: {},
    bounds: { seconds: 60, memory: 512, output: 1_000_000 },
    ...more,
  };
}

export function graded(all: MarkedLesson[], more: Partial<Grade> = {}, mark: Partial<Grade['mark']> = {}): Grade {
  const counted = all.map(({ name, points, outOf }) => {
    return { name, weight: 1, points, outOf, share: outOf > 0 ? points / outOf : 0 };
  });
  const real = counted.filter(({ outOf }) => outOf > 0);
  const grade = Number(((100 * real.reduce((sum, { share }) => sum + share, 0)) / (real.length || 1)).toFixed(2));
  return {
    mark: {
      version: 1,
      submission: { id: 'ada', from: 'handed-in/ada.tar.gz', at: '2026-11-20T10:00:00Z', refused: [] },
      ...{ key: 'key', outcome: 'marked', lessons: all, markedAt: '2026-11-21T14:53:00.000Z', milliseconds: 2500 },
      ...mark,
    },
    ...{ grade, onTime: grade, late: 0, lessons: counted },
    ...more,
  };
}

export const hostile = [
  '<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>',
  '</pre></dd></dl></main><style>*{display:none}</style>',
  '"><a href="javascript:alert(1)">x</a>',
  '![x](https://evil.example/x.png) [y](javascript:alert(1)) <https://evil.example> [z]: https://evil.example',
  'https://evil.example/a www.evil.example me@evil.example @everyone #1 $\\alpha$ :tada:',
  '**bold** _em_ __strong__ ~~gone~~ `code` ``a`b`` \\*x\\* &amp; &lt;b&gt; [^1] [ ] ![[x]]',
  '# heading',
  '- item',
  '1. item',
  '> quote',
  '---',
  '| a | b |',
  '    indented',
  '```',
  'a\n```\n# heading\n````\n~~~\n<b>out</b>\n\n---\n| a |\n|---|\n',
  'a\n\n# heading\n\n- list\n\n<div>\n',
  ']]> <![CDATA[ --> <!-- <?xml ?> <!DOCTYPE x [<!ENTITY y "z">]> &y;',
  '\u001b[31mred\u001b[0m\u001b]8;;https://evil.example\u0007x\u001b]8;;\u0007 \u009b2J \u0000 \u0008 \u007f \r x',
  'abc\u202egnp.exe\u202c \u2066x\u2069 \u200f \u200b \ufeff \u00ad',
  '\ud800 lone \udc00 \ufffe \uffff \u2028 \u2029 \u{e0041} \ue000 \u{10ffff}',
  `a${'\u0301'.repeat(500)}`,
  '=HYPERLINK("https://evil.example")',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1+1',
  ' =1+1',
  '\r\n=1',
  '＝1+1',
  `${'A'.repeat(1_000_000)}<script>`,
  '<'.repeat(1_000_000),
  '\n'.repeat(1_000_000),
  '\u{1f600}'.repeat(500_000),
];

/** A submission with `text` wherever a learner's code, or an archive's names, may have had a say. */
export function withText(text: string): Grade {
  const said: Feedback = { did: text, kernel: text, means: text, look: text };
  const first = marked('03', { private: 'fail', proc: 'blocked', sys: 'skip' }, { leaks: [text], reason: text });
  for (const task of first.tasks) {
    if (task.feedback) task.feedback = said;
    if (task.reason) task.reason = text;
  }
  const ended = marked('04', {}, { status: 'ended', reason: text });
  ended.tasks.length = 1;
  const broken = marked('06', { 'own-namespace': 'fail', 'host-kept': 'blocked' }, { status: 'fail', reason: text });
  broken.tasks = broken.tasks.filter(({ status }) => status !== 'pass');
  for (const task of broken.tasks) Object.assign(task, task.feedback ? { feedback: said } : { reason: text });
  const ungraded = marked('11', {}, { status: 'ungraded', outOf: 0, points: 0, tasks: [], reason: text });
  const submission = { id: 'eve', from: text, at: text, refused: [text, text] };
  return graded([first, ended, broken, ungraded], {}, { submission, reason: text });
}

/** One of everything, one that was not marked, and every hostile text. */
export const mixed = graded([
  marked('01'),
  marked('03', { private: 'fail', proc: 'blocked', sys: 'skip' }),
  { ...marked('04'), status: 'missing', points: 0, tasks: [] },
]);
export const unmarked = graded([], { grade: 0, onTime: 0 }, { outcome: 'error', reason: 'the guest did not start' });
export const all = [mixed, unmarked, ...hostile.map(withText)].map(cleanGrade);
