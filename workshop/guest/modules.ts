// Which modules must be loaded before which: read from `modules.dep`, which busybox writes where the package has none.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/** Writes `modules.dep` and its kin for the one kernel in `ROOT/lib/modules`, unless the package brought them. */
export async function indexModules(root: string, busybox: string): Promise<void> {
  const release = readdirSync(`${root}/lib/modules`)[0] ?? '';
  if (existsSync(`${root}/lib/modules/${release}/modules.dep`)) return;
  await promisify(execFile)(busybox, ['depmod', '-b', root, release]);
}

/**
 * The files of the modules of these names and of all that they need, each after its needs. A name without a file is
 * built into the kernel.
 */
export function withDependencies(folder: string, names: string[]): string[] {
  const needs = new Map<string, string[]>();
  for (const line of readFileSync(`${folder}/modules.dep`, 'utf8').split('\n')) {
    const [path, list] = line.split(':');
    if (path && list !== undefined) needs.set(path, list.trim().split(/\s+/).filter(Boolean));
  }

  const ordered = new Set<string>();
  const visit = (path: string): void => {
    for (const need of needs.get(path) ?? []) visit(need);
    ordered.add(path);
  };
  for (const name of names) {
    const path = [...needs.keys()].find(key => basename(key).replace(/\.ko(\..*)?$/, '') === name);
    if (path) visit(path);
  }
  return [...ordered].map(path => `${folder}/${path}`);
}
