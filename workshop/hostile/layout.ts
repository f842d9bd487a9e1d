// An image layout on disk, right in everything but what a case spoils in it. image-layout.md
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Descriptor, digestOf, mediaTypes, refName } from '#images';
import type { Layer } from './case.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are bent into what no type describes
export type Document = any;

/**
 * What a case does to a document before it is written: changes it, or returns what is written in its place, text as it is. What
 * is made later (the manifest after the configuration) has the right digest and size of what was written.
 */
export type Edits = Partial<Record<'config' | 'manifest' | 'index' | 'oci-layout', (document: Document) => unknown>>;

const stamp = '2026-01-01T00:00:00Z';
const architecture = ({ x64: 'amd64', arm: 'arm' } as Record<string, string>)[process.arch] ?? process.arch;

export function makeLayout(folder: string, layers: Layer[], edits: Edits = {}): void {
  mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
  const bytesOf = (name: keyof Edits, document: Document) => {
    const edited = edits[name]?.(document) ?? document;
    return edited instanceof Uint8Array || typeof edited === 'string' ? Buffer.from(edited) : JSON.stringify(edited);
  };
  const put = (mediaType: string, name: keyof Edits, document: Document) =>
    putBlob(folder, { mediaType, bytes: Buffer.from(bytesOf(name, document)) });

  const diff_ids = layers.map(layer => layer.diffId ?? digestOf(layer.bytes));
  const config = put(mediaTypes.config, 'config', {
    ...{ created: stamp, architecture, os: 'linux', config: { Cmd: ['/bin/true'] } },
    rootfs: { type: 'layers', diff_ids },
  });
  const manifest = put(mediaTypes.manifest, 'manifest', {
    ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, config },
    layers: layers.map(layer => putBlob(folder, layer)),
  });
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations: { [refName]: 'hostile' } }] };
  writeFileSync(`${folder}/index.json`, bytesOf('index', index));
  writeFileSync(`${folder}/oci-layout`, bytesOf('oci-layout', { imageLayoutVersion: '1.0.0' }));
}

/** Under the name that its descriptor gives it, right or wrong. */
export function putBlob(folder: string, layer: Layer): Descriptor {
  const { bytes, mediaType = mediaTypes.layer, digest = digestOf(bytes), size = bytes.length } = layer;
  const [algorithm = '', hex = ''] = digest.split(':');
  if (algorithm === 'sha256' && /^[0-9a-f]{64}$/.test(hex)) writeFileSync(`${folder}/blobs/sha256/${hex}`, bytes);
  return { mediaType, digest, size };
}
