// The committed numbers against the headers of this machine. Newer headers may know more names; none may change.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { notHere, unless } from '../linux/kit.ts';
import { constants, generated } from './constants.ts';

const missing = (program: string) => spawnSync(program, ['--version']).error && `${program} is not installed`;

/** Sums of other names, which grow with a newer kernel's. */
const sums = /_MASK$/;

for (const [arch, compiler, ...run] of [
  [process.arch, 'cc'],
  ['arm64', 'aarch64-linux-gnu-gcc', 'qemu-aarch64-static'],
] as const) {
  const absent = notHere || [compiler, ...run].map(missing).find(Boolean) || false;
  const native = run.length === 0 ? "this machine's own" : `made by ${compiler}`;

  unless(absent)(`Every committed constant of ${arch} has the value that the headers give it, ${native}.`, t => {
    const committed = JSON.parse(readFileSync(generated(arch), 'utf8'));
    const made = JSON.parse(constants(compiler, [...run]));
    let compared = 0;
    for (const [group, names] of Object.entries<Record<string, unknown>>(committed)) {
      for (const [name, value] of Object.entries(names)) {
        if (sums.test(name)) continue;
        t.is(made[group]?.[name], value, `${group} ${name}`);
        compared++;
      }
    }
    t.true(compared > 1000, `${compared}`);
  });
}
