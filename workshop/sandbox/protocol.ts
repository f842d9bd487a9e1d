// What the checker and the learner's process say to each other: JSON, a line a message, over descriptor 4.
// The answers come from a process that runs the learner's code. They are used to know what to look at, never as the truth.
import type { TraceLine } from '../check/report.ts';

/** A process that the learner's code has started; stands for it in arguments and answers. */
export interface BoxReference {
  $box: number;
  /** As the sandbox's process table numbers it. */
  pid: number;
}

/** A function that a module exports: the lesson's, or the one that `from` names. */
export interface FunctionReference {
  $function: string;
  from?: string;
}

/** What a function of a module gives when it is called, `Store.open` of '#images': for what no JSON can be. */
export interface CallReference {
  $call: string;
  from: string;
  args: unknown[];
}

export type Request = { id: number } & (
  | { op: 'load'; file: string }
  /** A function of the lesson's, or of the module that `from` names. */
  | { op: 'call'; name: string; args: unknown[]; from?: string }
  | { op: 'start' }
  | { op: 'exited'; box: number }
  /** From this box on: 0 for all. */
  | { op: 'trace'; from: number }
  | { op: 'mark'; text: string }
);

/** An error of the learner's, as data. */
export interface ErrorData {
  name: string;
  message: string;
  stack: string;
  /** Of a SyscallError: 'EINVAL', 'mount', and the call in strace's notation. */
  code?: string;
  syscall?: string;
  call?: string;
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: ErrorData }
  /** Not an answer: a promise of the learner's was rejected and nobody waited for it. */
  | { event: 'unhandled'; error: ErrorData };

export type TraceAnswer = { box: number; calls: TraceLine[] }[];
