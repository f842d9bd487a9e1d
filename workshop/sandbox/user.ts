// An ordinary user of the sandbox's host: for what a container must be able to do without privilege.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Process, StartOptions } from '#linux';
import { home } from '../paths.ts';
import { limitProcesses } from './limits.ts';
import type { Sandbox } from './sandbox.ts';

/** Who that is: the owner of the workshop's folder, whom nothing there is hidden from; 1000 when that is root or nobody. */
export function ordinaryUser(sandbox: Sandbox): number {
  const uid = statSync(sandbox.path(home)).uid - sandbox.base;
  return uid > 0 && uid < 65_534 ? uid : 1000;
}

/** A process of this user in these groups, without any capability. Only where there is more than one user. */
export async function joinAsUser(
  sandbox: Sandbox,
  [uid, gid, ...groups]: [number, number, ...number[]],
  options: Pick<StartOptions, 'stdio' | 'pass'>,
): Promise<Process> {
  const box = await sandbox.join(options);
  try {
    await limitProcesses(box);
    await openWorkshop(sandbox, box);
    await box.chdir('/');
    await box.syscall('setgroups', groups.length, new Uint8Array(Uint32Array.from(groups).buffer));
    await box.syscall('setresgid', gid, gid, gid);
    await box.syscall('setresuid', uid, uid, uid);
    return box;
  } catch (error) {
    await box.end();
    throw error;
  }
}

/** Often the workshop lies in somebody's home, closed to others. In the copy it may be opened; `box` is a root of it. */
export async function openWorkshop(sandbox: Sandbox, box: Process): Promise<void> {
  for (const folder of [...ancestors(home), ...ancestors(dirname(process.execPath))]) {
    const { mode } = statSync(sandbox.path(folder));
    if ((mode & 0o1) === 0) await box.chmod(folder, (mode & 0o7777) | 0o1);
  }
}

/** '/a/b' → ['/a', '/a/b'] */
function ancestors(path: string): string[] {
  return path === '/' ? [] : [...ancestors(dirname(path)), path];
}
