// What a built state is known by: a digest of all that went in.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cmdline } from './boot.ts';
import { hardware } from './browser/hardware.ts';

/** Of the packages in the folder `parts`, our own files, and v86, whose states fit no other version. */
export function keyOf(parts: string): string {
  const all: (string | Buffer)[] = [JSON.stringify({ cmdline, hardware })];
  const guest = fileURLToPath(new URL('./guest/', import.meta.url));
  const own = ['initramfs.ts', 'machine.ts'].map(name => fileURLToPath(new URL(name, import.meta.url)));
  const v86 = fileURLToPath(new URL('../package.json', import.meta.resolve('v86')));
  const versions = existsSync(parts) ? [`${parts}/versions.json`] : [];
  for (const path of [...readdirSync(guest).map(name => guest + name), ...own, v86, ...versions]) {
    all.push(path.slice(path.lastIndexOf('/')), readFileSync(path));
  }
  return digest(...all);
}

export function digest(...all: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const each of all) hash.update(`${each.length} `).update(each);
  return hash.digest('hex').slice(0, 12);
}
