// `run` and `shell`, on this terminal: here, or in a guest for a lesson that this machine cannot run.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';
import { columns, wrap } from '../terminal/text.ts';
import { type Place, placeOf } from './place.ts';

/** A command in the lesson's container, the learner's or the solution's; its status. */
export async function runLesson(lesson: Lesson, command: string[], solution = false): Promise<number> {
  const place = await placeOf(lesson);
  const flags = solution ? ['--solution'] : [];
  if (place) return runThere(place, ['run', ...flags, lesson.number, '--', ...command]);
  const { runInSandbox } = await import('../sandbox/shell.ts');
  const source = solution ? readFileSync(lesson.files.solution, 'utf8') : undefined;
  return runInSandbox(lesson, command, { source, earlier: solution ? 'reference' : 'mine' });
}

/** `boxwright ARGS` there, to its end; its status. Says where it runs, on standard error. */
export async function runThere({ kernel, text }: Place, args: string[]): Promise<number> {
  console.error(wrap(`(${text})`, columns()).join('\n'));
  const { stdin, stdout } = process;
  // A guest knows no terminal. The sandbox in it makes one, of this size; ours passes on every key as it is.
  const terminal = stdin.isTTY && stdout.isTTY;
  const size = terminal ? ['--env', `BOXWRIGHT_TERMINAL=${stdout.rows}x${stdout.columns}`] : [];
  const ours = [process.execPath, `${home}/workshop/boxwright.mjs`] as const;
  const guest = [ours[1], 'guest', '--kernel', kernel, '--cwd', home, ...size, '--', ...ours, ...args];
  const child = spawn(ours[0], guest, { stdio: [terminal ? 'pipe' : 'inherit', 'inherit', 'inherit'] });

  const restore = () => void (terminal && stdin.setRawMode(false));
  process.on('exit', restore);
  // Ctrl-C reaches the guest by itself, which is in our process group; and its end is ours.
  const handlers = { SIGINT: () => {}, SIGTERM: () => child.kill('SIGTERM'), SIGHUP: () => child.kill('SIGHUP') };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  if (terminal && child.stdin) {
    child.stdin.on('error', () => {});
    stdin.setRawMode(true);
    stdin.pipe(child.stdin);
  }
  try {
    return await new Promise(resolve => child.once('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1))));
  } finally {
    restore();
    process.off('exit', restore);
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
    stdin.unpipe().pause();
  }
}
