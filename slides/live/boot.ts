// One boot of the live kernel from nothing, in v86 in Node, up to the prompt of its shell.
import { readFileSync } from 'node:fs';
import { UserError } from '../../workshop/errors.ts';
import { liveInitramfs } from './initramfs.ts';
import { startMachine } from './machine.ts';

/** Of the kernel: bootparam(7), and the kernel's Documentation/admin-guide/kernel-parameters.txt. */
export const cmdline = [
  'console=ttyS0 quiet loglevel=1',
  // Freed memory is zeroed: what is nothing compresses to nothing.
  'init_on_free=1',
  // What would take time or space and is not shown.
  'mitigations=off audit=0 apparmor=0 nowatchdog',
  'tsc=reliable random.trust_cpu=on cgroup_no_v1=all',
].join(' ');

/** milliseconds: eight times what it takes on a quiet machine of two CPUs. */
const limit = 240_000;

/** The machine's state, uncompressed. `parts` is the folder that packages.ts makes. */
export async function boot(parts: string, signal?: AbortSignal): Promise<Uint8Array> {
  const image = (bytes: Uint8Array) => ({ buffer: Uint8Array.from(bytes).buffer });
  const file = (name: string) => image(readFileSync(`${parts}/${name}`));
  const patience = AbortSignal.timeout(limit);
  const machine = await startMachine(
    {
      bios: file('bios.bin'),
      vga_bios: file('vgabios.bin'),
      bzimage: file('bzimage'),
      initrd: image(liveInitramfs(parts)),
      cmdline,
    },
    AbortSignal.any([patience, ...(signal ? [signal] : [])]),
  );
  try {
    await machine.prompt();
    return await machine.save();
  } catch (error) {
    if (!patience.aborted) throw error;
    const last = machine.log().trim().split('\n').slice(-3).join(' / ');
    throw new UserError(
      `the live kernel did not come to its prompt in four minutes: ${last}`,
      'try again on a machine that is less busy: node slides/live/build.ts --fresh',
    );
  } finally {
    await machine.end();
  }
}
