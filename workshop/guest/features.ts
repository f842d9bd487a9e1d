// Which kernel a guest gets: User-Mode Linux, which is quick and needs nothing, or QEMU, which lacks nothing.
import { UserError } from '../errors.ts';

export type Kernel = 'uml' | 'qemu';

/** What a command may need, and the kernels that have it. Measured on Debian's packages of Linux 6.1. */
export const features: Record<string, { kernels: Kernel[]; what: string }> = {
  cgroup2: { kernels: ['uml', 'qemu'], what: 'cgroup version 2 with cpu, io, memory and pids' },
  overlay: { kernels: ['uml', 'qemu'], what: 'overlayfs' },
  veth: { kernels: ['uml', 'qemu'], what: 'veth pairs and bridges' },
  iptables: { kernels: ['uml', 'qemu'], what: 'iptables-legacy with NAT' },
  seccomp: { kernels: ['uml', 'qemu'], what: 'seccomp filters' },
  userns: { kernels: ['uml', 'qemu'], what: 'user namespaces' },
  cpuset: { kernels: ['qemu'], what: 'the cpuset controller' },
  psi: { kernels: ['qemu'], what: 'pressure files (PSI)' },
  'time-namespace': { kernels: ['qemu'], what: 'time namespaces' },
  nftables: { kernels: ['qemu'], what: 'nftables for IPv4' },
  landlock: { kernels: ['qemu'], what: 'the Landlock security module' },
  smp: { kernels: ['qemu'], what: 'a second CPU' },
};

/** The kernel for a command with these needs. User-Mode Linux exists for x86-64 only. */
export function chooseKernel(wanted: Kernel | undefined, needs: string[], arch: string = process.arch): Kernel {
  for (const need of needs) {
    if (!features[need]) {
      throw new UserError(`unknown need '${need}'`, `name one of ${Object.keys(features).join(', ')}`, 2);
    }
  }
  const lacking = needs.find(need => !features[need]?.kernels.includes('uml'));
  if (wanted === 'uml' && lacking) {
    throw new UserError(`User-Mode Linux has no ${lacking}`, 'leave out --kernel, or say --kernel qemu', 2);
  }
  if (wanted === 'uml' && arch !== 'x64') {
    throw new UserError(`User-Mode Linux does not run on ${arch}`, 'leave out --kernel, or say --kernel qemu', 2);
  }
  return wanted ?? (lacking || arch !== 'x64' ? 'qemu' : 'uml');
}
