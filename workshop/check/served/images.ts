// Images for checks of pulling, and what a registry of ours has when it has them. Nobody is to unpack their layers.
import { createHash, randomBytes } from 'node:crypto';
import { type Descriptor, mediaTypes, type Platform, thisPlatform } from '#images';
import type { Content } from '../../registry/controlled.ts';

export const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export interface Blob extends Descriptor {
  bytes: Buffer;
}

export interface ImageMade extends Blob {
  config: Blob;
  layers: Blob[];
}

export const blob = (bytes: Uint8Array | string, mediaType: string): Blob => {
  const buffer = Buffer.from(bytes as string);
  return { mediaType, digest: digestOf(buffer), size: buffer.length, bytes: buffer };
};

export const plain = ({ mediaType, digest, size }: Blob): Descriptor => ({ mediaType, digest, size });
const document = (mediaType: string, fields: object) =>
  blob(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }), mediaType);

/** A layer of so many bytes, which are nothing that could be unpacked: nobody is to try. */
export const someLayer = (size = 2000) => blob(randomBytes(size), mediaTypes.layer);

/** An image of these layers, three when absent, for this machine's platform when none is given. */
export function makeImage(layers = [someLayer(), someLayer(), someLayer()], platform = thisPlatform()): ImageMade {
  const rootfs = { type: 'layers', diff_ids: layers.map(each => each.digest) };
  // The time: no two are the same.
  const about = { ...platform, rootfs, created: new Date().toISOString(), author: randomBytes(6).toString('hex') };
  const config = blob(JSON.stringify(about), mediaTypes.config);
  return { ...document(mediaTypes.manifest, { config: plain(config), layers: layers.map(plain) }), config, layers };
}

/** One name for several images. */
export const makeIndex = (images: [Blob, Platform][]): Blob =>
  document(mediaTypes.index, { manifests: images.map(([image, platform]) => ({ ...plain(image), platform })) });

/** All that belongs to an image. */
export const partsOf = (image: ImageMade): Blob[] => [image, image.config, ...image.layers];

/** What a registry has: images by name, `team/app:1.0`, where their parts are to be had too. */
export function contentOf(images: Record<string, Blob>, further: Blob[] = []): Content {
  const content: Content = { manifests: {}, blobs: {} };
  for (const [name, image] of Object.entries(images)) {
    const entry = { mediaType: image.mediaType, bytes: image.bytes.toString('base64'), digest: image.digest };
    content.manifests[name] = entry;
    content.manifests[`${name.replace(/:.*/, '')}@${image.digest}`] = entry;
    if ('config' in image) for (const each of partsOf(image as ImageMade).slice(1)) further.push(each);
  }
  for (const each of further) content.blobs[each.digest] = each.bytes.toString('base64');
  return content;
}
