// Whether a document is what it says it is: what comes from outside becomes a type of ours here, or an ImageError. What the
// specifications do not know is left as it is, for they ask that it be ignored.
import { parseDigest } from './digest.ts';
import { ImageError } from './errors.ts';
import {
  type Descriptor,
  type ImageConfig,
  type Index,
  isIndex,
  isManifest,
  type Manifest,
  type ProcessConfig,
} from './types.ts';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isAbsent = (value: unknown) => value === undefined || value === null;
const isTextMap = (value: unknown) => isFields(value) && Object.values(value).every(each => typeof each === 'string');

/** image-index.md */
export function checkIndex(value: unknown, what: string): Index {
  const fields = document(value, what, 'index');
  const { manifests, mediaType } = fields;
  if (!isAbsent(mediaType) && !isIndex(mediaType as string))
    refuse(what, `says that it is ${show(mediaType)}, and no index`);
  if (!Array.isArray(manifests)) refuse(what, 'is no index: it has no list of manifests');
  // To another reader it would be something else, by the same digest: CVE-2021-41190.
  if ('layers' in fields || 'config' in fields) refuse(what, 'is index and manifest at once');
  for (const each of manifests as unknown[]) {
    const { platform } = checkDescriptor(each, what);
    if (isAbsent(platform)) continue;
    if (!isFields(platform) || !isText(platform.architecture) || !isText(platform.os))
      refuse(what, 'has a platform that is none');
  }
  return fields as unknown as Index;
}

/** manifest.md */
export function checkManifest(value: unknown, what: string): Manifest {
  const fields = document(value, what, 'manifest');
  const { config, layers, mediaType } = fields;
  if (!isAbsent(mediaType) && !isManifest(mediaType as string))
    refuse(what, `says that it is ${show(mediaType)}, and no manifest`);
  if ('manifests' in fields) refuse(what, 'is manifest and index at once');
  if (isAbsent(config)) refuse(what, 'is no manifest: it has no config');
  checkDescriptor(config, what);
  if (!Array.isArray(layers)) refuse(what, 'is no manifest: it has no list of layers');
  for (const each of layers as unknown[]) checkDescriptor(each, what);
  return fields as unknown as Manifest;
}

/** config.md */
export function checkConfig(value: unknown, what: string): ImageConfig {
  if (!isFields(value)) refuse(what, 'is no configuration of an image');
  const { architecture, os, rootfs, config } = value as Fields;
  if (!isText(architecture) || !isText(os))
    refuse(what, 'is no configuration of an image: it does not say for which platform it is');
  if (!isFields(rootfs) || rootfs.type !== 'layers' || !isTexts(rootfs.diff_ids))
    refuse(what, 'is no configuration of an image: it has no rootfs with diff_ids');
  for (const each of (rootfs as { diff_ids: string[] }).diff_ids) parseDigest(each);
  if (!isAbsent(config)) checkProcess(config, what);
  const present = { ...withoutNulls(value as Fields), ...(isFields(config) && { config: withoutNulls(config) }) };
  return present as unknown as ImageConfig;
}

/** To Go's reader, and so to whoever writes these, null is as good as nothing: Docker writes `"Entrypoint": null`. */
const withoutNulls = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

function checkProcess(value: unknown, what: string): void {
  if (!isFields(value)) refuse(what, 'has a config that is none');
  const config = value as ProcessConfig & Fields;
  for (const key of ['User', 'WorkingDir', 'StopSignal'] as const)
    if (!isAbsent(config[key]) && !isText(config[key])) refuse(what, `has a ${key} that is no text`);
  for (const key of ['Env', 'Entrypoint', 'Cmd'] as const)
    if (!isAbsent(config[key]) && !isTexts(config[key])) refuse(what, `has a ${key} that is no list of texts`);
  const wrong = (config.Env ?? []).find(each => !/^[^=]+=/s.test(each));
  if (wrong !== undefined) refuse(what, `has an Env that is no NAME=value: ${show(wrong)}`);
}

function checkDescriptor(value: unknown, what: string): Descriptor {
  if (!isFields(value)) refuse(what, 'has a descriptor that is none');
  const { mediaType, digest, size, annotations } = value as Fields;
  parseDigest(digest);
  if (!isText(mediaType)) refuse(what, 'has a descriptor without a media type');
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    refuse(what, `has a descriptor whose size is no number of bytes: ${show(size)}`);
  if (!isAbsent(annotations) && !isTextMap(annotations)) refuse(what, 'has annotations that are no texts');
  return value as unknown as Descriptor;
}

function document(value: unknown, what: string, kind: string): Fields {
  if (!isFields(value)) refuse(what, `is no ${kind}`);
  const fields = value as Fields;
  if (fields.schemaVersion !== 2)
    refuse(what, `is no ${kind} of schema version 2, but of ${show(fields.schemaVersion)}`);
  return fields;
}

const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

function refuse(what: string, why: string): never {
  throw new ImageError(`${what} ${why}`);
}
