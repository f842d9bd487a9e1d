// .containerignore, .dockerignore: what of a context is as if it were not there. Dockerfile reference, ".dockerignore file"
import { readFile } from 'node:fs/promises';
import dockerignore from '@balena/dockerignore';

export interface Ignore {
  /** Of the file it was read from, for messages; '' when there is none. */
  name: string;
  /** A path from the context's root, without a slash before it. */
  ignores(path: string): boolean;
  /** Whether something below an ignored folder may be wanted all the same, by a line with `!`. */
  hasExceptions: boolean;
}

/** Reads the first that exists: beside the Containerfile with its name, then in the context. */
export async function readIgnore(context: string, containerfile: string): Promise<Ignore> {
  const places = [`${containerfile}.dockerignore`, `${context}/.containerignore`, `${context}/.dockerignore`];
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(error => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const rules = (dockerignore as unknown as typeof dockerignore.default)({ ignorecase: false });
    rules.add(text.replace(/^\ufeff/, ''));
    const ignores = (path: string) => path !== '' && rules.ignores(path);
    return { name: place.slice(place.lastIndexOf('/') + 1), ignores, hasExceptions: /^\s*!/m.test(text) };
  }
  return { name: '', ignores: () => false, hasExceptions: false };
}
