// What it may do: capabilities, no_new_privs, system call filters, the security module's label. capabilities(7), seccomp(2)
import { readFileSync } from 'node:fs';
import { CAP, readStatus } from '#linux';
import type { PrivilegesView } from '../types.ts';
import type { Reading } from './reading.ts';

const names = new Map(Object.entries(CAP).map(([name, bit]) => [bit, name.toLowerCase()]));
const modes = ['none', 'strict', 'filter'] as const;

export function readPrivileges({ pid, attempt }: Reading): PrivilegesView {
  const { capabilities, noNewPrivs, seccomp, fields } = readStatus(pid);
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const filters = fields.Seccomp_filters;
  return {
    capabilities: {
      effective: namesOf(capabilities.effective),
      permitted: namesOf(capabilities.permitted),
      inheritable: namesOf(capabilities.inheritable),
      bounding: namesOf(capabilities.bounding),
      ambient: namesOf(capabilities.ambient),
    },
    outOf: last + 1,
    noNewPrivileges: noNewPrivs,
    seccomp: { mode: modes[seccomp] ?? 'filter', filters: filters === undefined ? null : Number(filters) },
    label: attempt('the security module’s label', () => readLabel(pid)),
  };
}

/** One that is newer than our headers goes by its number. */
function namesOf(set: bigint): string[] {
  const bits = Array.from({ length: 64 }, (_, bit) => bit).filter(bit => (set >> BigInt(bit)) & 1n);
  return bits.map(bit => names.get(bit) ?? String(bit));
}

/** Null where no module gives labels: then there is no such file, or the kernel says EINVAL. proc_pid_attr(5) */
function readLabel(pid: number): string | null {
  for (const file of ['attr/apparmor/current', 'attr/current']) {
    try {
      const label = readFileSync(`/proc/${pid}/${file}`, 'utf8').replace(/[\0\n]+$/, '');
      if (label) return label;
    } catch (error) {
      if (!['ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return null;
}
