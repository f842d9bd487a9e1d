// A stage for tests: what it writes can be waited for, and it is closed when the test has ended.
import { readFileSync } from 'node:fs';
import { setTimeout as setTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters as plain } from 'node:util';
import type { ExecutionContext } from 'ava';
import { conditionsFor } from '../check/earlier.ts';
import { findLesson } from '../lessons.ts';
import { openStageHere } from '../stage/here.ts';
import type { Stage, StageEvents } from '../stage/types.ts';

export interface Played {
  stage: Stage;
  /** Types a line. */
  type(line: string): void;
  /** Waits until what was written since the last time matches, without terminal sequences. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** The next of these events; set up before it can happen. */
  next<E extends keyof StageEvents>(event: E): Promise<StageEvents[E]>;
  /** The container's process, once it runs. */
  pid(): Promise<number>;
}

export function solutionOf(number: string): string {
  return readFileSync(findLesson(number).files.solution, 'utf8');
}

/** The reference's container of a lesson, or this text's. */
export function onStage(t: ExecutionContext, number: string, { source = '', patience = 120_000 } = {}): Played {
  const lesson = findLesson(number);
  const conditions = conditionsFor(lesson, 'reference');
  const stage = openStageHere(lesson, {
    ...{ size: { columns: 91, rows: 27 }, patience },
    version: (text = source || solutionOf(number)) => ({ source: text, conditions }),
  });
  t.teardown(() => stage.close());
  return played(stage);
}

export function played(stage: Stage): Played {
  let text = '';
  stage.on('output', data => {
    text = (text + data).slice(-100_000);
  });
  return {
    stage,
    type: line => stage.write(Buffer.from(`${line}\r`)),
    next: event =>
      new Promise((resolve, reject) => {
        const late = () => reject(new Error(`no '${event}' came; ${JSON.stringify(stage.state()).slice(0, 1000)}`));
        const timer = setTimer(late, 180_000);
        const forget = stage.on(event, told => {
          forget();
          clearTimeout(timer);
          resolve(told);
        });
      }),
    async until(pattern) {
      const patience = AbortSignal.timeout(180_000);
      for (;;) {
        const seen = plain(text).replaceAll('\r', '');
        const found = pattern.exec(seen);
        if (found) {
          text = seen.slice(found.index + found[0].length);
          return found;
        }
        if (patience.aborted) throw new Error(`${pattern} did not come; ${JSON.stringify(seen.slice(-2000))} did`);
        await setTimeout(10);
      }
    },
    async pid() {
      for (;;) {
        const state = stage.state();
        if (state.is === 'running') return state.pid;
        if (state.is !== 'starting') throw new Error(`it ${state.is}: ${JSON.stringify(state)}`);
        await setTimeout(5);
      }
    },
  };
}

/** Waits for a fact. */
export async function eventually(probe: () => boolean): Promise<boolean> {
  const patience = AbortSignal.timeout(120_000);
  while (!probe() && !patience.aborted) await setTimeout(10);
  return probe();
}
