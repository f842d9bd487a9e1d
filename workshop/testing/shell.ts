// In place of the sandbox, for tests of the commands: the command itself, as it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Lesson } from '../lessons.ts';

export async function runInSandbox(_: Lesson, [program = 'sh', ...args]: string[]): Promise<number> {
  const [status] = await once(spawn(program, args, { stdio: 'inherit' }), 'exit');
  return status as number;
}

export const openShell = (lesson: Lesson) => runInSandbox(lesson, ['sh']);
