// The learner's container in a sandbox that stands ready: from their text to a process, or to the reason why there is none.
import { constants } from 'node:os';
import type { TraceLine } from '../check/report.ts';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';
import type { BoxReference } from '../sandbox/protocol.ts';
import { LearnerError, type Session } from '../sandbox/session.ts';
import { placeLesson } from '../sandbox/state.ts';
import { commandFor } from './command.ts';

export interface Container {
  /** As this machine numbers it; null when it has ended already. */
  pid: number | null;
  calls: TraceLine[];
  /** As a shell has it. Rejects with LearnerError when the learner's process ended first. */
  ended: Promise<number | null>;
}

/** The longest that setTimeout knows. */
const forever = 2 ** 31 - 1;

/** Rejects with LearnerError. `patience` in milliseconds, for each thing that is asked of the learner's code. */
export async function startContainer(
  session: Session,
  lesson: Lesson,
  source: string,
  patience: number,
): Promise<Container> {
  placeLesson(session.sandbox, source);
  await session.ask({ op: 'load', file: lesson.files.lesson }, patience);
  const box = asBox(await commandFor(lesson)(session, patience));
  const calls = await callsOf(session);
  const ended = session.ask({ op: 'exited', box: box.$box }, forever).then(statusOf);
  // Whoever waits for it hears of it.
  ended.catch(() => {});
  return { pid: session.outside(box.pid), calls, ended };
}

/** The calls so far; none when the learner's process does not say. */
export async function callsOf(session: Session): Promise<TraceLine[]> {
  const boxes = await session.trace(0, 500).catch(() => []);
  return boxes.flatMap(each => each.calls);
}

function asBox(value: unknown): BoxReference {
  const box = value as BoxReference | null;
  if (typeof box?.$box === 'number' && typeof box.pid === 'number') return box;
  throw new LearnerError('threw', 'contain() must return the Process that it started, and returned something else');
}

function statusOf(value: unknown): number | null {
  const { code, signal } = (value ?? {}) as { code?: unknown; signal?: unknown };
  if (typeof code === 'number') return code;
  return typeof signal === 'string' ? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0) : null;
}

/** What became of it, in a line: the kernel's words, and the line of the lesson that they came up in. */
export function inALine(error: unknown, lesson: Lesson, patience: number): string {
  const words = error instanceof Error ? error.message : String(error);
  const stack = (error instanceof LearnerError && error.error?.stack) || '';
  const frames = [...stack.replaceAll(`${home}/`, ' ').matchAll(/ ((?:lessons|solutions)\/[\w./-]+)[^:\s]*:(\d+)/g)];
  const [, file, line] = frames.find(([, file]) => lesson.files.lesson.endsWith(`/${file}`)) ?? frames[0] ?? [];
  const silent = error instanceof LearnerError && error.kind === 'silent';
  const text = silent ? `your code has not answered for ${patience / 1000} s: a loop without end?` : words;
  // It goes to a terminal, and may say anything.
  const plain = text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300);
  return (plain || 'an error without a word') + (file ? ` (${file}:${line})` : '');
}
