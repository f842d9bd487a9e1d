// Folders that bear a layer's name but are not it: what lies at a path differs from one mount namespace to the next. The overlay
// itself tells: what a layer has at its top and nothing above it hides must show, and all that shows must come from a layer.
import type { Layer } from './layer.ts';
import { mostNames, namesIn, tryStat } from './layer.ts';

/** `merged` is where the overlay itself can be opened; `mounts` are the places in it on which something else lies. */
export function findImpostors(merged: string, layers: Layer[], mounts: string[]): Layer[] {
  const shown = namesIn(merged);
  if (!shown || shown.length >= mostNames) return [];
  const visible = new Set(shown);
  const hidden = new Set<string>();
  const explained = new Set<string>();
  const impostors: Layer[] = [];
  for (const layer of layers) {
    if (layer.root === null) continue;
    const own = (namesIn(layer.root) ?? []).map(name => ({ name, gone: isWhiteout(`${layer.root}/${name}`) }));
    // Not to be judged where something unknown may hide what is in it.
    const covered = layers.slice(0, layers.indexOf(layer)).some(({ root }) => root === null);
    const isLying = !covered && own.some(({ name, gone }) => !gone && !hidden.has(name) && !visible.has(name));
    if (isLying || !isAlike(merged, layer, layers, mounts)) {
      impostors.push(layer);
      continue;
    }
    for (const { name, gone } of own) (gone ? hidden : explained).add(name);
  }
  // Something comes from nowhere: then it is in a layer that seems to be empty.
  const unexplained = shown.some(name => !explained.has(name));
  const known = layers.every(({ root }) => root !== null) && impostors.length === 0;
  if (unexplained && known)
    impostors.push(...layers.filter(({ root, kind }) => kind === 'lower' && namesIn(root ?? '')?.length === 0));
  return impostors;
}

/** How many files are compared. */
const sample = 8;

/** Whether files of the layer show in the whole as they are in it; one is enough, for what lies above may have changed the others. */
function isAlike(merged: string, layer: Layer, layers: Layer[], mounts: string[]): boolean {
  const above = new Set([
    ...mounts,
    ...layers.slice(0, layers.indexOf(layer)).flatMap(({ names }) => names.map(({ path }) => path)),
  ]);
  // A folder above, or a mount, may hide all that is in one below.
  const isFree = (path: string): boolean =>
    path === '' || (!above.has(path) && isFree(path.slice(0, path.lastIndexOf('/'))));
  const files = layer.names.filter(({ type, path }) => type === 'file' && isFree(path)).slice(0, sample);
  return (
    files.length === 0 ||
    files.some(({ path }) => {
      const [own, shown] = [tryStat(layer.root + path), tryStat(merged + path)];
      return own && shown && own.size === shown.size && own.mode === shown.mode && own.mtimeNs === shown.mtimeNs;
    })
  );
}

function isWhiteout(path: string): boolean {
  const stat = tryStat(path);
  return stat?.isCharacterDevice() === true && stat.rdev === 0n;
}
