// The first files of the live kernel: busybox, a few modules, and guest/, as a cpio archive.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CpioEntry, cpio } from '../../workshop/guest/cpio.ts';

const guest = fileURLToPath(new URL('./guest', import.meta.url));

/** `parts` is the folder that packages.ts makes. */
export function liveInitramfs(parts: string): Buffer {
  const folder = (path: string): CpioEntry => ({ path, mode: 0o040755 });
  const file = (path: string, from: string, mode = 0o100644): CpioEntry => ({ path, mode, data: readFileSync(from) });
  const etc = readdirSync(guest).filter(name => name !== 'init');
  return cpio([
    folder('dev'),
    { path: 'dev/console', mode: 0o020600, device: [5, 1] },
    folder('bin'),
    file('bin/busybox', `${parts}/busybox`, 0o100755),
    file('init', `${guest}/init`, 0o100755),
    folder('etc'),
    ...etc.map(name => file(`etc/${name}`, `${guest}/${name}`)),
    folder('modules'),
    ...readdirSync(`${parts}/modules`).map(name => file(`modules/${name}`, `${parts}/modules/${name}`)),
    folder('new'),
  ]);
}
