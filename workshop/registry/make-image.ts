// `make-image FOLDER NAME COMMAND…` on the sandbox's host: puts the base image with that command into an image layout, under that
// name, and takes the name from what had it. Prints the digest. Until lesson 17 builds images, for the texts.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Descriptor, digestOf, type Index, type Manifest, refName } from '#images';
import { baseLayout } from '../sandbox/base-image.ts';

const [folder = '', name = '', ...command] = process.argv.slice(2);
if (command.length === 0) {
  console.error('make-image FOLDER NAME COMMAND…');
  process.exit(2);
}

const base = await baseLayout();
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const blob = (layout: string, { digest }: { digest: string }) => `${layout}/blobs/${digest.replace(':', '/')}`;
const put = (old: Descriptor, content: object): Descriptor => {
  const bytes = Buffer.from(JSON.stringify(content));
  const descriptor = { mediaType: old.mediaType, digest: digestOf(bytes), size: bytes.length };
  writeFileSync(blob(folder, descriptor), bytes);
  return descriptor;
};

const entry = read(`${base}/index.json`).manifests[0] as Descriptor;
const manifest = read(blob(base, entry)) as Manifest;
mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
for (const layer of manifest.layers) cpSync(blob(base, layer), blob(folder, layer));
const config = put(manifest.config, { ...read(blob(base, manifest.config)), config: { Cmd: command } });
const made = put(entry, { ...manifest, config });

const file = `${folder}/index.json`;
const index: Index = existsSync(file) ? read(file) : { schemaVersion: 2, manifests: [] };
const others = index.manifests.filter(each => each.annotations?.[refName] !== name);
writeFileSync(
  file,
  JSON.stringify({ ...index, manifests: [...others, { ...made, annotations: { [refName]: name } }] }),
);
writeFileSync(`${folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
console.log(made.digest);
