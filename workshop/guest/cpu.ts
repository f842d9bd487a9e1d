// Keeps a User-Mode Linux on one CPU. It has but one itself, and it and its processes take turns at every system call:
// woken across CPUs of a virtual machine that made Node's start in a guest three times slower (0.85 s, against 0.29 s).
import { readFileSync } from 'node:fs';
import { findProgram } from './find.ts';
import type { Machine } from './machine.ts';

/** The machine, bound to that of our CPUs which the fewest of `taken` have. */
export function pinned(machine: Machine, taken: number[]): Machine {
  const taskset = findProgram('taskset');
  if (!taskset) return machine;
  const cpu = leastTaken(allowedCpus(readFileSync('/proc/self/status', 'utf8')), taken);
  return { ...machine, cpu, program: taskset, args: ['-c', String(cpu), machine.program, ...machine.args] };
}

/** From `Cpus_allowed_list` in proc_pid_status(5): `0-3,8` and the like. */
export function allowedCpus(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The CPU that occurs least often in `taken`; among equals any, so that guests that start together spread. */
export function leastTaken(cpus: number[], taken: number[]): number {
  const load = (cpu: number): number => taken.filter(other => other === cpu).length;
  const least = Math.min(...cpus.map(load));
  const free = cpus.filter(cpu => load(cpu) === least);
  return free[Math.floor(Math.random() * free.length)] ?? 0;
}
