// The same x-ray again every second, on a screen of its own, until q, Ctrl-C or the end of the process.
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { readKeys } from '../../watch/keys.ts';
import { untilSignal } from '../../watch/signals.ts';
import type { Xray } from '../types.ts';
import { showXray } from './show.ts';

/** xterm's other screen, and back; the cursor's place; the rest of a line, and of the screen. */
const [enter, leave, home, restOfLine, rest] = [
  '\x1b[?1049h\x1b[?25l',
  '\x1b[?25h\x1b[?1049l',
  '\x1b[H',
  '\x1b[K',
  '\x1b[J',
];

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function watch(look: () => Promise<Xray>): Promise<number> {
  if (!process.stdout.isTTY) throw new UserError('--watch needs a terminal', 'elsewhere, take --json now and then', 2);
  const first = await look();
  const ended = untilSignal();
  const keys = readKeys(key => (key === 'q' ? ended.resolve(0) : key === 'ctrl-c' && ended.resolve(130)));
  process.stdout.write(enter);
  try {
    for (let view = first; ; view = await look()) {
      const lines = showXray(view)
        .split('\n')
        .slice(0, (process.stdout.rows || 24) - 1);
      process.stdout.write(`${home}${lines.map(line => line + restOfLine).join('\n')}${rest}`);
      const status = await Promise.race([setTimeout(1000, null), ended.status]);
      if (status !== null) return status;
    }
  } finally {
    keys?.suspend();
    process.stdout.write(leave);
  }
}
