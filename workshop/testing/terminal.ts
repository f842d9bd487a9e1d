// A command of the workshop on a terminal of its own, which script(1) makes: 80 columns, 24 rows, and keys for stdin.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters as plain } from 'node:util';
import type { Tree } from './tree.ts';

/**
 * After the command's end its status is printed, and the terminal's settings. The terminal's Ctrl-C is the shell's too, and not every shell
 * would go on after it without the trap.
 */
export function onTerminal(tree: Tree, command: string) {
  const line = `trap : INT; stty cols 80 rows 24; '${process.execPath}' workshop/boxwright.mjs ${command}; echo "status $?"; stty -a`;
  const nobody = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined, WSL_DISTRO_NAME: undefined };
  const env = { ...process.env, ...nobody, NO_COLOR: '1', FORCE_COLOR: undefined, PAGER: 'cat' };
  const child = spawn('script', ['-qc', line, '/dev/null'], {
    cwd: tree.path,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    press: (key: string) => child.stdin.write(key),
    text: reader(child),
    end: () => child.kill('SIGHUP'),
  };
}

/** The settings of a terminal that nobody has left in raw mode. */
export const cooked = String.raw`[\s\S]*\sisig icanon iexten echo\s`;

/** Waits until what was written, since the last time, matches. */
export function reader(child: ChildProcess) {
  let text = '';
  child.stdout?.on('data', data => {
    text += plain(String(data)).replaceAll('\r', '');
  });
  return async (pattern: RegExp) => {
    const patience = AbortSignal.timeout(120_000);
    for (;;) {
      const found = pattern.exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return found[0];
      }
      if (patience.aborted) throw new Error(`${pattern} did not come; ${JSON.stringify(text)} did`);
      await setTimeout(10);
    }
  };
}
