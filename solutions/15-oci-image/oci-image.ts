// Lesson 15: unpack an image. Read README.md beside this file; save, and watch the verdict.
import { defaultEnv } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { ownUsers } from '#09-user';
import { contain as containLayers, type Spec as LayersSpec } from '#14-privileges';
import * as images from '#images';
import { type Descriptor, type Image, ImageError, type Place, type ReadEntry, Tree } from '#images';
import { AT, type Batch, makedev, O, type Process, RESOLVE, S, u64 } from '#linux';

export interface Spec extends Omit<LayersSpec, 'layers' | 'command' | 'user'> {
  image: Image;
  /** A folder for unpacked layers: each is unpacked once, for all images and containers that have it. */
  store: string;
  /** In place of the image's Cmd, behind its Entrypoint. */
  command?: string[];
  /** In place of the image's. */
  entrypoint?: string[];
  cwd?: string;
  /** `name`, `uid`, `name:group` or `uid:gid`, in place of the image's. */
  user?: string;
}

/**
 * Passes the bytes on, and throws ImageError when they are not those that the digest names, or not so many. What comes out of it is
 * only to be believed when its end has come without an error. descriptor.md, "Digests"
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  { digest, size = Number.POSITIVE_INFINITY }: Pick<Descriptor, 'digest'> & Partial<Descriptor>,
): AsyncGenerator<Uint8Array> {
  const hash = images.hashFor(digest);
  let count = 0;
  for await (const chunk of chunks) {
    count += chunk.length;
    // Before the digest can tell, for somebody may send without end.
    if (count > size) throw new ImageError(`${digest} is longer than the ${size} bytes that it should have`);
    hash.update(chunk);
    yield chunk;
  }
  if (count < size && Number.isFinite(size)) throw new ImageError(`${digest} ends after ${count} of ${size} bytes`);
  const found = hash.digest('hex');
  if (found !== images.parseDigest(digest).hex)
    throw new ImageError(`${digest} was expected, and what came has the digest ${found}`);
}

/** The manifest for a platform, this machine's when absent; of several that fit, the first of the best. image-index.md */
export function chooseManifest(index: images.Index, platform = images.thisPlatform()): Descriptor {
  // Next to images stand signatures and attestations, which are for no platform.
  const candidates = index.manifests.filter(
    ({ mediaType }) => images.isManifest(mediaType) || images.isIndex(mediaType),
  );
  if (candidates.length === 1 && candidates[0] && !candidates[0].platform) return candidates[0];

  const [best] = candidates
    .map(each => ({ each, rank: images.fitness(each.platform, platform) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank);
  if (best) return best.each;
  const offered = candidates.flatMap(each => (each.platform ? images.showPlatform(each.platform) : []));
  throw new ImageError(
    `there is no image for ${images.showPlatform(platform)}, but for ${offered.join(', ') || 'nothing'}`,
    'choose one with --platform',
  );
}

/** Reads an image of a layout, from its name to its configuration; each document is verified on the way. image-layout.md */
export async function openImage(layout: string, reference?: string, platform?: images.Platform): Promise<Image> {
  return images.findImage(layout, reference, index => chooseManifest(index, platform));
}

/** `struct open_how`: whatever the path says, and wherever its links lead, it ends below the root. openat2(2) */
export const confined: images.How = flags => u64(flags, 0, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);

/**
 * Puts one entry of a layer into the tree. Its calls are sent without waiting for each: `tree.calls` is a batch, whose
 * descriptors have numbers before they are open. layer.md, "Applying Changesets"
 */
export async function apply(tree: Tree, entry: ReadEntry): Promise<void> {
  const place = await tree.place(entry.path);
  if (place.name === '.wh..wh..opq') return tree.hideChildren(place.folder);
  if (place.name.startsWith('.wh.')) return tree.hide(tree.beside(place, place.name.slice('.wh.'.length)));

  tree.note(place);
  // A directory stays, with what is in it, and gets new attributes. Everything else gives way.
  const wasThere = place.name === '' || (await tree.clear(place, entry.type === 'directory'));
  if (entry.type === 'directory') await putDirectory(tree, place, entry, wasThere);
  else if (entry.type === 'file') await putFile(tree, place, entry);
  else if (entry.type === 'link') await putLink(tree, place, entry);
  else putOther(tree, place, entry);
}

async function putDirectory(tree: Tree, place: Place, entry: ReadEntry, wasThere: boolean): Promise<void> {
  const { calls } = tree;
  const name = images.pathArgument(place.name || '.');
  if (!wasThere) calls.call('mkdirat', place.parent, name, 0o700);
  const fd = calls.open('openat', place.parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
  if (wasThere) await tree.clearAttributes(fd);
  putAttributes(calls, fd, entry);
  calls.close(fd);
  tree.folderMade(place, entry.mtime, wasThere);
}

async function putFile({ calls }: Tree, place: Place, entry: ReadEntry): Promise<void> {
  // O_EXCL: nobody's link, pipe or device is opened, whatever may have got there.
  const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC;
  const fd = calls.open('openat', place.parent, images.pathArgument(place.name), flags, 0o600);
  for await (const { at, bytes } of entry.content) {
    calls.call('pwrite64', fd, bytes, bytes.length, at);
    await calls.room();
  }
  if (entry.sparse) calls.call('ftruncate', fd, entry.size);
  putAttributes(calls, fd, entry);
  calls.call('utimensat', fd, null, images.times(entry.mtime), 0);
  calls.close(fd);
}

/** A second name for what an earlier entry made. The target's last part is not followed, should it be a link. */
async function putLink(tree: Tree, place: Place, { linkname }: ReadEntry): Promise<void> {
  const target = await tree.place(linkname);
  tree.calls.call(
    'linkat',
    target.parent,
    images.pathArgument(target.name),
    place.parent,
    images.pathArgument(place.name),
    0,
  );
}

const kinds: Record<string, number> = { fifo: S.IFIFO, character: S.IFCHR, block: S.IFBLK };

function putOther(tree: Tree, place: Place, entry: ReadEntry): void {
  const { calls } = tree;
  const name = images.pathArgument(place.name);
  const isLink = entry.type === 'symlink';
  if (isLink) {
    calls.call('symlinkat', images.pathArgument(entry.linkname), place.parent, name);
    tree.linkMade(place);
  } else {
    if (entry.type !== 'fifo' && !tree.mayMakeDevices) return;
    calls.call('mknodat', place.parent, name, (kinds[entry.type] ?? 0) | 0o600, makedev(entry.major, entry.minor));
  }
  calls.call('fchownat', place.parent, name, entry.uid, entry.gid, AT.SYMLINK_NOFOLLOW);
  if (!isLink) calls.call('fchmodat', place.parent, name, entry.mode);
  for (const [key, value] of entry.xattrs) {
    calls.call('fchdir', place.parent);
    calls.call('lsetxattr', name, key, value, value.length, 0);
  }
  calls.call('utimensat', place.parent, name, images.times(entry.mtime), AT.SYMLINK_NOFOLLOW);
}

/** The owner first: whoever gives a file away takes its setuid bit and its capabilities from it. chown(2) */
function putAttributes(calls: Batch, fd: number, { uid, gid, mode, xattrs }: ReadEntry): void {
  calls.call('fchown', fd, uid, gid);
  calls.call('fchmod', fd, mode);
  for (const [name, value] of xattrs) calls.call('fsetxattr', fd, name, value, value.length, 0);
}

/** Puts a layer into the tree while it is read, and verifies both: the blob as it is stored, and the archive in it. */
async function applyLayer(tree: Tree, image: Image, i: number, signal?: AbortSignal): Promise<void> {
  const { layers } = image.manifest;
  const layer = layers[i] as Descriptor;
  const stored = verified(images.readBlob(image.layout, layer), layer);
  const archive = verified(images.decompress(stored), { digest: image.config.rootfs.diff_ids[i] ?? '' });
  await images.applyAll(tree, archive, apply, `layer ${i + 1} of ${layers.length}`, signal);
}

/** Whoever unpacks: root, or somebody who is root over the ids that an ordinary user has. */
const owner = async (box: Process) => (process.getuid?.() === 0 ? undefined : ownUsers(box, {}));

/** Unpacks all layers, one over the other, into a folder that does not exist yet or is empty. On failure nothing is left. */
export async function unpack(image: Image, target: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  await images.complete(target, owner, async (box, unfinished) => {
    const tree = await Tree.open(box, unfinished, confined, true);
    for (const i of image.manifest.layers.keys()) await applyLayer(tree, image, i, signal);
    return unfinished;
  });
}

/** Unpacks each layer into a folder of its own in `store`, for lesson 04's overlay. Returns their paths, the base first. */
export async function unpackLayers(image: Image, store: string, { signal }: { signal?: AbortSignal } = {}) {
  const mountOver: images.MountOver = (box, below, folder) =>
    ownMounts(box).then(() => mountLayers(box, below, folder));
  return images.layersApart(image, store, owner, mountOver, async (box, root, i) =>
    applyLayer(await Tree.open(box, root, confined, i === 0), image, i, signal),
  );
}

/** How the image is to be run: its configuration, and over it what was asked for. conversion.md */
export function processOf({ config = {} }: images.ImageConfig, asked: Partial<Spec> = {}) {
  const { command, entrypoint = config.Entrypoint ?? [] } = asked;
  // Who names another program does not want the arguments that were for this one.
  const rest = command ?? (asked.entrypoint ? [] : (config.Cmd ?? []));
  const env = (config.Env ?? []).map(each => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]);
  const whole = [...entrypoint, ...rest];
  if (whole.length === 0) throw new ImageError('the image does not say which command to run', 'name one');
  return {
    command: whole,
    env: { ...defaultEnv, ...Object.fromEntries(env), ...asked.env } as Record<string, string>,
    cwd: asked.cwd ?? (config.WorkingDir || '/'),
    user: asked.user ?? (config.User || '0:0'),
    stopSignal: config.StopSignal ?? 'SIGTERM',
  };
}

/** The container so far, run from an image. */
export async function contain(spec: Spec): Promise<Process> {
  const { image, store, ...rest } = spec;
  const { command, env, cwd, user } = processOf(image.config, spec);
  const layers = [images.mountPoints(store), ...(await unpackLayers(image, store))];
  const inside = async (box: Process) => {
    whole.user = await images.enterAs(box, user, cwd, env);
    await spec.inside?.(box);
  };
  const whole: LayersSpec = { ...rest, ...{ command, env, layers, user: undefined, inside } };
  return containLayers(whole);
}
