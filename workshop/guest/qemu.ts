// How QEMU is started: slower than User-Mode Linux, but with everything that Debian's kernel can do, on any architecture.
import { accessSync, constants } from 'node:fs';
import { findProgram } from './find.ts';
import type { Machine, MachineOptions } from './machine.ts';

/** The path of the emulator for this machine's own architecture, or null. */
export function findQemu(): string | null {
  return findProgram(process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64');
}

/** The Debian package that has it. */
export function qemuPackage(): string {
  return process.arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86';
}

/** Whether the host lets us try its hardware virtualisation. That it then works is not said. */
export function hasKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The wire is a virtio port on descriptor 3. The host's files come over 9p, and QEMU itself refuses to write them. */
export function qemuMachine({ files, memory, shares }: MachineOptions, kvm: boolean): Machine {
  const arm = process.arch === 'arm64';
  return {
    program: findQemu() ?? '',
    args: [
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
      // Emulated, the CPUs take turns in one thread: side by side, what Node's compiler writes for one now and then crashes on the other.
      ...['-machine', arm ? 'virt' : 'q35', '-accel', kvm ? 'kvm' : 'tcg,thread=single'],
      ...['-cpu', kvm ? 'host' : 'max', '-smp', '2', '-m', `${memory}M`],
      ...['-kernel', files.kernel, '-initrd', files.initramfs],
      ...['-append', `console=${arm ? 'ttyAMA0' : 'ttyS0'} quiet panic=-1 wire=/dev/vport0p1 lower=9p`],
      ...['-chardev', 'stdio,id=log,signal=off', '-serial', 'chardev:log'],
      ...['-device', 'virtio-serial-pci', '-chardev', 'socket,id=wire,fd=3'],
      ...['-device', 'virtserialport,chardev=wire,nr=1'],
      ...['/', ...shares].flatMap((path, index) => lend(path, `host${index}`, index === 0)),
    ],
    env: {},
    bootSeconds: kvm ? 10 : 180,
  };
}

function lend(path: string, tag: string, readOnly: boolean): string[] {
  const escaped = path.replaceAll(',', ',,');
  return [
    '-fsdev',
    `local,id=${tag},path=${escaped},security_model=none,multidevs=remap,readonly=${readOnly ? 'on' : 'off'}`,
    '-device',
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ];
}
