// A Containerfile from its path, and errors that say where in it.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { SyscallError } from '#linux';
import { ImageError } from '../errors.ts';
import { showPlatform, thisPlatform } from '../platform.ts';
import type { Platform } from '../types.ts';
import { ContainerfileError, type Place } from './errors.ts';
import { type Containerfile, parseContainerfile } from './parse.ts';

export async function readContainerfile(path: string): Promise<Containerfile> {
  const source = await readFile(path, 'utf8').catch(error => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new ImageError(`${path}: ${why}`, 'name one with --file');
  });
  return parseContainerfile(source, basename(path));
}

/** Does the instruction's work. What it finds wrong is said with its place. */
export async function locate<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyscallError && error.syscall === 'execve')
      throw new ContainerfileError(place, `the command cannot be started: ${error.meaning}`, `see ${error.call}`);
    if (error instanceof ImageError && !(error instanceof ContainerfileError))
      throw new ContainerfileError(place, error.message, error.next);
    throw error;
  }
}

/** What every file may declare, and use in FROM. Dockerfile reference, "Automatic platform ARGs in the global scope" */
export function platformArgs(target: Platform = thisPlatform()): Record<string, string> {
  const names = (prefix: string, platform: Platform) => ({
    [`${prefix}PLATFORM`]: showPlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? '',
  });
  return { ...names('BUILD', thisPlatform()), ...names('TARGET', target) };
}
