// What steps of earlier builds have come to, by their keys: a file for each, so that builds side by side need no lock.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import type { Layer } from './layer.ts';

export interface Step {
  /** When it was done first: a build that finds everything here has the same digest as that one. */
  created: string;
  /** Absent when it changed no file. */
  layer?: Layer;
}

/** The step's result; undefined when it is not known, or its layer is gone from the store. */
export async function recall(store: Store, key: string): Promise<Step | undefined> {
  try {
    const step: Step = JSON.parse(await readFile(`${store.folder}/steps/${key}`, 'utf8'));
    return !step.layer || store.has(step.layer.descriptor.digest) ? step : undefined;
  } catch {
    // Never there, or half a file after a crash: either way it is to be done.
    return undefined;
  }
}

export async function remember(store: Store, key: string, step: Step): Promise<void> {
  const folder = `${store.folder}/steps`;
  await mkdir(folder, { recursive: true });
  const written = `${folder}/${randomUUID()}.new`;
  await writeFile(written, JSON.stringify(step));
  await rename(written, `${folder}/${key}`);
}
