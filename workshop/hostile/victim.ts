// The process that meets hostile things: it opens an image and unpacks it, as it is told to by judge.ts, and says how that ended.
// Nothing else is in it, so that its memory, its descriptors and its end are the software's own doing.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { openImage, processOf, unpack, unpackLayers } from '#15-oci-image';
import { ImageError, readRegistries, readTar, Store } from '#images';
import { timeouts } from '../../images/registry/answer.ts';
import { archive } from './fuzz/archives.ts';
import { random } from './fuzz/random.ts';

/** An image to unpack; or so many of the fuzzer's archives to read; or an image to pull; or its tags to list; or a layer for tar(1). */
export type Task =
  | { layout: string; reference: string; target: string; isApart: boolean }
  | { naive: string; target: string }
  | { seed: number; from: number; count: number }
  | ({ pull: string; store: string } & Asking)
  | ({ tags: string } & Asking);

interface Asking {
  configuration: string;
  /** The server is one that is waited for in vain. */
  inVain: boolean;
}

/** How it ended: without an error, or with one. */
export interface Ended {
  error?: { name: string; message: string; next?: string; stack: string };
}

async function perform(task: Task): Promise<void> {
  if ('layout' in task) return open(task);
  if ('configuration' in task) return ask(task);
  if ('naive' in task) return naively(task.naive, task.target);
  for (let n = task.from; n < task.from + task.count; n++) await read(archive(random(task.seed, n)), n);
}

/** All that an image is used for, but to run it. */
async function open({ layout, reference, target, isApart }: Extract<Task, { layout: string }>): Promise<void> {
  const image = await openImage(layout, reference);
  // First, as contain() does: an image that does not say what to run is not unpacked for it.
  processOf(image.config);
  if (isApart) await unpackLayers(image, target);
  else await unpack(image, target);
}

/** As nobody should: for the corpus to show that it would be noticed. */
function naively(layer: string, target: string): void {
  mkdirSync(target, { recursive: true });
  const { stderr, status } = spawnSync('tar', ['-xPf', layer, '-C', target], { encoding: 'utf8' });
  if (status !== 0) throw new ImageError(stderr);
}

const usual = { ...timeouts };
/** Milliseconds: a case is to take seconds, and not minutes. Fifteen times the pause between the bytes of one that drips. */
const hasty: typeof timeouts = { connect: 1500, answer: 1500, piece: 1500, document: 3000 };

async function ask(task: Extract<Task, { configuration: string }>): Promise<void> {
  const { listTags, pull } = await import('#16-registry');
  Object.assign(timeouts, task.inVain ? hasty : usual);
  const registries = await readRegistries(task.configuration, { attempts: 3, first: 1, longest: 2000 });
  if ('tags' in task) await listTags(task.tags, { registries });
  else await pull(task.pull, await Store.open(task.store), { registries });
}

/** In pieces of any length, as a network gives them. */
async function read(bytes: Buffer, n: number): Promise<void> {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += 1 + (n % 2000)) yield bytes.subarray(at, at + 1 + (n % 2000));
  };
  try {
    for await (const { content } of readTar(pieces())) for await (const _ of content);
  } catch (error) {
    if (!(error instanceof ImageError)) throw new Error(`archive ${n}: ${(error as Error).stack}`);
  }
}

process.on('message', async (task: Task) => {
  try {
    await perform(task);
    process.send?.({} satisfies Ended);
  } catch (error) {
    const { name, message, stack = '', next } = error as Error & { next?: string };
    process.send?.({ error: { name, message, stack, ...(next && { next }) } } satisfies Ended);
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
