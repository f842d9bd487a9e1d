// A throw-away Linux machine for one command: what the rest of the workshop uses of it.
import { UserError } from '../errors.ts';
import { chooseKernel, type Kernel } from './features.ts';
import { findProgram } from './find.ts';
import type { GuestOptions } from './options.ts';
import { findQemu, qemuPackage } from './qemu.ts';
import { isSetUp } from './setup.ts';

export { BootFailure, GuestStopped } from './failures.ts';
export { features, type Kernel } from './features.ts';
export type { GuestOptions } from './options.ts';
export { type GuestResult, prepare, runInGuest } from './run.ts';

export type Availability =
  /** `ready` is false where the first run will have to fetch packages. */
  { available: true; kernel: Kernel; ready: boolean } | { available: false; reason: string; next: string };

/** Whether this machine has, or can get without root, what a guest with these options boots from. Starts nothing. */
export function guestAvailable(options: Pick<GuestOptions, 'kernel' | 'needs'> = {}): Availability {
  if (process.platform !== 'linux') {
    return { available: false, reason: 'a guest runs on Linux only', next: 'use the Vagrant machine (vagrant/)' };
  }
  let kernel: Kernel;
  try {
    kernel = chooseKernel(options.kernel, options.needs ?? []);
  } catch (error) {
    if (error instanceof UserError) return { available: false, reason: error.message, next: error.next };
    throw error;
  }
  if (kernel === 'qemu' && !findQemu()) {
    const next = `\`apt-get install --no-install-recommends ${qemuPackage()}\``;
    return { available: false, reason: 'QEMU is not installed', next };
  }
  if (isSetUp(kernel)) return { available: true, kernel, ready: true };

  const missing = ['apt-get', 'dpkg-deb', 'cc'].find(program => !findProgram(program));
  if (!missing) return { available: true, kernel, ready: false };
  return {
    available: false,
    reason: `the guest is not set up, and there is no ${missing} to do it with`,
    next:
      missing === 'cc' ? '`apt-get install gcc libc6-dev`' : 'use Debian or Ubuntu, or the Vagrant machine (vagrant/)',
  };
}
