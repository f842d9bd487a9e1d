// What a build is asked for, what an instruction finds, and what it leaves to the next.
import type { Process } from '#linux';
import type { Store } from '../store/store.ts';
import type { Image, Platform } from '../types.ts';
import type { Compression } from './layer.ts';

export interface BuildOptions {
  /** The folder that COPY and ADD take their sources from. */
  context: string;
  /** The path of the Containerfile; when absent, the one in the context. */
  file?: string;
  /** The store, or its folder. */
  store: Store | string;
  /** The image that FROM or COPY --from names. When absent: of the store, or pulled into it. */
  base?: (name: string, platform?: Platform) => Promise<Image>;
  /** What the image is called in the store, whole: `docker.io/library/app:latest`. */
  tag?: string;
  /** Values for what the file declares with ARG. */
  args?: Record<string, string>;
  /** The stage to stop at; when absent, the last. */
  target?: string;
  platform?: Platform;
  compression?: Compression;
  /** Do everything, whatever is known from earlier. */
  noCache?: boolean;
  /** Seconds since 1970: no time in the image is later. https://reproducible-builds.org/specs/source-date-epoch */
  epoch?: number;
  /** Of each RUN. */
  network?: 'none' | 'host' | 'bridge';
  signal?: AbortSignal;
  /** Hears of each step, and of what is surely not meant. */
  report?: (line: string) => void;
}

export interface BuildState {
  image: Image;
  /** Of the last step: whatever the image's content has come from is in it. */
  key: string;
  /** What ARG has declared so far. */
  scope: ReadonlyMap<string, string>;
  /** What runs a command that is no list. */
  shell: string[];
  /** Whether this stage has said CMD. */
  hasCmd: boolean;
}

/** What a build has of the lessons before. */
export interface Lessons {
  /** Makes the process the root of a container's user namespace. */
  become(box: Process): Promise<void>;
  /** Makes the image's tree the process's root; what changes in it comes into the folder's `upper`. `layers`: unpacked ones are kept there. */
  enter(box: Process, image: Image, folder: string, layers: string): Promise<void>;
  /** Removes a container's folder. */
  remove(folder: string): Promise<void>;
  /** The image with this name: of the store, or pulled into it. */
  find(name: string, store: Store, platform?: Platform): Promise<Image>;
}
