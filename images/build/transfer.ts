// What one COPY or ADD comes to: its words with variables replaced, its sources found, and how they are put into an image.
import { Batch, O, type Process } from '#linux';
import { expand } from '../containerfile/expand.ts';
import { findStage, readIgnore } from '../containerfile/index.ts';
import type { Copy } from '../containerfile/instructions.ts';
import { lookupIn } from '../containerfile/scope.ts';
import { findAll, type Source } from './copy.ts';
import type { Job } from './job.ts';
import type { BuildState } from './options.ts';
import type { Origin } from './origin.ts';
import { findOwner, findTarget, parseMode, placed } from './place.ts';
import { putAll } from './put.ts';

export interface Transfer {
  kind: 'COPY' | 'ADD';
  /** As images.fingerprint() wants them: files, folders, archives, with what is in them. */
  sources: Source[];
  /** As it was written, variables replaced. */
  target: string;
  chown: string | undefined;
  mode: number | undefined;
  /** Puts the sources where they belong, in the root of this process. */
  put(box: Process): Promise<void>;
}

/** Does `work` while the sources can be read: in the context, in an earlier stage, in another image. */
export function withTransfer<T>(
  job: Job,
  { image, scope }: BuildState,
  instruction: Copy,
  work: (transfer: Transfer) => Promise<T>,
): Promise<T> {
  const { flags, kind } = instruction;
  const { Env, WorkingDir } = image.config.config ?? {};
  const lookup = lookupIn(Env, scope);
  const target = expand(instruction.target, lookup);
  const [chown, chmod] = [flags.get('chown'), flags.get('chmod')].map(word => word && expand(word, lookup));
  const mode = parseMode(chmod);

  return withOrigin(job, instruction, async origin => {
    const sources = await findAll(origin, instruction, lookup);
    const put = async (box: Process) => {
      const owner = await findOwner(box, chown);
      const calls = await Batch.take(box);
      const place = await findTarget(calls, WorkingDir, target, sources, owner);
      await putAll(calls, placed(sources, place, { owner, mode }));
    };
    return work({ kind, sources, target, chown, mode, put });
  });
}

/** Opens where the sources are, for as long as `work` lasts. */
async function withOrigin<T>(job: Job, { flags }: Copy, work: (from: Origin) => Promise<T>): Promise<T> {
  const { context, file, platform } = job.options;
  const from = flags.get('from')?.text;
  if (from === undefined) {
    const ignore = await readIgnore(context, file);
    return job.withProcess(async box => {
      const root = await box.open(context, O.RDONLY | O.DIRECTORY);
      return work({ box, root, name: 'the context', ignore });
    });
  }
  const stage = findStage(job.containerfile, from);
  const image = stage ? job.resultOf(stage.index).image : await job.findBase(from, platform);
  return job.inFolder(folder =>
    job.inImage(image, folder, async box => {
      const root = await box.open('/', O.RDONLY | O.DIRECTORY);
      return work({ box, root, name: from });
    }),
  );
}
