// Ends virtual machines, this run's and those whose owner was killed, by the numbers that were noted at their start.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { startOf, sweepOwned } from './owned.ts';

/** Of the temporary folders, one a run. Short, because a socket's path in it may have 107 bytes at most. */
export const runPrefix = 'boxwright-guest';

/** Notes in the run's folder which process leads the machine's process group, and the CPU that it is bound to. */
export function noteMachine(folder: string, pid: number, cpu?: number): void {
  writeFileSync(`${folder}/machine`, `${pid} ${startOf(pid)} ${cpu ?? ''}`);
}

/** The CPUs that the machines running now are bound to. */
export function takenCpus(): number[] {
  const folders = readdirSync(tmpdir()).filter(name => name.startsWith(`${runPrefix}-`));
  const cpus = folders.map(name => note(`${tmpdir()}/${name}`).split(' ')[2]);
  return cpus.filter(Boolean).map(Number);
}

/** Kills a machine, all its processes at once, and waits until it is gone. */
export async function endMachine(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  killGroup(child.pid);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

export function killGroup(leader: number): void {
  // To kill(2), -1 is every process there is, and 0 our own group.
  if (!(leader > 1)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {}
}

/** Ends and removes what runs left behind whose own process is dead. */
export function sweepMachines(): void {
  sweepOwned(tmpdir(), runPrefix, folder => {
    const [pid, start] = note(folder).split(' ');
    if (start && startOf(Number(pid)) === start) killGroup(Number(pid));
  });
}

function note(folder: string): string {
  try {
    return readFileSync(`${folder}/machine`, 'utf8');
  } catch {
    return '';
  }
}
