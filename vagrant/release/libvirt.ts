// A libvirtd that the machine it runs on does not notice: to be started in mount, network and process namespaces of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { zx } from './zx.ts';

/** No user, cgroup, label or namespace for QEMU: all of that would be this machine's, and the guest is ours. */
const qemu = `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
`;

/** Starts it with empty folders for all that it keeps, under `work`; returns when it answers. */
export async function startLibvirt(work: string): Promise<void> {
  for (const place of ['/etc/libvirt', '/run', '/var/lib/libvirt', '/var/cache/libvirt', '/var/log/libvirt']) {
    const own = `${work}/libvirt${place}`;
    mkdirSync(own, { recursive: true });
    if (existsSync(place)) await zx`mount --bind ${own} ${place}`;
  }
  // Without a hierarchy to find, libvirt makes no cgroups.
  await zx`mount -t tmpfs none /sys/fs/cgroup`;
  writeFileSync('/etc/libvirt/qemu.conf', qemu);
  writeFileSync('/etc/libvirt/libvirtd.conf', 'auth_unix_rw = "none"\n');
  await zx`ip link set lo up`;

  const log = openSync(`${work}/libvirtd.log`, 'w');
  const daemon = spawn('libvirtd', [], { stdio: ['ignore', log, log] });
  for (let tries = 0; !existsSync('/run/libvirt/libvirt-sock'); tries++) {
    if (daemon.exitCode !== null || tries > 300) throw new Error(`libvirtd did not start: see ${work}/libvirtd.log`);
    await sleep(100);
  }
  await zx`virsh --connect qemu:///system version`;
}
