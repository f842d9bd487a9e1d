// What is asked of the worker in a guest, and what it answers: a line of JSON each, in both directions.
import type { TaskReport } from '../check/report.ts';
import type { Traces } from '../check/trace.ts';
import type { Facts } from '../doctor/facts.ts';
import type { Size } from '../sandbox/pty.ts';
import type { StageOrder, StageTold } from '../stage/far.ts';
import type { Version } from '../stage/types.ts';
import type { Block, Difference } from '../transcripts.ts';

/** Name → what is sent along, and what comes back. */
export interface Operations {
  facts: [Record<string, never>, Facts];
  /** A checker of this text, with these conditions for earlier lessons; its number. */
  open: [{ lesson: string; source: string; conditions: string[]; slowness?: number | undefined }, number];
  task: [{ checker: number; task: string }, { report: TaskReport; loadError: string | null }];
  leaks: [{ checker: number }, string[]];
  /** Ends a task that is under way. */
  abort: [{ checker: number }, null];
  close: [{ checker: number }, null];
  trace: [{ lesson: string; source: string; conditions: string[] }, Traces];
  /** A stage, under a number that the asker has chosen. What happens on it is told without being asked for. */
  stage: [{ stage: number; lesson: string; size: Size; version: Version }, null];
  order: [{ stage: number; order: StageOrder }, null];
  blocks: [{ lesson: string; blocks: Block[]; file: string }, Difference[]];
}

export type Operation = keyof Operations;

export interface Request<O extends Operation = Operation> {
  id: number;
  op: O;
  args: Operations[O][0];
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; stack: string } }
  | { stage: number; told: StageTold };
