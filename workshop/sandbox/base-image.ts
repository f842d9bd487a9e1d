// The base image as an image layout on the sandbox's host: what lesson 15's container runs when no other image is named. Made by
// `box` when it is wanted, for earlier lessons have no use for it.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { digestOf, mediaTypes, thisPlatform } from '#images';
import * as make from '../check/image.ts';
import { stateFolder } from './state.ts';

const base = `${stateFolder}/images/base`;
const layout = `${stateFolder}/images/layout`;

/** Its folder. */
export async function baseLayout(): Promise<string> {
  if (existsSync(`${layout}/index.json`)) return layout;
  const paths = readdirSync(base, { recursive: true, encoding: 'utf8' }).sort();
  const layer = await make.layer(paths.map(itemOf), 'gzip');
  mkdirSync(`${layout}/blobs/sha256`, { recursive: true });
  const put = (mediaType: string, content: Uint8Array | object) => {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    writeFileSync(`${layout}/blobs/${digestOf(bytes).replace(':', '/')}`, bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const config = put(mediaTypes.config, {
    ...{ ...thisPlatform(), config: { Cmd: ['/bin/sh'] } },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  });
  const layers = [put(layer.mediaType, layer.bytes)];
  const manifest = put(mediaTypes.manifest, { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers });
  writeFileSync(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  // Last, and in one step: two may be at it at once.
  writeFileSync(`${layout}/index-${process.pid}`, JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  renameSync(`${layout}/index-${process.pid}`, `${layout}/index.json`);
  return layout;
}

function itemOf(path: string) {
  const stat = lstatSync(`${base}/${path}`);
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) return make.directory(path, { mode });
  if (stat.isSymbolicLink()) return make.symlink(path, readlinkSync(`${base}/${path}`));
  return make.file(path, readFileSync(`${base}/${path}`), { mode });
}
