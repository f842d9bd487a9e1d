// A command of ours in a guest, on this terminal: `run` and `shell` of a lesson that this machine cannot run.
import { spawn } from 'node:child_process';
import { home } from '../paths.ts';
import type { Place } from './place.ts';

/** `boxwright ARGS` there, to its end; its status. Says where it runs, on standard error. */
export async function runThere({ kernel, text }: Place, args: string[]): Promise<number> {
  console.error(`(${text})`);
  const { stdin, stdout } = process;
  // A guest knows no terminal. The sandbox in it makes one, of this size; ours passes on every key as it is.
  const terminal = stdin.isTTY && stdout.isTTY;
  const size = terminal ? ['--env', `BOXWRIGHT_TERMINAL=${stdout.rows}x${stdout.columns}`] : [];
  const ours = [process.execPath, `${home}/workshop/boxwright.mjs`] as const;
  const guest = [ours[1], 'guest', '--kernel', kernel, '--cwd', home, ...size, '--', ...ours, ...args];
  const child = spawn(ours[0], guest, { stdio: [terminal ? 'pipe' : 'inherit', 'inherit', 'inherit'] });

  const restore = () => void (terminal && stdin.setRawMode(false));
  process.on('exit', restore);
  // They reach the guest too, which is in our process group, and whose end is ours.
  const ignore = () => {};
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, signal === 'SIGINT' ? ignore : () => child.kill(signal));
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
    for (const signal of signals) process.removeAllListeners(signal);
    stdin.pause();
  }
}
