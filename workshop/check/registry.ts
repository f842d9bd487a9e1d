// What a lesson's check file says: its tasks, its diagnoses, its defaults. Loading the file fills this in.

import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Lesson } from '../lessons.ts';
import type { Context, LearnerError } from './context.ts';
import type { Feedback, TraceLine } from './report.ts';

export type TaskBody = (t: Context) => Promise<void> | void;

/** What a diagnosis may look at once a task has failed. */
export interface Evidence {
  task: string;
  feedback: Feedback;
  /** What the learner's code threw, when that is why the task failed. */
  error: LearnerError | null;
  /** Every system call of the task's containers, in order. */
  trace: TraceLine[];
  /** The learner's file. */
  source: string;
  /** The first call of this name whose text matches. */
  find(name: string, text?: RegExp): TraceLine | undefined;
  /** Its place in the trace; -1 when there is none. */
  index(name: string, text?: RegExp): number;
}

/** A mistake that can be recognised. `explain` returns what is known better than the check itself, or null. */
export interface Diagnosis {
  id: string;
  /** The tasks that it can explain; all when absent. */
  tasks?: string[];
  explain(evidence: Evidence): Partial<Feedback> | null | undefined | false;
}

export interface Checks {
  tasks: Map<string, { body: TaskBody; fresh: boolean; privileged: boolean }>;
  diagnoses: Diagnosis[];
  /** What `contain` gets unless a check says otherwise. */
  defaults: Record<string, unknown>;
}

const empty = (): Checks => ({ tasks: new Map(), diagnoses: [], defaults: {} });

/** Where the functions of '#check' put what they are told; null while no check file is being loaded by us. */
let collecting: Checks | null = null;
/** In AVA's own run nobody collects: the file's own. */
const direct = empty();

export const registered = (): Checks => collecting ?? direct;
export const isCollecting = () => collecting !== null;

const loaded = new Map<string, Promise<Checks>>();
let turn: Promise<unknown> = Promise.resolve();

/** The checks of a lesson. A file that was changed since is loaded anew. One at a time, since loading fills in one place. */
export function loadChecks(lesson: Lesson): Promise<Checks> {
  const url = `${pathToFileURL(lesson.files.checks).href}?changed=${statSync(lesson.files.checks).mtimeMs}`;
  let checks = loaded.get(url);
  if (!checks) {
    checks = turn.then(async () => {
      const mine = empty();
      collecting = mine;
      try {
        await import(url);
        return mine;
      } finally {
        collecting = null;
      }
    });
    turn = checks.catch(() => {});
    loaded.set(url, checks);
  }
  return checks;
}
