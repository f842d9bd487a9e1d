// A pseudo-terminal in the sandbox, joined to the terminal that we run on.
import { openPty } from './pty.ts';
import type { Sandbox } from './sandbox.ts';

export interface Terminal {
  /** Gives our terminal back as it was. After the last byte from inside has been shown. */
  close(): Promise<void>;
}

/** In a guest: the size of the terminal outside, `24x80`, whose keys arrive one by one on standard input. remote/run.ts */
const distant = () => process.env.BOXWRIGHT_TERMINAL;

/** Whether there is a terminal to join. */
export const hasTerminal = () => (process.stdin.isTTY && process.stdout.isTTY) || distant() !== undefined;

/** Makes a new terminal of the sandbox's the box's standard input, output and error, and shows it on ours. */
export async function attachTerminal(sandbox: Sandbox): Promise<Terminal> {
  const [rows = 24, columns = 80] = (distant() ?? '').split('x').filter(Boolean).map(Number);
  const size = () => ({ rows: process.stdout.rows ?? rows, columns: process.stdout.columns ?? columns });
  const pty = await openPty(sandbox, size());

  pty.output.on('data', data => {
    if (process.stdout.write(data)) return;
    pty.output.pause();
    process.stdout.once('drain', () => pty.output.resume());
  });
  const toInside = (data: Buffer) => {
    pty.write(data);
    if (!pty.output.writableNeedDrain) return;
    process.stdin.pause();
    pty.output.once('drain', () => process.stdin.resume());
  };
  const resize = () => pty.resize(size());
  process.stdin.setRawMode?.(true);
  process.stdin.on('data', toInside).resume();
  process.stdout.on('resize', resize);
  const restore = () => process.stdin.setRawMode?.(false);
  process.on('exit', restore);

  return {
    async close() {
      process.stdin.off('data', toInside).pause();
      process.stdout.off('resize', resize);
      restore();
      process.off('exit', restore);
      await pty.close();
    },
  };
}
