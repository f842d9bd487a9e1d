// Temporary folders that say who made them, so that the next run can remove what a killed one left behind.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';

/**
 * Makes a folder `PARENT/PREFIX-PID-START-NAMESPACE-XXXXXX`. The start time tells a later process with the same number
 * apart, and the namespace keeps a sandbox, where pids mean something else, from judging ours.
 */
export function makeOwned(parent: string, prefix: string): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(`${parent}/${prefix}-${process.pid}-${startOf(process.pid)}-${namespace()}-`);
}

/** Removes those folders of `prefix` in `parent` whose maker is dead, each after `before` has seen it. */
export function sweepOwned(parent: string, prefix: string, before: (folder: string) => void = () => {}): void {
  for (const name of list(parent)) {
    if (!name.startsWith(`${prefix}-`)) continue;
    const [pid, start, space] = name.slice(prefix.length + 1).split('-');
    if (space !== namespace() || startOf(Number(pid)) === start || !isMine(`${parent}/${name}`)) continue;
    before(`${parent}/${name}`);
    removeOwned(`${parent}/${name}`);
  }
}

/** In a folder that all may write to, another user could lay out names and notes to have us kill or remove something. */
function isMine(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

export function removeOwned(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {}
}

/** When a process started, in clock ticks since boot (proc_pid_stat(5), field 22), or null when there is none. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function namespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
