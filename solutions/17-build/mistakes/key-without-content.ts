// rejected by: changed-file
// diagnosis: key-without-content
// The sources are what the instruction names: their names are in the key.
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
  for await (const { entry, content } of upper) {
    const [, folder = '', name = ''] = /^(.*\/)?(.*)$/s.exec(entry.path) ?? [];
    if (name.startsWith('.wh.')) throw new ImageError(`${entry.path}: no layer can have a file of such a name`);

    if (entry.type === 'character' && entry.major === 0 && entry.minor === 0) {
      yield { entry: images.plainEntry('file', `${folder}.wh.${name}`) };
      continue;
    }
    const mtime = newest !== undefined && entry.mtime > newest ? newest : entry.mtime;
    const item = { entry: { ...entry, mtime, xattrs: images.keptXattrs(entry.xattrs) } };
    yield entry.type === 'file' ? { ...item, content: content() } : item;
    if (entry.type === 'directory' && String(entry.xattrs.get('user.overlay.opaque')) === 'y')
      yield { entry: images.plainEntry('file', `${entry.path}/.wh..wh..opq`) };
  }
}

/**
 * The key of a step: from the key of the step before, and from all else that its result depends on. What has the same key has the
 * same result. So whatever can change the result must be in it, and nothing that changes by itself.
 */
export function cacheKey(parent: string, inputs: unknown[]): string {
  return images.digestOf(JSON.stringify([parent, ...inputs])).slice('sha256:'.length);
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
  const key = cacheKey(state.key, inputs);
  let result = job.options.noCache ? undefined : await images.recall(job.store, key);
  if (result) job.report('--> using cache');
  else {
    const make = async (folder: string) => {
      await work?.(folder);
      return job.readLayer(folder, layerItems);
    };
    const layer = work && (await job.inFolder(make));
    result = { created: images.timeOf(job.options.epoch), ...(layer && { layer }) };
    await images.remember(job.store, key, result);
  }
  return { ...state, key, image: images.withStep(state.image, text, result, changes) };
}

/** RUN: the command, in a container of the image so far. All that it changes is then in the folder's upper. */
async function run(job: Job, state: State, instruction: Instruction & { command: string | string[] }): Promise<State> {
  const { image, scope, shell } = state;
  const command = images.commandOf(instruction.command, shell);
  // Any of the variables may be what the command does its work with.
  const inputs = ['RUN', command, [...scope].sort()];
  return step(job, state, instruction, inputs, async folder => {
    const declared = Object.fromEntries([...job.variables.proxies(), ...scope]);
    const env = { ...declared, ...images.envOf(image.config.config?.Env) };
    const { network = 'none' } = job.options;
    const spec = { image, store: job.layers, folder, containers: folder, network };
    const box = await contain({ ...spec, command, entrypoint: [], env });
    const status = await job.orStop(box, exitStatus(box));
    if (status !== 0) throw new ImageError(`the command ended with status ${status}`, 'what it has said stands above');
  });
}

/** COPY and ADD: puts the sources into the image, by a process that has no other root. */
async function copy(job: Job, state: State, instruction: images.Copy): Promise<State> {
  return images.withTransfer(job, state, instruction, async ({ kind, sources, target, chown, mode, put }) => {
    const inputs = [kind, target, chown, mode, sources.map(source => source.name)];
    return step(job, state, instruction, inputs, folder => job.inImage(state.image, folder, put));
  });
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
