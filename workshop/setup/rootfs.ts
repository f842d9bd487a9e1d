// The base root file system: the smallest tree that feels like a machine. One static program, busybox, under the name of
// each of its commands, the few files in /etc that programs ask for, and empty folders to mount on. Same busybox, same
// tree, to the second: lessons hash it, and images made of it have the same digest everywhere.
import {
  chmodSync,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { $ } from './shell.ts';

const folders: Record<string, number> = {
  ...{ bin: 0o755, dev: 0o755, etc: 0o755, home: 0o755, mnt: 0o755, proc: 0o755, root: 0o755, run: 0o755, sbin: 0o755 },
  ...{ sys: 0o755, tmp: 0o1777, usr: 0o755, 'usr/bin': 0o755, 'usr/sbin': 0o755 },
  ...{ var: 0o755, 'var/lib': 0o755, 'var/log': 0o755, 'var/tmp': 0o1777 },
};

const files: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/hostname': 'box\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'etc/resolv.conf': '# Empty: this tree belongs to no network yet.\n',
  'etc/os-release': 'NAME=Boxwright\nID=boxwright\nPRETTY_NAME="Boxwright base"\nHOME_URL=https://busybox.net/\n',
  'etc/profile': "export PATH=/bin:/sbin:/usr/bin:/usr/sbin\nexport PS1='\\w # '\n",
};

/** Every time in the tree. Any moment would do, if it is the same one on every machine. */
const when = new Date('2026-01-01T00:00:00Z');

/** Makes the tree at `target`: built beside it, then renamed, so that nobody sees half of it. Owned by whoever runs. */
export async function makeRootfs(target: string, busybox: string): Promise<void> {
  const made = `${target}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  chmodSync(made, 0o755);

  for (const [path, mode] of Object.entries(folders)) {
    mkdirSync(join(made, path));
    chmodSync(join(made, path), mode); // mkdir's own mode is subject to the umask
  }
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(made, path), text);
    chmodSync(join(made, path), 0o644);
  }
  copyFileSync(busybox, join(made, 'bin/busybox'));
  chmodSync(join(made, 'bin/busybox'), 0o755);
  for (const path of await applets(busybox)) symlinkSync(relative(dirname(path), 'bin/busybox'), join(made, path));

  setTimes(made);
  swapIn(made, target);
}

/** Where each of busybox's commands belongs: `bin/sh`, `usr/bin/wc`. (`linuxrc`, for initial RAM disks, does not.) */
async function applets(busybox: string): Promise<string[]> {
  const listed = (await $`${busybox} --list-full`).lines();
  return listed.filter(path => dirname(path) in folders && path !== 'bin/busybox');
}

/** Children first: making an entry in a folder sets the folder's time. */
function setTimes(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) setTimes(join(path, entry.name));
    else lutimesSync(join(path, entry.name), when, when);
  }
  lutimesSync(path, when, when);
}

function swapIn(made: string, target: string): void {
  const old = `${target}.old`;
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(target, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  renameSync(made, target);
  rmSync(old, { recursive: true, force: true });
}
