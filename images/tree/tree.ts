// The tree that layers are unpacked into: its folders, each looked up once and below the tree's root, and what is known of them.
// Calls go out in batches, so a folder that this process has made itself is not asked about; of all others the kernel is asked.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { AT, Batch, ERRNO, errnoName, O, type Process, S } from '#linux';
import { pathArgument } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import { clearAttributes, kindOf, modified, namesIn, readLink, times } from './ask.ts';
import { emptyFolder } from './empty.ts';

/** How a path is resolved: a `struct open_how` for these flags of open(2). openat2(2) */
export type How = (flags: number) => Uint8Array;

interface Folder {
  /** Nanoseconds since 1970, to be set when all is done: until then each new child changes it. */
  mtime: bigint;
  /** Made here, and empty then: what is in it is known. */
  isNew: boolean;
}

export interface Place {
  /** The folder's real path, without links: '' for the root, else 'a/b'. */
  folder: string;
  /** Its descriptor, for the next calls: another folder may take its place after them. */
  parent: number;
  name: string;
  path: string;
}

/** The map of the machine's own user namespace: all ids, each as itself. */
const everybody = /^\s*0\s+0\s+4294967295\s*$/;

/** Why a path's folder cannot be entered. */
const noWay: Record<string, string> = {
  ENOTDIR: 'its folder is no folder, but something else',
  ELOOP: 'there are too many links on its way',
  ENAMETOOLONG: 'its path is too long',
};

/** How many folders are kept open. */
const kept = 32;
const directory = O.RDONLY | O.DIRECTORY | O.CLOEXEC;

export class Tree {
  readonly #box: Process;
  readonly calls: Batch;
  readonly root: number;
  readonly #how: How;
  readonly #rootPath: string;
  readonly #folders = new Map<string, Folder>();
  /** Those in which the layer at hand has changed something, so that their times are to be set. */
  readonly #changed = new Set<string>();
  readonly #links = new Set<string>();
  /** Paths through links → the real ones. */
  readonly #aliases = new Map<string, string>();
  readonly #descriptors = new Map<string, number>();
  /** Only the machine's root may make them. user_namespaces(7) */
  readonly mayMakeDevices = process.getuid?.() === 0 && everybody.test(readFileSync('/proc/self/uid_map', 'utf8'));
  /** What the layer at hand has put here; null for the first, which hides nothing. */
  #seen: Set<string> | null;

  /** Takes the process over: see Batch. `isNew`: the folder is empty, and nobody else's. */
  static async open(box: Process, path: string, how: How, isNew: boolean): Promise<Tree> {
    const calls = await Batch.take(box);
    const root = calls.open('openat', AT.FDCWD, path, directory | O.NOFOLLOW, 0);
    if (isNew) calls.call('fchmod', root, 0o755);
    await calls.flush();
    return new Tree(box, calls, root, how, await readLink(box, root), isNew);
  }

  private constructor(box: Process, calls: Batch, root: number, how: How, rootPath: string, isNew: boolean) {
    this.#box = box;
    this.calls = calls;
    this.root = root;
    this.#how = how;
    this.#rootPath = rootPath;
    this.#seen = isNew ? null : new Set();
    if (isNew) this.#folders.set('', { mtime: 0n, isNew: true });
  }

