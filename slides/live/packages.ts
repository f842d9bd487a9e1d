// What the live kernel is made of: files out of Debian's packages for 32-bit PCs, which v86 emulates. build.ts keeps them.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { indexModules, withDependencies } from '../../workshop/guest/modules.ts';
import { dependencyOf, type PackageOptions, type Progress, unpackPackage } from '../../workshop/guest/packages.ts';
import { cache } from '../../workshop/paths.ts';
import { findBusybox } from '../../workshop/setup/busybox.ts';

export interface PackageVersion {
  name: string;
  version: string;
  /** The source packages that it was built from, each with a version: 'linux 6.1.176-1'. Debian publishes their texts. */
  sources: string[];
}

/** Modules that the demos need and Debian's kernel has not built in. */
const modules = ['overlay', 'veth', 'bridge'];

/**
 * Makes a folder in `work` and returns its path: bzimage, busybox, bios.bin, vgabios.bin, modules/00-….ko in the order of loading,
 * versions.json.
 */
export async function fetchParts(work: string, progress: Progress, signal?: AbortSignal): Promise<string> {
  const options: PackageOptions = { architecture: 'i386', signal };
  const made = `${work}/parts`;
  mkdirSync(`${made}/modules`, { recursive: true });
  const versions: PackageVersion[] = [];
  const unpack = async (name: string) => {
    const tree = `${work}/tree/${name}`;
    versions.push(await versionOf(await unpackPackage(name, tree, work, progress, options)));
    return tree;
  };

  const busybox = await unpack('busybox-static');
  copyFileSync(`${busybox}/bin/busybox`, `${made}/busybox`);
  const bios = `${await unpack('seabios')}/usr/share/seabios`;
  copyFileSync(`${bios}/bios.bin`, `${made}/bios.bin`);
  copyFileSync(`${bios}/vgabios-stdvga.bin`, `${made}/vgabios.bin`);

  const image = await dependencyOf('linux-image-686', /linux-image-\d\S*-686\b(?!-)/, work, progress, options);
  const linux = await unpack(image);
  const release = image.replace('linux-image-', '');
  copyFileSync(`${linux}/boot/vmlinuz-${release}`, `${made}/bzimage`);
  await indexModules(linux, await findBusybox(cache));
  for (const [i, path] of withDependencies(`${linux}/lib/modules/${release}`, modules).entries()) {
    copyFileSync(path, `${made}/modules/${String(i).padStart(2, '0')}-${path.split('/').at(-1)}`);
  }
  writeFileSync(`${made}/versions.json`, JSON.stringify(versions, null, 2));
  return made;
}

/** deb-control(5): `Source` says from what it was built, `Built-Using` what was built in: the libraries of a static program, a signed kernel. */
async function versionOf(file: string): Promise<PackageVersion> {
  const { stdout } = await promisify(execFile)('dpkg-deb', ['-f', file, 'Package', 'Version', 'Source', 'Built-Using']);
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stdout)?.[1];
  const [name = '', version = ''] = [field('Package'), field('Version')];
  const [, own, its] = /^(\S+)(?: \((.*)\))?$/.exec(field('Source') ?? name) ?? [];
  const others = [...(field('Built-Using') ?? '').matchAll(/(\S+) \(= (\S+)\)/g)].map(
    ([, what, which]) => `${what} ${which}`,
  );
  return { name, version, sources: [`${own} ${its ?? version}`, ...others] };
}
