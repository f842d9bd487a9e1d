// Which of an index's manifests this machine can run. image-index.md, "platform"
import { ImageError } from './errors.ts';
import type { Image, Platform } from './types.ts';

/** Node's names → Go's, which the specification uses. */
const architectures: Record<string, string> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** What one without a variant is taken for. */
const usual: Record<string, string> = { arm: 'v7', arm64: 'v8', amd64: 'v1' };

/** This machine's. */
export const thisPlatform = (): Platform => ({
  os: 'linux',
  architecture: architectures[process.arch] ?? process.arch,
});

/** `linux/arm/v7` */
export const showPlatform = ({ os, architecture, variant }: Platform) =>
  [os, architecture, variant].filter(part => part !== undefined).join('/');

/** `linux/arm/v7`, and what is left out is this machine's. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [os = 'linux', architecture = '', variant] = parts.length === 1 ? ['linux', ...parts] : parts;
  return { os, architecture, ...(variant && { variant }) };
}

/** How well one fits: -1 not at all; else higher is better. What is made for an older variant runs on a newer one. */
export function fitness(offered: Platform | undefined, wanted: Platform): number {
  if (!offered || offered.os !== wanted.os || offered.architecture !== wanted.architecture) return -1;
  const level = ({ architecture, variant = usual[architecture] ?? '' }: Platform) => variant;
  const [mine, theirs] = [level(wanted), level(offered)];
  if (mine === theirs) return 100;
  const [most, least] = [mine, theirs].map(each => Number(/^v(\d+)$/.exec(each)?.[1] ?? Number.NaN));
  return least !== undefined && most !== undefined && least < most ? least : -1;
}

/** Throws ImageError when somebody asked for another platform than the image's. */
export function checkPlatform({ config }: Image, name: string, wanted?: Platform): void {
  if (wanted && fitness(config, wanted) < 0)
    throw new ImageError(`${name} is for ${showPlatform(config)}, and for nothing else`, 'choose that with --platform');
}
