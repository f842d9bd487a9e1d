// Which files of an overlay differ from its lower layers, and where some come from that everybody knows.
import type { OverlayFile } from '../types.ts';
import { type Layer, type Name, tryStat } from './layer.ts';
import type { Attributes } from './xattrs.ts';

const most = 200;

/** Shown even when nothing has been changed. */
const wellKnown = [
  '/bin/sh',
  '/usr/bin/sh',
  '/bin/busybox',
  '/etc/passwd',
  '/etc/hosts',
  '/etc/os-release',
  '/usr/lib/os-release',
];

export async function listFiles(
  layers: Layer[],
  attributes: Attributes | null,
  isFuse: boolean,
): Promise<{ files: OverlayFile[]; more: number }> {
  const isOpaque = opaqueIn(attributes, isFuse);
  const lookup = lookupIn(layers, isOpaque, isFuse);
  const files: OverlayFile[] = [];
  const upper = layers.findIndex(({ kind, root }) => kind === 'upper' && root !== null);
  const lowersKnown = layers.every(({ root, kind }) => kind === 'upper' || root !== null);
  let more = 0;
  const kindOf = async ({ path, type }: Name): Promise<OverlayFile['kind'] | null> => {
    if (type === 'whiteout') return 'whiteout';
    const place = `${layers[upper]?.root}${path}`;
    const below = (await lookup(path, upper + 1)) !== null;
    if (type === 'folder') {
      if (!below) return lowersKnown ? 'new' : null;
      return (await isOpaque(place)) ? 'opaque' : null;
    }
    // A file that was copied up bears the mark of where it came from: for lower layers that cannot be looked into.
    const copied = async () => typeof (await attributes?.read(place, 'origin')) === 'string';
    return below || (!lowersKnown && (await copied())) ? 'changed' : 'new';
  };
  const names = layers[upper]?.names.toSorted((a, b) => (a.path < b.path ? -1 : 1)) ?? [];
  for (const name of names) {
    if (files.length >= most) {
      if (name.type !== 'folder') more++;
      continue;
    }
    const kind = await kindOf(name);
    if (kind) files.push({ path: name.path, layer: upper, kind });
  }
  const listed = new Set(files.map(({ path }) => path));
  for (const path of wellKnown) {
    if (listed.has(path) || files.length >= most) continue;
    const layer = await lookup(path, 0);
    if (layer !== null) files.push({ path, layer, kind: 'lower' });
  }
  return { files, more };
}

type Lookup = (path: string, from: number) => Promise<number | null>;

type IsOpaque = (folder: string) => Promise<boolean>;

/** Whether a folder hides what lower layers have at its place. Each is asked once. */
function opaqueIn(attributes: Attributes | null, isFuse: boolean): IsOpaque {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (folder: string) =>
    (isFuse && tryStat(`${folder}/.wh..wh..opq`) !== null) || (await attributes?.read(folder, 'opaque')) === 'y';
  return folder => {
    const asked = known.get(folder) ?? ask(folder);
    known.set(folder, asked);
    return asked;
  };
}

/** The first layer, from the `from`th on, that has it and that no mark in a layer above hides. */
function lookupIn(layers: Layer[], isOpaque: IsOpaque, isFuse: boolean): Lookup {
  return async (path, from) => {
    for (let i = from; i < layers.length; i++) {
      const { root } = layers[i] as Layer;
      // What lies below one that cannot be looked into may be hidden by it, or come from it.
      if (root === null) return null;
      const found = await step(root, path, isOpaque, isFuse);
      if (found === 'there') return i;
      if (found === 'hidden') return null;
    }
    return null;
  };
}

/** Name by name: a link within a layer leads elsewhere in the whole, and may lead out of the layer. */
async function step(
  root: string,
  path: string,
  isOpaque: IsOpaque,
  isFuse: boolean,
): Promise<'there' | 'absent' | 'hidden'> {
  let [at, opaque] = [root, false];
  const names = path.split('/').filter(Boolean);
  for (const [i, name] of names.entries()) {
    if (isFuse && tryStat(`${at}/.wh.${name}`)) return 'hidden';
    at += `/${name}`;
    const stat = tryStat(at);
    if (!stat) return opaque ? 'hidden' : 'absent';
    if (stat.isCharacterDevice() && stat.rdev === 0n) return 'hidden';
    if (i === names.length - 1) return 'there';
    if (!stat.isDirectory()) return 'hidden';
    opaque ||= await isOpaque(at);
  }
  return 'there';
}
