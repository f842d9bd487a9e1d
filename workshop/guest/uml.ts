// How User-Mode Linux is started: a Linux kernel that is an ordinary program, and so needs no root and no KVM.
import { readFileSync, statfsSync } from 'node:fs';
import type { Machine, MachineOptions } from './machine.ts';

/** The wire is the guest's second console, on descriptor 3; the kernel's messages go to our end of its stdout. */
export function umlMachine({ files, memory, folder }: MachineOptions): Machine {
  return {
    program: files.kernel,
    args: [
      `mem=${memory}M`,
      `initrd=${files.initramfs}`,
      'con=null',
      'con0=null,fd:1',
      'con1=fd:3,fd:3',
      'ssl=null',
      'pty.legacy_count=0',
      'initcall_blacklist=raid6_select_algo',
      `uml_dir=${folder}/`,
      'umid=guest',
      'panic=-1',
      'wire=/dev/tty1',
      'lower=hostfs',
    ],
    env: { TMPDIR: memoryFolder(memory, folder) },
    bootSeconds: 60,
  };
}

/**
 * Where the guest's memory goes: a file that is unlinked at once. On a tmpfs it never reaches a disk, but a tmpfs that is
 * too small (64 MB in many containers) would kill the guest in the middle, and one without exec cannot be mapped.
 */
function memoryFolder(memory: number, fallback: string): string {
  return fits('/dev/shm', memory) && allowsExec('/dev/shm') ? '/dev/shm' : fallback;
}

function fits(folder: string, memory: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > memory * 1024 * 1024;
  } catch {
    return false;
  }
}

function allowsExec(folder: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const last = mounts.findLast(line => line.split(' ')[4] === folder);
  return !last?.split(' ')[5]?.split(',').includes('noexec');
}
