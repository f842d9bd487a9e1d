// Which folders an overlay is made of, by its options, and where they can be opened from here. overlayfs; mount(8), "overlay"
import { statSync } from 'node:fs';
import type { Mount } from '#linux';
import type { LayerView } from '../types.ts';
import type { Storage } from './overlays.ts';
import type { Reading } from './reading.ts';

export interface LayerPath {
  /** As the kernel names it. */
  path: string;
  kind: LayerView['kind'];
  /** Where the engine that made it says it is. */
  known: string | null;
}

/** From the topmost. `storage` is about the root alone. Empty for what is no overlay. */
export function layerPaths({ type, mountPoint, superOptions }: Mount, storage?: Storage): LayerPath[] {
  const { upper: top, lowers: below = [] } = (mountPoint === '/' && storage) || {};
  // An overlay of a program's own, for users to whom the kernel gave none: only the engine knows its layers.
  if (type === 'fuse.fuse-overlayfs') {
    const as = (kind: LayerPath['kind']) => (path: string) => ({ path, known: path, kind });
    return [...(top ? [top] : []).map(as('upper')), ...below.map(as('lower'))];
  }
  if (type !== 'overlay') return [];
  const values = (name: string) =>
    superOptions.flatMap(option => (option.startsWith(`${name}=`) ? [option.slice(name.length + 1)] : []));
  // Those behind '::' hold content only, for files that are marks in the layers before. Since Linux 6.5 each may be an option of its own.
  const lower = [...values('lowerdir').flatMap(splitLayers), ...values('lowerdir+'), ...values('datadir+')];
  const upper = values('upperdir').slice(0, 1).map(unescaped);
  const known = below.length === lower.length ? below : [];
  return [
    ...upper.map(path => ({ path, known: top ?? null, kind: 'upper' as const })),
    ...lower.map((path, i) => ({ path, known: known[i] ?? null, kind: 'lower' as const })),
  ];
}

/** At colons, but for those that belong to a name: there a backslash stands before them. */
function splitLayers(text: string): string[] {
  const parts = text.match(/(?:\\.|[^:\\])+/gs) ?? [];
  return parts.map(unescaped);
}

const unescaped = (path: string) => path.replace(/\\(.)/gs, '$1');

/** Where it may be found: by who mounted it, by the host, by us. What lies below the root was mounted by somebody with another root. */
export function placesOf(
  { path, known }: LayerPath,
  mount: Mount,
  { pid, host }: Reading,
  leadsAway: (path: string) => boolean,
): string[] {
  if (known) return [known].filter(isFolder);
  if (!path.startsWith('/')) return [];
  const views = [
    ...(mount.mountPoint === '/' || leadsAway(path) ? [] : [`/proc/${pid}/root`]),
    `/proc/${host}/root`,
    '',
  ];
  return views.map(view => view + path).filter(isFolder);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
