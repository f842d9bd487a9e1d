// Lesson 17: build an image. Read README.md beside this file; save, and watch the verdict.
import { mkdirSync } from 'node:fs';
import { exitStatus } from '#01-process';
import { ownMounts } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import { pivotRoot } from '#05-pivot-root';
import { makeFolder, ownUsers, removeFolder, shiftLayers } from '#09-user';
import { contain, openImage, unpackLayers } from '#15-oci-image';
import { parseReference, pull } from '#16-registry';
import * as images from '#images';
import { type Found, type Image, ImageError, type Instruction, type Item, type Job } from '#images';

/** What a build is asked for: context, file, store, tag, args, target, epoch, noCache … */
export type Options = images.BuildOptions;

/** What an instruction finds, and what it leaves to the next: the image so far, the last step's key, what ARG has declared, the shell. */
export type State = images.BuildState;

/**
 * What a container's overlay has put into its upper folder, as the entries of a layer: a character device 0:0 is something that was
 * removed, a folder with `user.overlay.opaque` a new one in the place of another. layer.md, "Whiteouts"; the kernel's overlayfs.rst
 */
export async function* layerItems(upper: AsyncIterable<Found>, newest?: bigint): AsyncGenerator<Item> {
  // TODO 1: in a layer, what was removed is a file `.wh.NAME` beside it, what was replaced has a file `.wh..wh..opq` in it.
  // See images.plainEntry() and images.keptXattrs(). Nothing is to be newer than `newest`. Only files have a content.
  for await (const { entry, content } of upper) yield entry.type === 'file' ? { entry, content: content() } : { entry };
}

/**
 * The key of a step: from the key of the step before, and from all else that its result depends on. What has the same key has the
 * same result. So whatever can change the result must be in it, and nothing that changes by itself.
 */
export function cacheKey(parent: string, inputs: unknown[]): string {
  // TODO 2: 64 characters that stand for all of it. The inputs are strings, lists and objects. (images.digestOf)
  return '0'.repeat(64);
}

/** One step: what it came to earlier, when its key is known; else `work` is done in a folder, and what it changes becomes a layer. */
async function step(
  job: Job,
  state: State,
  { text }: Instruction,
  inputs: unknown[],
  work?: (folder: string) => Promise<void>,
  changes: Partial<images.ImageConfig> = {},
): Promise<State> {
  // TODO 3: images.recall() what it came to earlier; or do the work in a folder (job.inFolder), read the layer there
  // (job.readLayer), and images.remember() it. Then images.withStep(). When was it created? See images.timeOf().
  return state;
}

/** RUN: the command, in a container of the image so far. All that it changes is then in the folder's upper. */
async function run(job: Job, state: State, instruction: Instruction & { command: string | string[] }): Promise<State> {
  // TODO 4: a step that starts contain() from the image so far, and waits for its end (job.orStop). What has to be in its inputs?
  // For the command see images.commandOf(), for its variables `state.scope`, job.variables.proxies() and images.envOf().
  return state;
}

/** COPY and ADD: puts the sources into the image, by a process that has no other root. */
async function copy(job: Job, state: State, instruction: images.Copy): Promise<State> {
  // TODO 5: a step that puts the sources where they belong, in a process whose root is the image's: images.withTransfer(),
  // job.inImage(). What has to be in its inputs? Not more than needed: see images.fingerprint().
  return state;
}

/** What an instruction makes of the image, and of all else that the next one finds. */
async function execute(job: Job, state: State, instruction: Instruction): Promise<State> {
  const { kind } = instruction;
  if (kind === 'RUN') return run(job, state, instruction);
  if (kind === 'COPY' || kind === 'ADD') return copy(job, state, instruction);
  const declared = images.declare(job, state, instruction);
  if (declared) return declared;
  const changes = images.changesBy(state, instruction);
  const work = kind === 'WORKDIR' ? (folder: string) => images.makeWorkdir(job, state, changes, folder) : undefined;
  const next = await step(job, state, instruction, [kind, changes], work, changes);
  return { ...next, hasCmd: state.hasCmd || kind === 'CMD' };
}

/** What makers of containers want, of which a build has nothing. */
const nobody = { containers: '', layers: [], command: [] };

/** Your earlier lessons, for what is not this one's idea. */
const lessons: images.Lessons = {
  become: box => ownUsers(box, nobody),
  remove: folder => removeFolder(folder, nobody),
  async enter(box, image, folder, store) {
    const layers = await unpackLayers(image, store);
    // FROM scratch: an overlay is over something.
    if (layers.length === 0) {
      layers.push(`${folder}/nothing`);
      mkdirSync(`${folder}/nothing`);
    }
    await ownUsers(box, nobody);
    await makeFolder(box, { ...nobody, folder });
    await ownMounts(box);
    await pivotRoot(box, await mountLayers(box, await shiftLayers(box, layers, folder), folder));
  },
  async find(name, store, platform) {
    const whole = parseReference(name).name;
    if (store.find(whole)) return openImage(store.folder, whole, platform);
    return pull(name, store, { ...(platform && { platform }) });
  },
};

/** Builds the image, and returns it: in the store, by its name when it was given one. Throws ImageError. */
export async function build(options: Options): Promise<Image> {
  return images.buildStages(options, lessons, execute);
}
