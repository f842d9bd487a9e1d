// Which file a command's name means, asked of the process that is to become it: it looks with its own root and rights.

import { AT } from './constants.ts';
import type { Process } from './process.ts';

/** The first of these paths that the process may execute; else the first of all, for execve(2) to say what is wrong. */
export async function firstExecutable(box: Process, paths: readonly string[]): Promise<string> {
  const X_OK = 1;
  for (const path of paths) {
    try {
      await box.syscall('faccessat', AT.FDCWD, path, X_OK);
      return path;
    } catch {
      // Not there, or not a program.
    }
  }
  return paths[0] ?? '';
}
