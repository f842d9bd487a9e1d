// Who runs a machine for code that means harm: nobody. A hole in User-Mode Linux, or in the emulator, leads to whoever runs it; as root
// we can have it run by a user who owns nothing, has no capability, and stands in a network namespace without a network.
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { home } from '../paths.ts';
import { findProgram } from './find.ts';
import type { Machine } from './machine.ts';
import type { GuestFiles } from './setup.ts';

/**
 * A user's number that nobody has, another one each time: two such machines cannot signal each other. Null where we are not root,
 * where util-linux is missing, or where others may not read the workshop's folder, or come to the run's own, as such a machine has to.
 */
export function strangerFor(
  files: Pick<GuestFiles, 'kernel' | 'initramfs' | 'modules'>,
  folder: string,
): number | null {
  if (process.getuid?.() !== 0 || !findProgram('setpriv') || !findProgram('unshare')) return null;
  if (!foldersTo(dirname(folder)).every(isPassedByOthers)) return null;
  const needed = [
    `${home}/package.json`,
    process.execPath,
    files.kernel,
    files.initramfs,
    `${files.modules}/modules.dep`,
  ];
  if (!needed.every(isOpenToOthers)) return null;
  return 0x6000_0000 + Math.floor(Math.random() * 0x1000_0000);
}

/** A folder in the run's own for what the machine itself writes; what we note of the run stays out of its reach. */
export function placeFor(user: number, folder: string): string {
  const place = `${folder}/own`;
  mkdirSync(place, { mode: 0o700 });
  chownSync(place, user, user);
  chmodSync(folder, 0o711);
  return place;
}

/** setpriv(1), unshare(1): each becomes the next, so that the process we started is the machine. */
export function runBy(user: number, machine: Machine): Machine {
  const drop = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--bounding-set=-all', '--no-new-privs'];
  const program = findProgram('unshare') ?? 'unshare';
  const args = [
    '--net',
    '--ipc',
    '--',
    findProgram('setpriv') ?? 'setpriv',
    ...drop,
    '--',
    machine.program,
    ...machine.args,
  ];
  return { ...machine, program, args };
}

const isOpenToOthers = (path: string) =>
  (statSync(path).mode & 0o4) !== 0 && foldersTo(dirname(path)).every(isPassedByOthers);

const isPassedByOthers = (folder: string) => (statSync(folder).mode & 0o1) !== 0;

const foldersTo = (path: string): string[] => (path === '/' ? ['/'] : [path, ...foldersTo(dirname(path))]);
