// Opens a link in the browser of whoever sits at this machine, if somebody does.
import { spawn } from 'node:child_process';
import { findProgram } from '../doctor/facts.ts';

/** Whether something was started; not whether a window came up. */
export function browse(url: string, env = process.env): boolean {
  const program = env.WSL_DISTRO_NAME
    ? findProgram('wslview')
    : env.DISPLAY || env.WAYLAND_DISPLAY
      ? findProgram('xdg-open')
      : undefined;
  if (!program) return false;
  const child = spawn(program, [url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
  return true;
}
