// The overlays among a process's mounts: their layers, and which file comes from which. overlayfs (Documentation/filesystems)
import type { Mount } from '#linux';
import type { OverlayView } from '../types.ts';
import { findImpostors } from './impostors.ts';
import { type Layer, openLayer } from './layer.ts';
import { listFiles } from './layer-files.ts';
import { layerPaths, placesOf } from './layer-paths.ts';
import type { Reading } from './reading.ts';
import { slowPlaces } from './slow.ts';
import { type Attributes, openAttributes } from './xattrs.ts';

/** Where the layers of a container's root can be opened from here, for who knows better than the kernel's words tell: an engine. */
export interface Storage {
  upper?: string;
  /** From the topmost. */
  lowers: string[];
}

/** For all overlays together, in ms: a machine may have a hundred of them. */
const patience = 2000;

export async function readOverlays(reading: Reading, list: Mount[], storage?: Storage): Promise<OverlayView[]> {
  const overlays = withoutParts(list).filter(mount => layerPaths(mount, storage).length > 0);
  if (overlays.length === 0) return [];
  const attributes = await reading.attemptAsync('the marks on the overlays’ folders', openAttributes);
  const until = performance.now() + patience;
  const leadsAway = slowPlaces(list);
  try {
    const views: OverlayView[] = [];
    for (const mount of overlays.toSorted((a, b) => Number(isRoot(b)) - Number(isRoot(a))))
      views.push(await view(reading, mount, { storage, attributes, until, list, leadsAway }));
    return views;
  } finally {
    await attributes?.close();
  }
}

const isRoot = (mount: Mount) => mount.mountPoint === '/';

/** Each overlay once: a folder of one, bound somewhere, is the same file system. */
function withoutParts(list: Mount[]): Mount[] {
  const whole = (mount: Mount) =>
    mount.root === '/' || !list.some(each => each.device === mount.device && each.root === '/');
  const seen = new Set<string>();
  return list.filter(mount => whole(mount) && !seen.has(mount.device) && seen.add(mount.device));
}

/** Where in it something else is mounted, as paths of its own. */
function placesIn({ mountPoint }: Mount, list: Mount[]): string[] {
  const own = mountPoint === '/' ? '' : mountPoint;
  return list.flatMap(each => (each.mountPoint.startsWith(`${own}/`) ? [each.mountPoint.slice(own.length)] : []));
}

interface Means {
  storage: Storage | undefined;
  attributes: Attributes | null;
  until: number;
  list: Mount[];
  leadsAway: (path: string) => boolean;
}

async function view(
  reading: Reading,
  mount: Mount,
  { storage, attributes, until, list, leadsAway }: Means,
): Promise<OverlayView> {
  const { pid, signal } = reading;
  const isFuse = mount.type !== 'overlay';
  const layers: Layer[] = [];
  for (const path of layerPaths(mount, storage)) {
    signal?.throwIfAborted();
    layers.push(await openLayer(path, placesOf(path, mount, reading, leadsAway), { isFuse, until }));
  }
  // A folder of that name may be another one here than where the overlay was mounted.
  const merged =
    isFuse || mount.root !== '/' || leadsAway(mount.mountPoint) ? null : `/proc/${pid}/root${mount.mountPoint}`;
  for (const layer of merged ? findImpostors(merged, layers, placesIn(mount, list)) : [])
    Object.assign(layer, { root: null, entries: null, bytes: null, names: [] });

  const hidden = layers.filter(({ root }) => root === null).length;
  if (hidden > 0) {
    const why = 'they lie where only the mount namespace that mounted them sees them, or where you may not look';
    reading.unread.push({ what: `${hidden} of the ${layers.length} layers of ${mount.mountPoint}`, why });
  }
  const slow = layers.filter(({ root, entries }) => root !== null && entries === null).length;
  if (slow > 0) {
    const why = 'they hold so much that counting was given up';
    reading.unread.push({ what: `all that is in ${slow} of the ${layers.length} layers of ${mount.mountPoint}`, why });
  }
  return {
    ...{ mount: mount.id, path: mount.mountPoint },
    layers: layers.map(({ path, kind, entries, bytes }) => ({ path, kind, entries, bytes })),
    ...(await listFiles(layers, attributes, isFuse)),
  };
}
