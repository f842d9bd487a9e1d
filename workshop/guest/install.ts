// Installs QEMU: the one part of the guest that is too large to unpack beside the system, and so needs root.
import { spawnSync } from 'node:child_process';
import { UserError } from '../errors.ts';
import type { Progress } from './packages.ts';
import { findQemu, qemuPackage } from './qemu.ts';

/** Does nothing where QEMU is there. Uses sudo where we are not root, and without a terminal only if it asks nothing. */
export function installQemu(progress: Progress): void {
  if (findQemu()) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', qemuPackage()];
  const sudo = process.getuid?.() === 0 ? [] : process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
  const run = (command: string[]): boolean => {
    const [program = '', ...args] = [...sudo, ...command];
    progress(`running ${[program, ...args].join(' ')}`);
    // What apt says is progress, and stdout may be read by a program.
    const stdio: ('inherit' | 2)[] = ['inherit', 2, 2];
    return spawnSync(program, args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  };
  if (run(install) || (run(['apt-get', 'update']) && run(install))) return;
  throw new UserError(
    'QEMU could not be installed',
    `see what apt-get said above, or run \`${install.join(' ')}\` as root`,
  );
}
