// Looks for programs as a shell does, and in the system's folders besides: an ordinary user's PATH may lack them.
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';

/** The path of the first executable file called `name`, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders.map(folder => `${folder}/${name}`).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
