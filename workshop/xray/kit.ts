// For the tests: a container of a lesson's, made by its solution on the sandbox's host, to be looked at from outside.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { conditionsFor } from '../check/earlier.ts';
import { loadChecks } from '../check/registry.ts';
import { searchPath } from '../doctor/probe.ts';
import { findLesson } from '../lessons.ts';
import { openSession, type Session } from '../sandbox/session.ts';
import { placeLesson } from '../sandbox/state.ts';
import type { MountView } from './types.ts';

export interface TestContainer {
  session: Session;
  /** As this machine numbers it. */
  pid: number;
  /** The sandbox's process 1. */
  host: number;
  end(): Promise<void>;
}

export async function startLesson(number: string, spec: Record<string, unknown>): Promise<TestContainer> {
  const lesson = findLesson(number);
  const { defaults } = await loadChecks(lesson);
  const session = await openSession(lesson, conditionsFor(lesson, 'reference'));
  try {
    placeLesson(session.sandbox, readFileSync(lesson.files.solution, 'utf8'));
    await session.ask({ op: 'load', file: lesson.files.lesson }, 180_000);
    const args = [{ ...defaults, ...spec }];
    const { pid: inside } = (await session.ask({ op: 'call', name: 'contain', args }, 180_000)) as { pid: number };
    const pid = session.outside(inside);
    if (pid === null) throw new Error(`the container has ended: ${session.output()}`);
    return { session, pid, host: session.sandbox.init, end: () => session.end() };
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** What a program of the machine prints. */
export const said = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', env: { PATH: searchPath, LC_ALL: 'C' }, maxBuffer: 1 << 26 });

/** In a process's network. */
export const saidThere = (pid: number, ...command: string[]) =>
  said('nsenter', `--net=/proc/${pid}/ns/net`, '--', ...command);

export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 180_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await setTimeout(20);
  }
}

export const flat = (mount: MountView): MountView[] => [mount, ...mount.children.flatMap(flat)];
