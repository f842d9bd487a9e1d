// The store: an image layout on disk in which blobs are shared by all images (image-layout.md), with what makes it safe under
// several programs at once and an end at any moment. Its parts:
//
//   oci-layout, index.json   the layout's own; one entry of the index for each name
//   blobs/sha256/…           complete and verified: nothing gets a name here before it is
//   ingest/…                 what has come so far of a blob; whoever fetches it next goes on from there
//   lock, index.lock         held by who uses blobs (shared) or throws some away (alone); by who writes index.json
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { withLock, withSharedLock } from '#linux';
import { digestOf } from '../digest.ts';
import { ImageError } from '../errors.ts';
import { blobPath, readDocumentBytes, readIndex } from '../layout.ts';
import { type Descriptor, type Index, mediaTypes, refName } from '../types.ts';
import { explain, writeDurably } from './durable.ts';
import { type Fetch, ingest, type Report } from './ingest.ts';

/** What may be there before: of a store that was not made to its end, or what containers of other images have left. */
const ours = new Set([
  ...['blobs', 'ingest', 'lock', 'index.lock', 'index.json', 'index.json.new', 'oci-layout.new', 'oci-layout'],
  ...['layers', 'containers', 'steps', 'build', 'running.lock'],
]);

export class Store {
  /** Opens the store, or makes it: the folder must then be empty or missing. */
  static async open(folder: string): Promise<Store> {
    const store = new Store(folder);
    if (!existsSync(`${folder}/oci-layout`)) await store.#make();
    // A layout of another tool's making has none.
    await mkdir(`${folder}/ingest`, { recursive: true }).catch(error => Promise.reject(explain(error, folder)));
    readIndex(folder);
    return store;
  }

  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  async #make(): Promise<void> {
    await mkdir(this.folder, { recursive: true }).catch(error => Promise.reject(explain(error, this.folder)));
    const other = (await readdir(this.folder)).find(name => !ours.has(name));
    if (other)
      throw new ImageError(`${this.folder} is no store: it has ${other} in it`, 'name an empty folder, or none');
    await withLock(`${this.folder}/index.lock`, async () => {
      for (const name of ['blobs', 'blobs/sha256', 'ingest'])
        await mkdir(`${this.folder}/${name}`, { recursive: true });
      if (!existsSync(`${this.folder}/index.json`)) await this.#writeIndex({ schemaVersion: 2, manifests: [] });
      // Last: where it is, everything is.
      await writeDurably(`${this.folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
    });
  }

  path(digest: string): string {
    return blobPath(this.folder, digest);
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
  }

  /** A document, whole and verified; of at most 4 MiB. */
  read(descriptor: Descriptor): Buffer {
    return readDocumentBytes(this.folder, descriptor);
  }

  /**
   * Sees to it that the blob is here. `fetch(from)` gives its bytes from there on: what an earlier attempt left is not asked for
   * again. Whoever wants the same blob at the same time waits, and finds it. `report` hears how many bytes are there.
   */
  async put(descriptor: Descriptor, fetch: Fetch, report?: Report): Promise<void> {
    if (this.has(descriptor.digest)) return;
    const partial = `${this.folder}/ingest/${descriptor.digest.replace(':', '-')}`;
    await this.whileUsed(() =>
      // Locks the file that the bytes go into. It changes its name at the end: hence the second look.
      withLock(partial, async () => {
        if (this.has(descriptor.digest)) {
          rmSync(partial, { force: true });
          report?.(descriptor.size);
        } else await ingest(descriptor, { partial, path: this.path(descriptor.digest), fetch, report });
      }),
    );
  }

  async putBytes(mediaType: string, bytes: Uint8Array, digest = digestOf(bytes)): Promise<Descriptor> {
    const descriptor = { mediaType, digest, size: bytes.length };
    await this.put(descriptor, async function* (from) {
      yield bytes.subarray(from);
    });
    return descriptor;
  }

  /** All names, with what they stand for. */
  names(): Map<string, Descriptor> {
    const named = this.index().manifests.map(each => [each.annotations?.[refName], each] as const);
    return new Map(named.filter((each): each is [string, Descriptor] => each[0] !== undefined));
  }

  index(): Index {
    return readIndex(this.folder);
  }

  find(name: string): Descriptor | undefined {
    return this.names().get(name);
  }

  /** Gives a name, and takes it from what had it. */
  async tag(name: string, { annotations, ...descriptor }: Descriptor): Promise<void> {
    const entry = { ...descriptor, annotations: { ...annotations, [refName]: name } };
    await this.#changeEntries(others => [...others.filter(each => each.annotations?.[refName] !== name), entry]);
  }

  /** False when there was no such name. Its blobs stay until they are collected. */
  async untag(name: string): Promise<boolean> {
    const found = this.find(name) !== undefined;
    if (found) await this.#changeEntries(entries => entries.filter(each => each.annotations?.[refName] !== name));
    return found;
  }

  async #changeEntries(change: (entries: Descriptor[]) => Descriptor[]): Promise<void> {
    await withLock(`${this.folder}/index.lock`, async () => {
      const index = this.index();
      await this.#writeIndex({ ...index, manifests: change(index.manifests) });
    });
  }

  async #writeIndex(index: Index): Promise<void> {
    const text = JSON.stringify({ mediaType: mediaTypes.index, ...index }, null, 2);
    await writeDurably(`${this.folder}/index.json`, `${text}\n`);
  }

  /** While it lasts, nothing is thrown away: for who fetches, makes or reads blobs that no name keeps yet. */
  whileUsed<T>(work: () => Promise<T>): Promise<T> {
    return withSharedLock(`${this.folder}/lock`, work);
  }

  /** While it lasts, nobody is in `whileUsed`: for who throws away. Not to be called from there. */
  whileAlone<T>(work: () => Promise<T>): Promise<T> {
    return withLock(`${this.folder}/lock`, work);
  }

  /** Throws away the blobs that `isNeeded` does not want, and partial ones that nobody has gone on with for so many ms. */
  sweep(isNeeded: (digest: string) => boolean, patience: number): { removed: number; freed: number } {
    const list = (folder: string) =>
      readdirSync(`${this.folder}/${folder}`).map(name => `${this.folder}/${folder}/${name}`);
    const blobs = readdirSync(`${this.folder}/blobs`).flatMap(algorithm => list(`blobs/${algorithm}`));
    const needless = blobs.filter(path => !isNeeded(path.split('/').slice(-2).join(':')));
    const forgotten = list('ingest').filter(path => Date.now() - statSync(path).mtimeMs >= patience);
    let freed = 0;
    for (const path of [...needless, ...forgotten]) {
      freed += statSync(path).size;
      rmSync(path);
    }
    return { removed: needless.length + forgotten.length, freed };
  }
}
