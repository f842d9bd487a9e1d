// One layer of an overlay, looked into as far as patience goes: how much is in it, and what its files are.
import { type BigIntStats, lstatSync, opendirSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { LayerView } from '../types.ts';
import type { LayerPath } from './layer-paths.ts';

/** Files and folders that are counted; and what one layer may take, in ms. */
const [most, usualPatience] = [10_000, 300];

export interface Name {
  /** Within the layer: '/etc/passwd'. */
  path: string;
  /** 'whiteout': the mark that it has been removed. */
  type: 'folder' | 'file' | 'whiteout';
}

export interface Layer extends LayerView {
  /** Where it can be opened; null where it cannot. */
  root: string | null;
  /** All that is in it, as far as was looked. */
  names: Name[];
}

export async function openLayer(
  { path, kind }: LayerPath,
  places: string[],
  { isFuse, until, patience = usualPatience }: { isFuse: boolean; until: number; patience?: number },
): Promise<Layer> {
  // An empty folder may be the place where it was mounted, seen from where it is not.
  const root = places.find(place => namesIn(place)?.length) ?? places.find(namesIn) ?? null;
  const layer: Layer = { path, kind, root, entries: null, bytes: null, names: [] };
  if (root === null) return layer;
  const end = Math.min(until, performance.now() + patience);
  const { dev } = statSync(root);
  const links = new Set<bigint>();
  let [entries, bytes, whole] = [0, 0n, true];
  let turn = performance.now();
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    // Who asked may have other things to do.
    if (performance.now() - turn > 10) {
      await setImmediate();
      turn = performance.now();
    }
    for (const name of (namesIn(root + folder) ?? []).toSorted()) {
      const stat = tryStat(`${root}${folder}/${name}`);
      if (!stat) continue;
      const what = { path: `${folder}/${name}`, type: typeOf(stat) };
      const mark = isFuse && /^\.wh\.(?!\.wh\.)(.+)/s.exec(name);
      if (mark) Object.assign(what, { path: `${folder}/${mark[1]}`, type: 'whiteout' });
      if (isFuse && name.startsWith('.wh..wh.')) continue;
      layer.names.push(what);
      if (what.type !== 'whiteout') entries++;
      const isNew = stat.nlink < 2n || !links.has(stat.ino);
      if (stat.isFile() && isNew) bytes += stat.size;
      links.add(stat.ino);
      // What is mounted on one of its folders is no part of it.
      if (stat.isDirectory() && stat.dev === BigInt(dev)) folders.push(what.path);
      if (entries >= most) whole = false;
      if (!whole) break;
    }
    if (!whole) break;
    if (performance.now() > end) return layer;
  }
  return { ...layer, entries, bytes: whole ? Number(bytes) : null };
}

/** A character device 0:0. */
function typeOf(stat: BigIntStats): Name['type'] {
  if (stat.isDirectory()) return 'folder';
  return stat.isCharacterDevice() && stat.rdev === 0n ? 'whiteout' : 'file';
}

/** At most twice as many as are counted: a folder may have millions. Null where it cannot be listed. */
export const mostNames = 2 * most;
export function namesIn(path: string): string[] | null {
  try {
    const folder = opendirSync(path, { bufferSize: 1024 });
    const names: string[] = [];
    for (let entry = folder.readSync(); entry && names.length < mostNames; entry = folder.readSync())
      names.push(entry.name);
    folder.closeSync();
    return names;
  } catch {
    return null;
  }
}

export function tryStat(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return null;
  }
}
