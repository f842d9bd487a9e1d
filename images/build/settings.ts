// The instructions that run nothing and copy nothing: what they make of the configuration, and of what later ones find.
import { Batch } from '#linux';
import { configure } from '../containerfile/config.ts';
import type { Instruction } from '../containerfile/instructions.ts';
import { lookupIn } from '../containerfile/scope.ts';
import type { ImageConfig } from '../types.ts';
import type { Job } from './job.ts';
import type { BuildState } from './options.ts';
import { findOwner } from './place.ts';
import { makeFolders } from './put.ts';

/** ARG, SHELL: nothing of the image changes. Undefined for all others. */
export function declare({ variables }: Job, state: BuildState, instruction: Instruction): BuildState | undefined {
  if (instruction.kind === 'SHELL') return { ...state, shell: instruction.command as string[] };
  if (instruction.kind !== 'ARG') return undefined;
  const scope = new Map(state.scope);
  variables.declare(scope, instruction, lookupIn(state.image.config.config?.Env, scope));
  return { ...state, scope };
}

/** What changes in the image's configuration. */
export function changesBy({ image, scope, shell, hasCmd }: BuildState, instruction: Instruction): Partial<ImageConfig> {
  const { config = {} } = image.config;
  const author = instruction.kind === 'MAINTAINER' && { author: instruction.value.text };
  return { config: configure(config, instruction, { lookup: lookupIn(config.Env, scope), shell, hasCmd }), ...author };
}

/** Makes the working folder that the changes name, where the image has none; it belongs to the image's user. */
export function makeWorkdir(job: Job, { image }: BuildState, { config }: Partial<ImageConfig>, folder: string) {
  return job.inImage(image, folder, async box => {
    const owner = await findOwner(box, config?.User);
    await makeFolders(await Batch.take(box), config?.WorkingDir ?? '/', owner);
  });
}
