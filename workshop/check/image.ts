// Images for checks, made on the spot: entries become archives, archives blobs, and blobs a layout on the sandbox's host. What a
// layout says of its blobs need not be true.
import { truncateSync, utimesSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  type Descriptor,
  digestOf,
  type Entry,
  type EntryType,
  type ImageConfig,
  mediaTypes,
  plainEntry,
  refName,
  thisPlatform,
} from '#images';
import { S } from '#linux';
import { type Item, writeTar } from '../../images/tar/write.ts';
import type { Context } from './context.ts';

type Given = Partial<Omit<Entry, 'type' | 'path'>>;

const item = (type: EntryType, path: string, given: Given = {}, content?: Uint8Array): Item => ({
  entry: { ...plainEntry(type, path), size: content?.length ?? 0, ...given },
  // As often as it is asked for.
  ...(content && { content: { [Symbol.asyncIterator]: () => once(content) } }),
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export const file = (path: string, content: string | Uint8Array = '', given?: Given) =>
  item('file', path, given, Buffer.from(content as string));
export const directory = (path: string, given?: Given) => item('directory', path, given);
export const symlink = (path: string, linkname: string, given?: Given) =>
  item('symlink', path, { mode: 0o777, ...given, linkname });
export const link = (path: string, linkname: string) => item('link', path, { linkname });
export const fifo = (path: string, given?: Given) => item('fifo', path, given);
export const device = (type: 'character' | 'block', path: string, major: number, minor: number, given?: Given) =>
  item(type, path, { ...given, major, minor });
/** An empty file: what marks a path as removed, or with '.wh..wh..opq' a folder as opaque. */
export const whiteout = (path: string) => file(path.replace(/[^/]*$/, name => `.wh.${name}`));
export const opaque = (folder: string) => file(`${folder}/.wh..wh..opq`);

export interface Layer {
  /** As it is stored. */
  bytes: Uint8Array;
  mediaType: string;
  /** Of the archive. */
  diffId: string;
}

/** A layer with these entries. */
export async function layer(items: Item[], compression: 'none' | 'gzip' | 'zstd' = 'none'): Promise<Layer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(items)) pieces.push(piece);
  const tar = Buffer.concat(pieces);
  const diffId = digestOf(tar);
  if (compression === 'gzip') return { bytes: gzipSync(tar), mediaType: mediaTypes.layerGzip, diffId };
  if (compression === 'zstd') return { bytes: zstdCompressSync(tar), mediaType: mediaTypes.layerZstd, diffId };
  return { bytes: tar, mediaType: mediaTypes.layer, diffId };
}

/** What is said of a blob where that is not what it is. */
type Says = Partial<Pick<Descriptor, 'digest' | 'size' | 'platform' | 'annotations'>>;

/** A layout that is put together in memory, and then written. image-layout.md */
export class Layout {
  /** On the sandbox's host. */
  readonly folder: string;
  readonly #blobs = new Map<string, { bytes: Uint8Array; length: number }>();

  constructor(t: Context) {
    this.folder = `/run/boxwright/${t.nonce('layout')}`;
  }

  /** A blob under the name that its digest gives it, true or not. `length`: with so many bytes, zeros behind what is given. */
  put(mediaType: string, bytes: Uint8Array | string, says: Says = {}, length = bytes.length): Descriptor {
    const buffer = Buffer.from(bytes as string);
    const descriptor = { mediaType, digest: digestOf(buffer), size: length, ...says };
    this.#blobs.set(descriptor.digest.replace('sha256:', ''), { bytes: buffer, length });
    return descriptor;
  }

  document(mediaType: string, document: object, says?: Says): Descriptor {
    return this.put(mediaType, JSON.stringify(document), says);
  }

  /** An image's manifest. The layers are blobs that were put, or are put now. */
  image(layers: (Layer & { says?: Says })[], config: Partial<ImageConfig> = {}, says: Says = {}): Descriptor {
    const platform = { ...thisPlatform(), ...says.platform };
    const rootfs = { type: 'layers', diff_ids: layers.map(each => each.diffId) };
    return this.document(
      mediaTypes.manifest,
      {
        ...{ schemaVersion: 2, mediaType: mediaTypes.manifest },
        config: this.document(mediaTypes.config, { ...platform, rootfs, ...config }),
        layers: layers.map(each => this.put(each.mediaType, each.bytes, each.says)),
      },
      says,
    );
  }

  index(manifests: Descriptor[], says?: Says): Descriptor {
    return this.document(mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests }, says);
  }

  /** Writes it all, with names for what index.json lists. Made from inside, for to the sandbox's tmpfs we are nobody. */
  async write(t: Context, named: Record<string, Descriptor>): Promise<void> {
    const manifests = Object.entries(named).map(([name, each]) => ({ ...each, annotations: { [refName]: name } }));
    const files = new Map<string, { bytes: Uint8Array | string; length?: number }>([
      ['oci-layout', { bytes: '{"imageLayoutVersion":"1.0.0"}' }],
      ['index.json', { bytes: JSON.stringify({ schemaVersion: 2, manifests }) }],
      ...[...this.#blobs].map(([hex, blob]) => [`blobs/sha256/${hex}`, blob] as const),
    ]);
    const hand = await t.session.sandbox.join();
    try {
      await hand.together(() => {
        for (const folder of ['', '/blobs', '/blobs/sha256']) hand.mkdir(this.folder + folder, 0o755);
        for (const path of files.keys()) hand.mknod(`${this.folder}/${path}`, S.IFREG | 0o644);
      });
    } finally {
      await hand.end();
    }
    for (const [path, { bytes, length }] of files) {
      t.host.write(`${this.folder}/${path}`, bytes as string);
      if (length !== undefined) truncateSync(t.host.path(`${this.folder}/${path}`), length);
    }
    this.forgetReads(t);
  }

  /** From here on, the kernel notes of each blob the first time that it is read. mount(8), relatime */
  forgetReads(t: Context): void {
    for (const hex of this.#blobs.keys()) utimesSync(t.host.path(`${this.folder}/blobs/sha256/${hex}`), 1000, 2000);
  }

  /** Whether the kernel has read a blob to anybody since then. */
  wasRead(t: Context, { digest }: { digest: string }): boolean {
    return t.host.stat(`${this.folder}/blobs/sha256/${digest.replace('sha256:', '')}`).atimeMs !== 1_000_000;
  }
}
