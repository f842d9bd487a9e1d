// The documents of an image that is being made: from nothing, one step more, into the store. config.md, manifest.md

import { thisPlatform } from '../platform.ts';
import type { Store } from '../store/store.ts';
import {
  type Image,
  type ImageConfig,
  type Manifest,
  mediaTypes,
  type Platform,
  type ProcessConfig,
} from '../types.ts';
import type { Step } from './cache.ts';

const nowhere = { mediaType: mediaTypes.manifest, digest: '', size: 0 };

/** FROM scratch: no layer and no configuration. */
export function emptyImage(store: Store, platform: Platform = thisPlatform()): Image {
  const config: ImageConfig = { ...platform, config: {}, rootfs: { type: 'layers', diff_ids: [] }, history: [] };
  const manifest: Manifest = {
    ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, layers: [] },
    config: { ...nowhere, mediaType: mediaTypes.config },
  };
  return { layout: store.folder, descriptor: nowhere, manifest, config };
}

/** The image after a step. Its documents are not in the store, its layers are. */
export function withStep(
  image: Image,
  createdBy: string,
  { created, layer }: Step,
  changes: Partial<ImageConfig>,
): Image {
  const { manifest, config: before } = image;
  const { rootfs, history = [] } = before;
  const entry = { created, created_by: createdBy, ...(!layer && { empty_layer: true }) };
  return {
    ...image,
    descriptor: nowhere,
    manifest: { ...manifest, layers: [...manifest.layers, ...(layer ? [layer.descriptor] : [])] },
    config: {
      ...before,
      ...changes,
      created,
      rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, ...(layer ? [layer.diffId] : [])] },
      history: [...history, entry],
    },
  };
}

/** Docker's names for what OCI has names for. */
const ociTypes: Record<string, string> = {
  [mediaTypes.dockerLayerGzip]: mediaTypes.layerGzip,
  [mediaTypes.dockerLayer]: mediaTypes.layer,
};

/** Writes configuration and manifest, as the specification has them, whatever the base image was. */
export async function saveImage(store: Store, { manifest, config, layout }: Image): Promise<Image> {
  const { architecture, os, variant, created, author, rootfs, history = [] } = config;
  const platform = { architecture, os, ...(variant && { variant }), ...osDetails(config) };
  const whole: ImageConfig = {
    ...(created && { created }),
    ...(author && { author }),
    ...platform,
    ...{ config: known(config.config ?? {}), rootfs, history },
  };
  const configDescriptor = await store.putBytes(mediaTypes.config, Buffer.from(JSON.stringify(whole)));
  const layers = manifest.layers.map(({ mediaType, digest, size }) => ({
    ...{ mediaType: ociTypes[mediaType] ?? mediaType, digest, size },
  }));
  const wholeManifest: Manifest = {
    ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, config: configDescriptor, layers },
  };
  const bytes = Buffer.from(JSON.stringify(wholeManifest));
  const descriptor = await store.putBytes(mediaTypes.manifest, bytes);
  return { layout, descriptor: { ...descriptor, platform }, manifest: wholeManifest, config: whole };
}

function osDetails(config: ImageConfig) {
  const { 'os.version': version, 'os.features': features } = config;
  return { ...(version && { 'os.version': version }), ...(features && { 'os.features': features }) };
}

/** What the specification knows, in its order, and of that what says something. */
function known(config: ProcessConfig): ProcessConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal } = config;
  const all = { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value && Object.keys(value).length > 0));
}

/** RFC 3339: now, or the moment that stands for it, in seconds since 1970. */
export const timeOf = (epoch?: number) =>
  (epoch === undefined ? new Date() : new Date(epoch * 1000)).toISOString().replace('.000Z', 'Z');
