// Images made on the spot by the tools that make images elsewhere. A recipe is a shell script: it makes a tree in an empty folder, and
// `layer` packs that as the next layer, with tar's options, and empties the folder. umoci puts the layer into the image.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Descriptor, digestOf, type Index, type Manifest, mediaTypes, refName } from '#images';

export interface TestImage {
  name: string;
  /** Makes an image layout that is not there yet, and works beside it. In it `image` is to be looked at; a `twin` is the same in a form that umoci reads. */
  make(layout: string): void;
}

/** A shell script, with its backslashes. */
export const sh = String.raw;

/** What a recipe may use. It runs in the empty folder; its layout is $layout, and what lies beside the folder is its own too. */
const prelude = sh`
  export LC_ALL=C.UTF-8
  shopt -s dotglob nullglob
  umoci init --layout "$layout"
  umoci new --image "$layout:image"
  # A layer that tar has made.
  add() { umoci raw add-layer --image "$layout:image" "$1"; }
  # tar, with all attributes. Options given later win.
  pack() { tar --create --file "$@"; }
  layer() {
    local names=(*)
    pack ../layer.tar --format=pax --xattrs '--xattrs-include=*' --numeric-owner --sort=name "$@" -- "${'$'}{names[@]}"
    finish
  }
  # GNU's and older formats have no attributes.
  plain() {
    local names=(*)
    pack ../layer.tar --numeric-owner --sort=name "$@" -- "${'$'}{names[@]}"
    finish
  }
  # One that umoci reads, where it does not read the image's.
  twin() { umoci new --image "$layout:twin"; umoci raw add-layer --image "$layout:twin" "$1"; }
  finish() { add ../layer.tar; find . -mindepth 1 -delete; }
  put() { mkdir -p "$(dirname -- "$1")"; printf '%s\n' "${'$'}{2-$1}" >"$1"; }
`;

/** By way of a folder of its own, for into the same layout skopeo takes the layers that are there already as they are. */
export const toZstd = sh`
  toZstd() {
    local folder=$(mktemp -d)
    skopeo copy -q --dest-compress-format zstd "oci:$1" "oci:$folder/zstd:image"
    skopeo copy -q "oci:$folder/zstd:image" "oci:$2"
    rm -r "$folder"
  }`;

export function image(name: string, script: string, then: (layout: string) => void = () => {}): TestImage {
  const make = (layout: string) => {
    const folder = mkdtempSync(`${layout}-`);
    try {
      shell(`${prelude}\nmkdir "$folder/tree"; cd "$folder/tree"; umask 022\n${script}`, { layout, folder });
      then(layout);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return { name, make };
}

/** bash(1), which stops at the first failure. What it printed is only to be seen when it failed. */
export function shell(script: string, env: Record<string, string> = {}, input: Uint8Array = Buffer.alloc(0)): Buffer {
  const options = { input, env: { ...process.env, ...env }, maxBuffer: 1 << 30 };
  return execFileSync('bash', ['-euo', 'pipefail', '-c', script], { ...options, stdio: 'pipe' });
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const blob = (layout: string, { digest }: Descriptor) => `${layout}/blobs/${digest.replace(':', '/')}`;

function lookUp(layout: string, tag: string): Descriptor | undefined {
  const { manifests } = readJson(`${layout}/index.json`) as Index;
  return manifests.find(each => each.annotations?.[refName] === tag);
}

export const has = (layout: string, tag: string) => lookUp(layout, tag) !== undefined;

function putBlob(layout: string, mediaType: string, bytes: Uint8Array): Descriptor {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  writeFileSync(blob(layout, descriptor), bytes);
  return descriptor;
}

/** Names a manifest `image`, and what had that name `twin`. */
function retag(layout: string, descriptor: Descriptor): void {
  const index = readJson(`${layout}/index.json`) as Index;
  const others = index.manifests.filter(each => each.annotations?.[refName] !== 'twin');
  for (const each of others) if (each.annotations?.[refName] === 'image') each.annotations[refName] = 'twin';
  index.manifests = [...others, { ...descriptor, annotations: { [refName]: 'image' } }];
  writeFileSync(`${layout}/index.json`, JSON.stringify(index));
}

/** Compresses the layers anew, each by the next of the commands: what is compressed by no tool that makes images. */
export const recompressed =
  (...ways: [command: string, mediaType: string][]) =>
  (layout: string) => {
    const manifest = readJson(blob(layout, lookUp(layout, 'image') as Descriptor)) as Manifest;
    manifest.layers = manifest.layers.map((layer, i) => {
      const [command, type] = ways[i % ways.length] as (typeof ways)[number];
      return putBlob(layout, type, shell(`gzip -dc | (${command})`, {}, readFileSync(blob(layout, layer))));
    });
    retag(layout, putBlob(layout, mediaTypes.manifest, Buffer.from(JSON.stringify(manifest))));
  };

/** What skopeo's `dir:` has, into the layout; its manifest is the `image`. Its manifests may be Docker's, which `oci:` never has. */
export function fromDir(layout: string, folder: string): void {
  for (const name of readdirSync(folder).filter(each => each !== 'version')) {
    const bytes = readFileSync(`${folder}/${name}`);
    writeFileSync(blob(layout, { mediaType: '', digest: digestOf(bytes), size: 0 }), bytes);
  }
  const bytes = readFileSync(`${folder}/manifest.json`);
  retag(layout, putBlob(layout, JSON.parse(bytes.toString()).mediaType, bytes));
}
