// Builds the live kernel, unless it is there: `.cache/live/state-KEY.zst`, a machine that has booted and whose shell waits, and CONTENTS, what
// it is made of. Debian's packages come through apt; the boot, in v86 in Node, takes half a minute. The key changes with whatever goes in.
//
//   node slides/live/build.ts            builds it if need be, and says where it is
//   node slides/live/build.ts --fresh    anew, from the packages of today; --into FOLDER: elsewhere
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs, promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { Interrupted, UserError, untilInterrupted } from '../../workshop/errors.ts';
import { makeOwned, removeOwned, sweepOwned } from '../../workshop/guest/owned.ts';
import type { Progress } from '../../workshop/guest/packages.ts';
import { cache } from '../../workshop/paths.ts';
import { boot } from './boot.ts';
import { contents } from './contents.ts';
import { digest, keyOf } from './key.ts';
import { exclusively } from './lock.ts';
import { fetchParts } from './packages.ts';

const usual = `${cache}/live`;

/** Another list of packages or modules is another folder. */
export const partsIn = (folder: string) =>
  `${folder}/packages-${digest(readFileSync(new URL('./packages.ts', import.meta.url)))}`;

export interface Built {
  /** The machine's state, compressed by zstd, as v86 takes it. */
  state: string;
  /** What is in it, as text: packages, versions, where their sources are. */
  contents: string;
}

export interface BuildOptions {
  /** Fetches the packages again. */
  fresh?: boolean;
  /** Where it is kept. */
  into?: string;
  signal?: AbortSignal;
}

/** What was built from the sources as they are now, or null. */
export function builtLive(folder = usual): Built | null {
  const parts = partsIn(folder);
  const built = { state: `${folder}/state-${keyOf(parts)}.zst`, contents: `${folder}/CONTENTS` };
  return existsSync(parts) && existsSync(built.state) && existsSync(built.contents) ? built : null;
}

/** Builds it if need be: the first time a minute and 50 MB from Debian's mirror. Two at once do it once. */
export async function buildLive(progress: Progress, options: BuildOptions = {}): Promise<Built> {
  const { fresh = false, into: folder = usual, signal } = options;
  const there = fresh ? null : builtLive(folder);
  if (there) return there;
  mkdirSync(folder, { recursive: true });
  return await exclusively(`${folder}/lock`, progress, signal, async () => {
    const meanwhile = fresh ? null : builtLive(folder);
    if (meanwhile) return meanwhile;
    sweepOwned(folder, 'new');
    const work = makeOwned(folder, 'new');
    try {
      return await build(folder, work, fresh, progress, signal);
    } finally {
      removeOwned(work);
    }
  });
}

async function build(
  folder: string,
  work: string,
  fresh: boolean,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Built> {
  const parts = partsIn(folder);
  if (fresh || !existsSync(parts)) {
    const fetched = await fetchParts(work, progress, signal);
    rmSync(parts, { recursive: true, force: true });
    renameSync(fetched, parts);
  }

  progress('booting it once, in v86 (half a minute)');
  const state = await boot(parts, signal);

  progress('compressing its state');
  const level = { [constants.ZSTD_c_compressionLevel]: 19 };
  const packed = await orAborted(promisify(zstdCompress)(state, { params: level }), signal);
  const built = { state: `${folder}/state-${keyOf(parts)}.zst`, contents: `${folder}/CONTENTS` };
  writeFileSync(`${work}/state`, packed);
  writeFileSync(
    `${work}/contents`,
    contents(JSON.parse(readFileSync(`${parts}/versions.json`, 'utf8')), packed.length),
  );
  renameSync(`${work}/contents`, built.contents);
  renameSync(`${work}/state`, built.state);
  const kept = [built.state, parts];
  const old = readdirSync(folder).filter(
    name => /^(state|packages)-/.test(name) && !kept.includes(`${folder}/${name}`),
  );
  for (const name of old) rmSync(`${folder}/${name}`, { recursive: true, force: true });
  return built;
}

/** What cannot be stopped is not waited for. */
async function orAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  signal?.throwIfAborted();
  return await Promise.race([work, aborted]);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean' }, into: { type: 'string' } } });
  const gone = new AbortController();
  process.once('SIGHUP', () => gone.abort(new Interrupted(129)));
  try {
    const signal = AbortSignal.any([untilInterrupted(), gone.signal]);
    const built = await buildLive(line => console.error(`  ${line}`), { ...values, signal });
    console.log(`${built.state}  ${(statSync(built.state).size / 1e6).toFixed(1)} MB`);
    process.exit(0);
  } catch (error) {
    if (error instanceof UserError) console.error(`live: ${error.message}\nnext: ${error.next}`);
    else if (!(error instanceof Interrupted)) console.error(error);
    // At once: a compression that is under way would keep the process for seconds.
    process.exit(error instanceof Interrupted || error instanceof UserError ? error.status : 1);
  }
}
