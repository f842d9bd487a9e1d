// What a run left behind: processes that it started, files where it may write, mounts.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

export interface Before {
  mounts: Set<string>;
}

const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');

export const lookBefore = (): Before => ({ mounts: new Set(mounts()) });

/** `mark` is a variable of the run's environment, which its processes inherit; `folder` its temporary folder. */
export function leftBehind(before: Before, mark: string, folder: string): string[] {
  return [
    ...readdirSync('/proc').flatMap(pid =>
      /^\d+$/.test(pid) && isOf(pid, mark, folder) ? [`process ${pid}: ${nameOf(pid)}`] : [],
    ),
    ...readdirSync(folder).map(name => `file ${name}`),
    ...mounts().flatMap(line => (before.mounts.has(line) || isOfOthers(line, folder) ? [] : [`mount ${line}`])),
  ];
}

/** In a temporary folder that is not the run's: somebody else is at work on this machine. */
function isOfOthers(mount: string, folder: string): boolean {
  const path = mount.split(' ')[4] ?? '';
  return path.startsWith(`${tmpdir()}/`) && !`${path}/`.startsWith(`${folder}/`);
}

/** A machine's process has an environment of its own, and its folder among its arguments. */
function isOf(pid: string, mark: string, folder: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return environment.includes(mark) || nameOf(pid).includes(folder);
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return 'ended meanwhile';
  }
}
