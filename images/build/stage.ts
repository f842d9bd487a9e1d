// From FROM to FROM: the stages that are needed, one after the other, each from what its FROM names.
import { expand } from '../containerfile/expand.ts';
import { findStage, type Instruction, locate, neededStages, type Stage } from '../containerfile/index.ts';
import { digestOf } from '../digest.ts';
import { parsePlatform } from '../platform.ts';
import type { Image } from '../types.ts';
import { emptyImage, saveImage } from './assemble.ts';
import { Job } from './job.ts';
import type { BuildOptions, BuildState, Lessons } from './options.ts';

/** What an instruction makes of the state that it finds. */
type Execute = (job: Job, state: BuildState, instruction: Instruction) => Promise<BuildState>;

/** Builds the image, and names it when it is to have a name. An error says where in the file. */
export async function buildStages(options: BuildOptions, lessons: Lessons, execute: Execute): Promise<Image> {
  const job = await Job.open(options, lessons);
  return job.store.whileUsed(async () => {
    for (const { place, message } of job.containerfile.warnings)
      job.report(`${place.file}:${place.line}: warning: ${message}`);
    const stages = neededStages(job.containerfile, options.target, job.variables.inFrom);
    const total = stages.reduce((sum, { instructions }) => sum + instructions.length + 1, 0);
    let number = 0;
    let image: Image | undefined;
    for (const stage of stages) {
      job.report(`STEP ${++number}/${total}: ${stage.from.text}`);
      let state = await locate(stage.from.place, () => begin(job, stage));
      for (const instruction of stage.instructions) {
        job.report(`STEP ${++number}/${total}: ${instruction.text}`);
        const before = state;
        state = await locate(instruction.place, () => execute(job, before, instruction));
      }
      job.done.set(stage.index, state);
      image = state.image;
    }
    for (const name of job.variables.unused())
      job.report(`warning: nothing declares the argument ${name} (ARG ${name})`);

    const saved = await saveImage(job.store, image as Image);
    if (options.tag !== undefined) await job.store.tag(options.tag, saved.descriptor);
    return saved;
  });
}

/** What a stage begins with: an earlier one's result, an image, or nothing. */
async function begin(job: Job, { from, index }: Stage): Promise<BuildState> {
  const { containerfile, variables, options } = job;
  const name = expand(from.image, variables.inFrom);
  const wanted = from.flags.get('platform');
  const platform = wanted ? parsePlatform(expand(wanted, variables.inFrom)) : options.platform;

  const earlier = findStage(containerfile, name, index);
  if (earlier) return { ...job.resultOf(earlier.index), scope: new Map(), hasCmd: false };
  const image = name === 'scratch' ? emptyImage(job.store, platform) : await job.findBase(name, platform);
  // How layers are written is part of what they are.
  const key = digestOf(JSON.stringify([image.config, options.compression ?? 'gzip', options.epoch]));
  return { image, key, scope: new Map(), shell: ['/bin/sh', '-c'], hasCmd: false };
}
