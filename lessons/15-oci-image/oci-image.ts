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
  // TODO 1: count and digest what passes by. Too long: when it is known, and not at the end. (images.hashFor, images.parseDigest)
  for await (const chunk of chunks) yield chunk;
}

/** The manifest for a platform, this machine's when absent; of several that fit, the first of the best. image-index.md */
export function chooseManifest(index: images.Index, platform = images.thisPlatform()): Descriptor {
  // TODO 2: which of index.manifests is best for it? See images.fitness(). When none will do, say in an ImageError which there are.
  return index.manifests[0] as Descriptor;
}

/** Reads an image of a layout, from its name to its configuration; each document is verified on the way. image-layout.md */
export async function openImage(layout: string, reference?: string, platform?: images.Platform): Promise<Image> {
  return images.findImage(layout, reference, index => chooseManifest(index, platform));
}

/** `struct open_how`: whatever the path says, and wherever its links lead, it ends below the root. openat2(2) */
// TODO 3: which of RESOLVE's flags? Links must keep their meaning, and lead nowhere else.
export const confined: images.How = flags => u64(flags, 0, 0);

/**
 * Puts one entry of a layer into the tree. Its calls are sent without waiting for each: `tree.calls` is a batch, whose
 * descriptors have numbers before they are open. layer.md, "Applying Changesets"
 */
export async function apply(tree: Tree, entry: ReadEntry): Promise<void> {
  const place = await tree.place(entry.path);
  // TODO 4: do what the entry says. Is it a whiteout, or an opaque one? Then tree.hide(…), tree.hideChildren(…), and no more.
  // Else tree.note(place), and out of the way with what is there, but for a directory that stays one: tree.clear(…). Then each
  // of the seven types: mkdirat, openat (O_EXCL: why?) and pwrite64, linkat, symlinkat, mknodat; and then its owner, mode,
  // xattrs and time, in an order that keeps them all. A directory's time is for tree.folderMade(…), a link for tree.linkMade(…).
}

/** Puts a layer into the tree while it is read, and verifies both: the blob as it is stored, and the archive in it. */
async function applyLayer(tree: Tree, image: Image, i: number, signal?: AbortSignal): Promise<void> {
  const { layers } = image.manifest;
  // TODO 1, too: both are to be verified, what is stored by its descriptor, and the archive in it by its diff_id.
  const archive = images.decompress(images.readBlob(image.layout, layers[i] as Descriptor));
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
  // TODO 5: config's Entrypoint, Cmd, Env, WorkingDir and User; and what was asked for in their places. README, “How it is run”
  return { command: asked.command ?? [], env: { ...defaultEnv }, cwd: '/', user: '0:0', stopSignal: 'SIGTERM' };
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
