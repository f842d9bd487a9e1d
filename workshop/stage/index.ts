// The stage: the learner's container running, with a terminal to it and x-rays of it. Here, or in a guest for a lesson that this machine
// cannot run; whoever shows it need not know.
import { readFileSync } from 'node:fs';
import { conditionsFor } from '../check/earlier.ts';
import { whyNot } from '../doctor/needs.ts';
import { UserError } from '../errors.ts';
import type { Lesson } from '../lessons.ts';
import { factsFor, placeOf } from '../remote/place.ts';
import type { Size } from '../sandbox/pty.ts';
import { openStageHere } from './here.ts';
import { openStageThere } from './there.ts';
import { type Stage, usualSize, type Version } from './types.ts';

export type { Failure, Live, Stage, StageEvents, StageState } from './types.ts';

export interface StageOptions {
  /** The text of the lesson's file. Absent: what is in it at each start. */
  source?: string;
  /** The solution's container, and the reference's earlier lessons. */
  solution?: boolean;
  size?: Size;
}

/** Resolves at once; what becomes of the container is told to listeners. Throws a UserError where nothing can run the lesson. */
export async function openStage(lesson: Lesson, options: StageOptions = {}): Promise<Stage> {
  const { solution = false, size = usualSize } = options;
  const reason = whyNot(lesson.needs, await factsFor(lesson));
  if (reason)
    throw new UserError(`lesson ${lesson.number} ${reason}`, '`npx boxwright doctor` says what to do about it');
  const place = await placeOf(lesson);
  const version = (source = options.source): Version => ({
    source: source ?? readFileSync(solution ? lesson.files.solution : lesson.files.lesson, 'utf8'),
    conditions: conditionsFor(lesson, solution ? 'reference' : 'mine'),
  });
  return place
    ? openStageThere(lesson, place, { size, version })
    : openStageHere(lesson, { size, version, patience: 10_000 });
}
