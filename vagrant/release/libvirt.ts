// A libvirtd that the machine it runs on does not notice: to be started in mount, network and process namespaces of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
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

const users = {
  '/etc/passwd': 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin\n',
  '/etc/group': 'libvirt-qemu:x:64055:\n',
};

/** Starts it with empty folders for all that it keeps, under `work`; returns when it answers. */
export async function startLibvirt(work: string): Promise<void> {
  for (const place of ['/etc/libvirt', '/run', '/var/lib/libvirt', '/var/cache/libvirt', '/var/log/libvirt']) {
    const own = `${work}/libvirt${place}`;
    mkdirSync(own, { recursive: true });
    if (existsSync(place)) await zx`mount --bind ${own} ${place}`;
  }
  // It wants to know who this is before it reads that QEMU is to be root. libvirt-daemon-system would have added it to the machine.
  for (const [file, line] of Object.entries(users)) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(`${work}/libvirt${file}`, text.includes('\nlibvirt-qemu:') ? text : text + line);
    await zx`mount --bind ${work}/libvirt${file} ${file}`;
  }
  // Without a hierarchy to find, libvirt makes no cgroups.
  await zx`mount -t tmpfs none /sys/fs/cgroup`;
  writeFileSync('/etc/libvirt/qemu.conf', qemu);
  writeFileSync('/etc/libvirt/libvirtd.conf', 'auth_unix_rw = "none"\n');
  await zx`ip link set lo up`;

  const log = `${work}/libvirtd.log`;
  const output = openSync(log, 'w');
  const daemon = spawn('libvirtd', [], { stdio: ['ignore', output, output] });
  for (let tries = 0; !existsSync('/run/libvirt/libvirt-sock'); tries++) {
    const ended = daemon.exitCode ?? daemon.signalCode;
    // The log goes with the folder.
    if (ended !== null || tries > 1200)
      throw new Error(
        `libvirtd ${ended === null ? 'opens no socket' : `ended with ${ended}`}: ${readFileSync(log, 'utf8')}`,
      );
    await sleep(100);
  }
  await zx`virsh --connect qemu:///system version`;
}