  /** Where a path of an archive leads: into which folder, made when it is missing, and under which name. */
  async place(path: string): Promise<Place> {
    const parts = path.split('/').filter(part => part !== '' && part !== '.');
    if (parts.includes('..')) throw new ImageError('its path leads upwards, out of the image');
    const name = parts.pop() ?? '';
    const folder = await this.#enter(parts.join('/'));
    this.#changed.add(folder);
    const whole = folder ? `${folder}/${name}` : name;
    return { folder, parent: await this.#descriptor(folder), name, path: name ? whole : '' };
  }

  /** Another name in the same folder. */
  beside(place: Place, name: string): Place {
    if (name === '' || name === '.' || name === '..') throw new ImageError('it hides nothing that could have a name');
    return { ...place, name, path: place.folder ? `${place.folder}/${name}` : name };
  }

  /** Remembers that the layer at hand has put something there. */
  note({ path }: Place): void {
    for (
      let at = path;
      this.#seen && at !== '' && !this.#seen.has(at);
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
    )
      this.#seen.add(at);
  }

  /** Takes away what is there. A directory may stay, when one is to come: then true. */
  async clear({ folder, parent, name, path }: Place, forDirectory: boolean): Promise<boolean> {
    const isKnown = this.#folders.get(folder)?.isNew;
    const there = isKnown ? this.#kindKnown(path) : await kindOf(this.#box, this.calls, parent, name);
    if (there === S.IFLNK) this.#forget(path);
    if (there === S.IFDIR && forDirectory) return true;
    if (there === S.IFDIR) await this.#remove(parent, name, path);
    else if (isKnown || there) this.calls.attempt(['ENOENT'], 'unlinkat', parent, pathArgument(name), 0);
    return false;
  }

  /** Remembers a directory that has been made there, or was there and has new attributes. */
  folderMade({ path }: Place, mtime: bigint, wasThere: boolean): void {
    const isNew = !wasThere || (this.#folders.get(path)?.isNew ?? false);
    this.#folders.set(path, { mtime, isNew });
    this.#changed.add(path);
  }

  /** Takes a directory's extended attributes away: those of another entry are to come, and no others. */
  clearAttributes(fd: number): Promise<void> {
    return clearAttributes(this.#box, this.calls, fd);
  }

  linkMade({ path }: Place): void {
    this.#links.add(path);
  }

  /** Takes away what lower layers have put there; what the layer at hand has, stays. layer.md, "Whiteouts" */
  async hide({ parent, name, path }: Place): Promise<void> {
    if (!this.#seen) return;
    if (!this.#seen.has(path)) await this.#remove(parent, name, path);
    else if ((await kindOf(this.#box, this.calls, parent, name)) === S.IFDIR) await this.hideChildren(path);
  }

  /** The same for everything in a folder. layer.md, "Opaque Whiteout" */
  async hideChildren(folder: string): Promise<void> {
    if (!this.#seen) return;
    this.#changed.add(folder);
    const names = await namesIn(this.#box, this.calls, await this.#descriptor(folder));
    for (const name of names)
      await this.hide({
        folder,
        name,
        parent: await this.#descriptor(folder),
        path: folder ? `${folder}/${name}` : name,
      });
  }

  /** Sets the folders' times, now that nothing in them changes any more. What comes next is another layer, and all this below it. */
  async endLayer(): Promise<void> {
    for (const path of this.#changed) {
      const known = this.#folders.get(path);
      if (!known) continue;
      this.calls.about = path;
      const folder = path === '' ? this.root : this.#open(path);
      this.calls.call('utimensat', folder, null, times(known.mtime), 0);
      if (path !== '') this.calls.close(folder);
      await this.calls.room();
    }
    await this.calls.flush();
    this.#changed.clear();
    this.#seen = new Set();
    for (const folder of this.#folders.values()) folder.isNew = false;
  }

  /** The real path of a folder. Missing ones are made, for a layer need not list them: 0755, and root's. */
  async #enter(path: string, links = 0): Promise<string> {
    if (path === '' && this.#folders.has('')) return '';
    if (this.#folders.has(path)) return path;
    const alias = this.#aliases.get(path);
    if (alias !== undefined) return alias;

    const found = await this.calls.askOpen('openat2', this.root, pathArgument(path || '.'), this.#how(directory), 24);
    if (found === -ERRNO.ENOENT) return this.#make(path, links);
    if (found < 0)
      throw new ImageError(noWay[errnoName(-found)] ?? `its folder cannot be entered (${errnoName(-found)})`);
    const real = (await readLink(this.#box, found)).slice(this.#rootPath.length).replace(/^\//, '');
    if (!this.#folders.has(real)) this.#folders.set(real, { mtime: await modified(this.#box, found), isNew: false });
    this.calls.close(found);
    if (real !== path) this.#aliases.set(path, real);
    return real;
  }

  async #make(path: string, links = 0): Promise<string> {
    const at = path.lastIndexOf('/');
    const above = await this.#enter(path.slice(0, Math.max(0, at)));
    const name = path.slice(at + 1);
    const parent = await this.#descriptor(above);
    const real = above ? `${above}/${name}` : name;
    if ((await kindOf(this.#box, this.calls, parent, name)) === S.IFLNK) {
      // A link to what is not there yet: made where the link says, below the root as the kernel would have looked for it.
      if (links > 40) throw new ImageError('it lies behind too many links');
      const target = await readLink(this.#box, parent, name);
      return this.#enter(posix.resolve('/', above, target).slice(1), links + 1);
    }
    this.calls.call('mkdirat', parent, pathArgument(name), 0o755);
    // No layer says when it was made: then always the same, so that two unpackings do not differ.
    this.#folders.set(real, { mtime: 0n, isNew: true });
    for (const each of [above, real]) this.#changed.add(each);
    if (real !== path) this.#aliases.set(path, real);
    return real;
  }

  #open(path: string): number {
    return this.calls.open('openat2', this.root, pathArgument(path), this.#how(directory | O.NOFOLLOW), 24);
  }

  /** The folder's descriptor. The one that was not wanted for longest is closed. */
  async #descriptor(path: string): Promise<number> {
    if (path === '') return this.root;
    let descriptor = this.#descriptors.get(path);
    if (descriptor === undefined) {
      descriptor = this.#open(path);
      const oldest = this.#descriptors.size >= kept ? this.#descriptors.entries().next().value : undefined;
      if (oldest) {
        this.#descriptors.delete(oldest[0]);
        this.calls.close(oldest[1]);
      }
    } else {
      this.#descriptors.delete(path);
    }
    this.#descriptors.set(path, descriptor);
    return descriptor;
  }

  /** In a folder whose content is known: a directory, a link, or what may as well be nothing. */
  #kindKnown(path: string): number {
    if (this.#folders.has(path)) return S.IFDIR;
    return this.#links.has(path) ? S.IFLNK : 0;
  }

  async #remove(parent: number, name: string, path: string): Promise<void> {
    const kind = await kindOf(this.#box, this.calls, parent, name);
    if (kind === 0) return;
    this.#forget(path);
    if (kind === S.IFDIR) await emptyFolder(this.#box, this.calls, parent, name);
    this.calls.call('unlinkat', parent, pathArgument(name), kind === S.IFDIR ? AT.REMOVEDIR : 0);
  }

  /** Something has gone, and with it whatever was found through it. */
  #forget(path: string): void {
    const isBelow = (each: string) => each === path || each.startsWith(`${path}/`);
    for (const known of [this.#folders, this.#links])
      for (const each of known.keys()) if (isBelow(each)) known.delete(each);
    for (const [each, descriptor] of this.#descriptors) {
      if (!isBelow(each)) continue;
      this.calls.close(descriptor);
      this.#descriptors.delete(each);
    }
    this.#aliases.clear();
  }
}
