// What grading hands from one part to the next: what was handed in, what it is worth, and by which rules. Data only.
import type { TaskReport } from '../check/report.ts';

/** One learner's work: the texts of the files that count, and nothing else of theirs. */
export interface Submission {
  /** Letters, digits, `.`, `_`, `-`; unique in its class: what its files are called. */
  id: string;
  /** The path as it was named, for the reader. */
  from: string;
  /** ISO 8601: when it was handed in, where that is known. */
  at: string | null;
  /** A lesson's name ('03-mount-namespace') → the learner's file. */
  files: Record<string, string>;
  /** What was there and was not taken, and why: one line each. */
  refused: string[];
}

/** A task's report without its system calls, which a learner's code can make as many of as it likes. */
export type MarkedTask = Omit<TaskReport, 'trace'>;

export interface MarkedLesson {
  /** '03-mount-namespace' */
  name: string;
  number: string;
  title: string;
  /**
   * 'missing': nothing was handed in. 'ended': its machine did not survive it, or ran out of its time: what had been reached until then
   * counts. 'ungraded': this grader's machine cannot run it: it counts for nobody.
   */
  status: 'pass' | 'fail' | 'missing' | 'ended' | 'ungraded';
  /** Of the tasks; without weights and lateness. */
  points: number;
  /** Of those tasks that could be tried. */
  outOf: number;
  tasks: MarkedTask[];
  /** Why it was 'ended' or 'ungraded', or what loading the file threw: one line for the reader. */
  reason?: string;
  leaks: string[];
  milliseconds: number;
}

/** What a submission came to, before the rules of a class are applied to it. */
export interface Mark {
  version: 1;
  submission: Pick<Submission, 'id' | 'from' | 'at' | 'refused'>;
  /** Of what was marked, by which checks: a mark of others is not reused. */
  key: string;
  /** 'error': the grader's fault, twice; to be marked again. */
  outcome: 'marked' | 'error';
  reason?: string;
  lessons: MarkedLesson[];
  /** ISO 8601. */
  markedAt: string;
  milliseconds: number;
}

/** A class's rules, from one configuration file. */
export interface Rules {
  title: string;
  /** Lessons' names, in order, with their weight; a weight is relative to the others'. */
  lessons: { name: string; weight: number }[];
  /** ISO 8601 with an offset. */
  due: string | null;
  /** Seconds for which lateness is forgiven. */
  grace: number;
  /** What a late submission loses: `percent` of its grade for each begun `every` seconds, up to `most` percent; after `until` seconds all. */
  late: { percent: number; every: number; most: number; until: number | null } | null;
  /** Submission → when it was handed in, or an own due date: for extensions. */
  people: Record<string, { at?: string; due?: string }>;
  /** The bounds of a submission's machine. */
  bounds: Bounds;
}

export interface Bounds {
  /** For one lesson, and for its machine to start: seconds. */
  seconds: number;
  /** MiB of the machine: its processes' memory, and what they write. */
  memory: number;
  /** Bytes that it may say in all. */
  output: number;
}

/** A mark with the class's rules applied. */
export interface Grade {
  mark: Mark;
  /** 0 to 100, two decimals, lateness taken off. */
  grade: number;
  /** As it would be without lateness. */
  onTime: number;
  /** Seconds after the due date, 0 if none; null where nobody knows when it was handed in. */
  late: number | null;
  lessons: { name: string; weight: number; points: number; outOf: number; share: number }[];
}

/** Told of what happens, for a display. */
export interface Watcher {
  begun(submission: Submission): void;
  lesson(submission: Submission, lesson: MarkedLesson): void;
  done(mark: Mark): void;
}
