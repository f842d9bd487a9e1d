// In place of the sandbox, for tests of the commands: the command itself, as it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Lesson } from '../lessons.ts';

export async function runInSandbox(_: Lesson, [program = 'sh', ...args]: string[]): Promise<number> {
  const [status, signal] = await once(spawn(program, args, { stdio: 'inherit' }), 'exit');
  return status ?? 128 + constants.signals[signal as NodeJS.Signals];
}

export const openShell = (lesson: Lesson) => runInSandbox(lesson, ['sh']);
