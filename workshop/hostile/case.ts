// A hostile case: a layer, an image's documents or a registry's answers, what it tries, and how it has to end.
import { mediaTypes } from '#images';
import type { Edits } from './layout.ts';
import type { Replies } from './registry/server.ts';

/**
 * Where an image is unpacked, in the sandbox, and the folder that must stay as it is beside it: `secret`, a file; `folder`, with
 * `inner` in it; `open`, a folder that everybody may write in.
 */
export const place = '/run/hostile';
export const target = `${place}/target`;
export const beside = `${place}/beside`;

/** How it has to end: unpacked with nothing else touched; or refused, with a line that matches; or one of both. */
export type Expected = 'harmless' | 'either' | RegExp;

interface Common {
  name: string;
  /** What it is up to: one sentence. */
  intent: string;
  expect: Expected;
  /** Where devices cannot be made, and are left out: everywhere but as the machine's own root. */
  withoutDevices?: Expected;
}

/** A layer's blob, and what the manifest and the configuration say of it where that is not what it is. */
export interface Layer {
  bytes: Uint8Array;
  mediaType?: string;
  /** sha256:… of the tar */
  diffId?: string;
  digest?: string;
  size?: number;
}

export interface LayerCase extends Common {
  kind: 'layer';
  layers(): (Uint8Array | Layer)[];
  /** Of a harmless one: what must be there afterwards, by path in the target; null: nothing. */
  leaves?: Record<string, 'file' | 'directory' | 'symlink' | 'fifo' | null>;
}

export interface DocumentCase extends Common {
  kind: 'document';
  edits: Edits;
  /** What is done to the layout's folder once it is written. */
  late?: (folder: string) => void;
  /** Which image of the index is asked for. */
  reference?: string;
}

/** An image is pulled from a registry that answers badly; or its tags are listed. */
export interface RegistryCase extends Common {
  kind: 'registry';
  replies: Replies;
  isTags: boolean;
  /** By HTTPS. */
  isSecure?: boolean;
}

export type Case = LayerCase | DocumentCase | RegistryCase;

type Extra = Pick<LayerCase, 'withoutDevices' | 'leaves'>;

/** A case of one layer, as tar. */
export function one(
  name: string,
  intent: string,
  expect: Expected,
  tar: () => Uint8Array,
  extra: Extra = {},
): LayerCase {
  return several(name, intent, expect, () => [tar()], extra);
}

export function several(
  name: string,
  intent: string,
  expect: Expected,
  layers: LayerCase['layers'],
  extra: Extra = {},
): LayerCase {
  return { kind: 'layer', name, intent, expect, layers, ...extra };
}

export const gzipped = (bytes: Uint8Array, more: Partial<Layer> = {}): Layer => ({
  bytes,
  mediaType: mediaTypes.layerGzip,
  ...more,
});
export const zstandard = (bytes: Uint8Array, more: Partial<Layer> = {}): Layer => ({
  bytes,
  mediaType: mediaTypes.layerZstd,
  ...more,
});
