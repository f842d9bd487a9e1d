// What the grader tells the worker in the guest, once, over its standard input; and what the worker says, a sealed line each.
import type { MarkedTask } from '../types.ts';

export interface Order {
  /** Of this run alone, 32 bytes in hexadecimal. In no argument, no environment and no file, where others could look. */
  key: string;
  /** Lessons' names with the submission's text, in the order in which they are to be judged. */
  lessons: { name: string; text: string }[];
}

export type Said =
  | { is: 'begin'; lesson: string }
  /** This machine cannot run it. */
  | { is: 'ungraded'; lesson: string; reason: string }
  | { is: 'task'; lesson: string; task: MarkedTask }
  | { is: 'end'; lesson: string; error: string | null; leaks: string[]; milliseconds: number }
  | { is: 'done' };
