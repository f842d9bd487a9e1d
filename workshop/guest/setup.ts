// Fetches and makes what a guest boots from, once, into `.cache/guest/`: as an ordinary user too, and whole or not at all.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cache } from '../paths.ts';
import type { Kernel } from './features.ts';
import { makeInitramfs } from './initramfs.ts';
import { indexModules, withDependencies } from './modules.ts';
import { removeOwned } from './owned.ts';
import { dependencyOf, type Progress, unpackPackage } from './packages.ts';
import { extractVmlinux } from './vmlinux.ts';
import { workFolder } from './work-folder.ts';

const folder = `${cache}/guest`;

/** What a guest boots from. */
export interface GuestFiles {
  kernel: string;
  initramfs: string;
  /** The folder of the kernel's modules, and the kernel's release, which is that folder's name. */
  modules: string;
  release: string;
}

/** True once `setUp` has done its long part. */
export function isSetUp(kernel: Kernel): boolean {
  return existsSync(`${folder}/${kernel}`);
}

/**
 * Makes sure that a kernel's files are there. The first call fetches 40 MB for User-Mode Linux and 70 MB for QEMU; later
 * ones take a few milliseconds. Two at once do no harm: the first to finish wins.
 */
export async function setUp(kernel: Kernel, progress: Progress): Promise<GuestFiles> {
  const made = `${folder}/${kernel}`;
  if (!existsSync(made)) await make(kernel, made, progress);

  const release = readdirSync(`${made}/lib/modules`)[0];
  if (!release) throw new Error(`${made} has no modules`);
  const modules = `${made}/lib/modules/${release}`;
  const first = kernel === 'uml' ? ['overlay'] : ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay'];
  const initramfs = await makeInitramfs(
    { folder: made, modules: withDependencies(modules, first), busybox: `${made}/busybox` },
    progress,
  );
  return { kernel: `${made}/linux`, initramfs, modules, release };
}

async function make(kernel: Kernel, made: string, progress: Progress): Promise<void> {
  const work = workFolder(folder);
  try {
    mkdirSync(`${work}/made`);
    await unpackPackage('busybox-static', `${work}/busybox`, work, progress);
    renameSync(`${work}/busybox/bin/busybox`, `${work}/made/busybox`);
    await (kernel === 'uml' ? makeUml : makeQemu)(work, progress);
    await indexModules(`${work}/made`, `${work}/made/busybox`);
    renameSync(`${work}/made`, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
  } finally {
    removeOwned(work);
  }
}

async function makeUml(work: string, progress: Progress): Promise<void> {
  await unpackPackage('user-mode-linux', `${work}/uml`, work, progress);
  renameSync(`${work}/uml/usr/bin/linux.uml`, `${work}/made/linux`);
  mkdirSync(`${work}/made/lib`);
  renameSync(`${work}/uml/usr/lib/uml/modules`, `${work}/made/lib/modules`);
}

async function makeQemu(work: string, progress: Progress): Promise<void> {
  const debian = process.arch === 'x64' ? 'amd64' : process.arch;
  const image = await dependencyOf(`linux-image-${debian}`, /linux-image-\d\S*/, work, progress);
  await unpackPackage(image, `${work}/image`, work, progress);
  const boot = readdirSync(`${work}/image/boot`).find(name => name.startsWith('vmlinuz-'));
  if (!boot) throw new Error(`${image} has no kernel`);
  progress('unpacking the kernel');
  writeFileSync(`${work}/made/linux`, extractVmlinux(readFileSync(`${work}/image/boot/${boot}`)));
  mkdirSync(`${work}/made/lib`);
  renameSync(`${work}/image/lib/modules`, `${work}/made/lib/modules`);
}
