// What is in a built state, in words: whoever hands the slides on hands on this, because Linux and busybox come under the GPL.
import type { PackageVersion } from './packages.ts';

/** `size`: of the compressed state, bytes. */
export function contents(packages: PackageVersion[], size: number): string {
  const rows = packages.flatMap(({ name, version, sources }) => [
    `  ${name} ${version}, built from`,
    ...sources.map(source => `    ${source}: https://sources.debian.org/src/${source.replace(' ', '/')}/`),
  ]);
  return [
    `The live kernel of the slides: the memory of an emulated PC, ${(size / 1e6).toFixed(1)} MB compressed.`,
    '',
    'Unchanged, out of these packages of Debian for i386:',
    ...rows,
    '',
    'Linux and busybox are licensed under the GNU General Public License, version 2, SeaBIOS under the GNU Lesser General Public License,',
    'version 3. Their source texts are Debian’s, at the addresses above. The emulator is v86, Simplified BSD License.',
    'Our own part, the first files in slides/live/guest/, is under this repository’s license.',
    '',
  ].join('\n');
}
