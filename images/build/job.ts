// A build under way: what it has come to, and the places that its steps work in. Everything in them ends with the step.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { O, Process } from '#linux';
import { type Containerfile, platformArgs, readContainerfile } from '../containerfile/index.ts';
import { Arguments } from '../containerfile/scope.ts';
import { ImageError } from '../errors.ts';
import { Store } from '../store/store.ts';
import type { Item } from '../tar/write.ts';
import type { Image, Platform } from '../types.ts';
import { type Layer, writeLayer } from './layer.ts';
import type { BuildOptions, BuildState, Lessons } from './options.ts';
import { type Found, linked, walkUpper } from './walk.ts';

/** What a layer is made of, out of what is found in an upper folder; no time is to be later than `newest`, in ns since 1970. */
export type ToItems = (upper: AsyncIterable<Found>, newest?: bigint) => AsyncIterable<Item>;

export class Job {
  static async open(options: BuildOptions, lessons: Lessons): Promise<Job> {
    const store = typeof options.store === 'string' ? await Store.open(options.store) : options.store;
    const file = options.file ?? `${options.context}/Containerfile`;
    return new Job({ ...options, file }, store, await readContainerfile(file), lessons);
  }

  readonly options: BuildOptions & { file: string };
  readonly store: Store;
  readonly containerfile: Containerfile;
  readonly variables: Arguments;
  /** Stages that are done, by their numbers. */
  readonly done = new Map<number, BuildState>();
  readonly #lessons: Lessons;

  private constructor(options: Job['options'], store: Store, containerfile: Containerfile, lessons: Lessons) {
    this.options = options;
    this.store = store;
    this.containerfile = containerfile;
    this.variables = new Arguments(options.args ?? {}, platformArgs(options.platform), containerfile);
    this.#lessons = lessons;
  }

  /** Where unpacked layers are kept, for contain(). */
  get layers(): string {
    return `${this.store.folder}/layers`;
  }

  report(line: string): void {
    this.options.report?.(line);
  }

  /** The image that a name means, which is no stage's. */
  findBase(name: string, platform?: Platform): Promise<Image> {
    const { base } = this.options;
    return base ? base(name, platform) : this.#lessons.find(name, this.store, platform);
  }

  /** Does `work` with a folder for a container of its own, which goes afterwards. */
  async inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    mkdirSync(`${this.store.folder}/build`, { recursive: true });
    const folder = mkdtempSync(`${this.store.folder}/build/`);
    try {
      return await work(folder);
    } finally {
      await this.#lessons.remove(folder);
    }
  }

  /** Waits for what comes of the box, and ends it when the build is stopped. */
  async orStop<T>(box: Process, result: Promise<T>): Promise<T> {
    const { signal } = this.options;
    const stop = () => void box.end();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      return await result;
    } finally {
      signal?.removeEventListener('abort', stop);
      signal?.throwIfAborted();
    }
  }

  /** Does `work` with a process that ends with it. */
  async withProcess<T>(work: (box: Process) => Promise<T>): Promise<T> {
    this.options.signal?.throwIfAborted();
    const box = await Process.start({ trace: false });
    try {
      return await this.orStop(box, work(box));
    } finally {
      await box.end();
    }
  }

  /** Does `work` with a process whose root is the image's, and which has nothing of the host in sight. */
  inImage<T>(image: Image, folder: string, work: (box: Process) => Promise<T>): Promise<T> {
    return this.withProcess(async box => {
      await this.#lessons.enter(box, image, folder, this.layers);
      await box.syscall('umask', 0);
      return work(box);
    });
  }

  /** The layer of what a container has changed, whose folder this is; nothing when that is nothing. */
  readLayer(folder: string, toItems: ToItems): Promise<Layer | undefined> {
    return this.withProcess(async box => {
      const upper = await box.open(`${folder}/upper`, O.RDONLY | O.DIRECTORY);
      // As the container's root, who may read all of it, and to whom everything belongs to whom it belonged inside.
      await this.#lessons.become(box);
      const { epoch, compression = 'gzip' } = this.options;
      const newest = epoch === undefined ? undefined : BigInt(epoch) * 1_000_000_000n;
      return writeLayer(this.store, toItems(linked(walkUpper(box, upper)), newest), compression);
    });
  }

  /** The state of a stage that is done. */
  resultOf(stage: number): BuildState {
    const state = this.done.get(stage);
    if (!state) throw new ImageError(`the stage ${stage} is not built yet`);
    return state;
  }
}
