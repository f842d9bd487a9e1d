// Contexts on disk, and a store with the base image that they begin with: what the tests of builds share.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { openImage } from '#15-oci-image';
import { build, type Options } from '#17-build';
import { type Image, Store } from '#images';
import { baseRootfs } from '../../paths.ts';
import type { Case } from './cases.ts';

/** The one moment that all of a context's files are from. */
export const when = new Date('2024-05-06T07:08:09Z');

/** A folder of the test's own, which other users may look into: containers' users are others. */
export function makeFolder(): string {
  // In small letters, for Podman takes it for a part of an image's name.
  const folder = `${tmpdir()}/build-${randomBytes(4).toString('hex')}`;
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

export function writeFiles(root: string, files: Case['files']): void {
  for (const [name, text] of Object.entries(files)) {
    const path = `${root}/${name}`;
    mkdirSync(text === null ? path : dirname(path), { recursive: true });
    if (text === null) continue;
    rmSync(path, { force: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
    else if (text.startsWith('= ')) linkSync(`${root}/${text.slice(2)}`, path);
    else writeFileSync(path, text);
    if (!text.startsWith('-> ')) utimesSync(path, when, when);
  }
}

/** Writes a context into a folder; what is there and has another name stays. */
export function writeContext(context: string, { files, containerfile, archives = {} }: Case): void {
  mkdirSync(context, { recursive: true });
  writeFiles(context, files);
  for (const [archive, content] of Object.entries(archives)) {
    const tree = `${context}.tree`;
    rmSync(tree, { recursive: true, force: true });
    writeFiles(tree, content);
    const how = ['--auto-compress', '--owner=7', '--group=8', '--sort=name', `--mtime=${when.toISOString()}`];
    execFileSync('tar', ['-C', tree, ...how, '-cf', `${context}/${archive}`, '.']);
  }
  writeFileSync(`${context}/Containerfile`, containerfile.replace(/^ {6}/gm, '').trimStart());
}

export const baseSettings =
  'ENV PATH=/bin:/sbin:/usr/bin:/usr/sbin\nENV FROM_BASE=1\nLABEL base=yes\nCMD ["/bin/sh"]\n';

/** The context of the base image: the workshop's base root, and some configuration. */
export function writeBase(context: string): void {
  mkdirSync(context, { recursive: true });
  const how = ['--owner=0', '--group=0', '--sort=name'];
  execFileSync('tar', ['-C', baseRootfs, ...how, '-cf', `${context}/root.tar`, '.']);
  writeFileSync(`${context}/Containerfile`, `FROM scratch\nADD root.tar /\n${baseSettings}`);
}

export interface Bench {
  store: Store;
  /** Builds a context; its base images are found in the store by what they are called there. */
  build(context: string, options?: Partial<Options>): Promise<{ image: Image; said: string[] }>;
}

export async function openBench(folder: string): Promise<Bench> {
  const store = await Store.open(folder);
  return {
    store,
    async build(context, options = {}) {
      const said: string[] = [];
      const image = await build({
        ...{ context, file: `${context}/Containerfile`, store, report: line => said.push(line) },
        base: async name => openImage(store.folder, name),
        ...options,
      });
      return { image, said };
    },
  };
}

/** By step, whether it was found and not done. */
export function cachedSteps(said: string[]): Record<string, boolean> {
  const steps: Record<string, boolean> = {};
  for (const [i, line] of said.entries()) {
    const [, step] = /^STEP \d+\/\d+: (.*)$/.exec(line) ?? [];
    if (step) steps[step] = said[i + 1] === '--> using cache';
  }
  return steps;
}
