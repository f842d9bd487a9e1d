// Image layouts for tests, quickly: content that no two of them share, so many layers, so many bytes each.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** What the specification calls them; not from our own code, which is what is tested. */
const vendor = 'application/vnd.oci.image';

export interface Making {
  layers?: number;
  /** Of each, before compression, of which there is little to be had. */
  bytes?: number;
  architecture?: string;
}

/** Adds an image with that name to a layout, and makes the layout. Returns the manifest's digest. */
export function makeImage(
  layout: string,
  name: string,
  { layers = 2, bytes = 10_000, architecture }: Making = {},
): string {
  mkdirSync(`${layout}/blobs/sha256`, { recursive: true });
  writeFileSync(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  const put = (mediaType: string, content: Buffer) => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(`${layout}/blobs/sha256/${hex}`, content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const archives = Array.from({ length: layers }, (_, i) => tar(`file-${i}`, randomBytes(bytes)));
  const config = {
    architecture: architecture ?? (process.arch === 'arm64' ? 'arm64' : 'amd64'),
    os: 'linux',
    config: { Cmd: ['/bin/true'] },
    rootfs: {
      type: 'layers',
      diff_ids: archives.map(each => `sha256:${createHash('sha256').update(each).digest('hex')}`),
    },
  };
  const manifest = put(
    `${vendor}.manifest.v1+json`,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${vendor}.manifest.v1+json`,
        config: put(`${vendor}.config.v1+json`, Buffer.from(JSON.stringify(config))),
        layers: archives.map(each => put(`${vendor}.layer.v1.tar+gzip`, gzipSync(each, { level: 1 }))),
      }),
    ),
  );
  addEntry(layout, { ...manifest, annotations: { 'org.opencontainers.image.ref.name': name } });
  return manifest.digest;
}

/** An index over images that the layout has, by their digests, for these architectures. */
export function makeIndex(layout: string, name: string, images: Record<string, string>): string {
  const manifests = Object.entries(images).map(([architecture, digest]) => ({
    ...{ mediaType: `${vendor}.manifest.v1+json`, digest, platform: { os: 'linux', architecture } },
    size: readFileSync(`${layout}/blobs/sha256/${digest.slice(7)}`).length,
  }));
  const content = JSON.stringify({ schemaVersion: 2, mediaType: `${vendor}.index.v1+json`, manifests });
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  writeFileSync(`${layout}/blobs/sha256/${digest.slice(7)}`, content);
  const annotations = { 'org.opencontainers.image.ref.name': name };
  addEntry(layout, { mediaType: `${vendor}.index.v1+json`, digest, size: content.length, annotations });
  return digest;
}

function addEntry(layout: string, entry: object): void {
  let manifests: object[] = [];
  try {
    manifests = JSON.parse(readFileSync(`${layout}/index.json`, 'utf8')).manifests;
  } catch {
    // The first one.
  }
  writeFileSync(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [...manifests, entry] }));
}

/** One file, in POSIX's format. */
function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        0`, 124);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(512 - (content.length % 512 || 512) + 1024)]);
}
