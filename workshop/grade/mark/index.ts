// Marks a submission in a disposable machine of its own. A lesson that ends its machine is tried once more in a fresh one, since machines
// also fail by themselves; then it keeps what it had reached, and the lessons behind it get a machine without it.
import type { Kernel } from '../../guest/index.ts';
import type { Lesson } from '../../lessons.ts';
import type { Bounds, Mark, MarkedLesson, MarkedTask, Submission } from '../types.ts';
import { keyOf } from './key.ts';
import { ended, judged, missing, ungraded } from './lesson.ts';
import { type End, runMachine } from './machine.ts';
import type { Said } from './protocol.ts';

export { keyOf } from './key.ts';

export interface MarkOptions {
  /** Ends the machine; the promise is rejected with its reason. */
  signal?: AbortSignal | undefined;
  /** Told when a machine begins with a lesson: twice if the first did not survive it. */
  onBegin?: ((lesson: Lesson) => void) | undefined;
  /** Told of each lesson once nothing changes its mark any more. */
  onLesson?: ((lesson: MarkedLesson) => void) | undefined;
  /** User-Mode Linux when absent, where there is one. */
  kernel?: Kernel | undefined;
}

/** How far a machine has come in the lesson that it is at. */
interface Under {
  lesson: Lesson;
  tasks: MarkedTask[];
  begun: number;
}

export async function markSubmission(
  submission: Submission,
  lessons: Lesson[],
  bounds: Bounds,
  options: MarkOptions = {},
): Promise<Mark> {
  const begun = performance.now();
  const marked = new Map<string, MarkedLesson>();
  const finish = (lesson: MarkedLesson): void => {
    marked.set(lesson.name, lesson);
    options.onLesson?.(lesson);
  };
  for (const lesson of lessons) if (submission.files[lesson.name] === undefined) finish(missing(lesson));

  /** What lessons had reached that have ended a machine before. */
  const spoilt = new Map<string, Under>();
  /** Machines in a row that came to no lesson at all. */
  let idle = 0;
  let foreign = 0;
  let trouble: string | null = null;
  while (marked.size < lessons.length) {
    const rest = lessons.filter(({ name }) => !marked.has(name));
    const before = marked.size;
    let under: Under | null = null;
    const onSaid = (said: Said): void => {
      under = follow(said, under, rest, finish);
      if (said.is === 'begin' && under) options.onBegin?.(under.lesson);
    };
    const texts = rest.map(({ name }) => ({ name, text: submission.files[name] ?? '' }));
    const end = await runMachine(texts, bounds, { signal: options.signal, kernel: options.kernel, onSaid });
    foreign += end.foreign;
    const at = under as Under | null;
    if (at && (end.kind !== 'died' || spoilt.has(at.lesson.name))) finish(lost(at, spoilt.get(at.lesson.name), end));
    else if (at) spoilt.set(at.lesson.name, at);
    else if (marked.size === before && ++idle === 2) {
      trouble = end.reason || 'the worker ended without a word';
      break;
    }
    if (at || marked.size > before) idle = 0;
  }

  const { id, from, at, refused } = submission;
  const notes = [
    trouble,
    foreign > 0 && `${foreign} lines on the verdict’s channel were not the grader’s, and do not count`,
  ];
  const reason = notes.filter(Boolean).join('; ');
  return {
    ...{ version: 1, submission: { id, from, at, refused }, key: keyOf(submission, lessons, bounds) },
    outcome: trouble === null ? 'marked' : 'error',
    ...(reason && { reason }),
    lessons: lessons.flatMap(({ name }) => marked.get(name) ?? []),
    ...{ markedAt: new Date().toISOString(), milliseconds: Math.round(performance.now() - begun) },
  };
}

/** Takes in what the worker said; returns what it is at now. */
function follow(
  said: Said,
  under: Under | null,
  lessons: Lesson[],
  finish: (lesson: MarkedLesson) => void,
): Under | null {
  if (said.is === 'begin') {
    const lesson = lessons.find(({ name }) => name === said.lesson);
    return lesson ? { lesson, tasks: [], begun: performance.now() } : null;
  }
  if (said.is === 'done' || under?.lesson.name !== said.lesson) return under;
  if (said.is === 'task') {
    under.tasks.push(said.task);
    return under;
  }
  finish(said.is === 'ungraded' ? ungraded(under.lesson, said.reason) : judged(under.lesson, under.tasks, said));
  return null;
}

/** The further of two attempts, with what ended the last. */
function lost(last: Under, first: Under | undefined, end: End): MarkedLesson {
  const reached = first && first.tasks.length > last.tasks.length ? first.tasks : last.tasks;
  const reason =
    end.kind === 'bounds' ? `its machine was ended: ${end.reason}` : 'its machine ended, and another one too';
  return ended(last.lesson, reached, reason, Math.round(performance.now() - last.begun));
}
