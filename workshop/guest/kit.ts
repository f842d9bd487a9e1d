// What the guest's tests share: a test that is skipped where there can be no guest, and a look at the machine's processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { home } from '../paths.ts';
import { guestAvailable } from './index.ts';

export type Body = (t: ExecutionContext) => void | Promise<void>;

/** One after the other, because each takes a whole CPU. With a reason the test is skipped, and the title says why. */
export function testUnless(reason: string | null): (title: string, body: Body) => void {
  return (title, body) =>
    reason === null ? test.serial(title, body) : test.skip(`${title} (Skipped: ${reason}.)`, body);
}

const uml = guestAvailable({ kernel: 'uml' });
export const whyNot = uml.available ? null : uml.reason;
export const here = testUnless(whyNot);

export const boxwright = [`${home}/workshop/boxwright.mjs`, 'guest'];

export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(`${realpathSync(tmpdir())}/guest-test-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A folder for temporary files that is this process's, and its children's, alone: what runs left behind is removed by the next run
 * that finds it, and that is not to be another test's.
 */
export function ownTemporaryFolder(): void {
  const folder = mkdtempSync(`${realpathSync(tmpdir())}/guest-own-`);
  // Others must get to what is in it, as in the usual one.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  test.after.always(() => rmSync(folder, { recursive: true, force: true }));
}

/** Starts `boxwright guest ARGS`, waits for the first output, and finds the machine and the folder of the run. */
export async function startAndWait(...args: string[]) {
  const child = spawn(process.execPath, [...boxwright, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const name = readdirSync(tmpdir()).find(entry => entry.startsWith(`boxwright-guest-${child.pid}-`));
  const run = `${tmpdir()}/${name}`;
  const machine = Number(readFileSync(`${run}/machine`, 'utf8').split(' ')[0]);
  if (!(machine > 1)) throw new Error(`no machine is noted in ${run}`);
  return { child, run, machine };
}

/** The processes of a process group, without those that only wait for a parent, not ours, to reap them. */
export function alive(group: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && isIn(group, name))
    .map(Number);
}

function isIn(group: number, pid: string): boolean {
  try {
    const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(pgrp) === group && state !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until it is so, for two minutes at most. */
export async function eventually(condition: () => boolean): Promise<boolean> {
  for (const end = performance.now() + 120_000; performance.now() < end && !condition(); ) await sleep(50);
  return condition();
}
