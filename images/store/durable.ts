// What is there after the power failed: a file is written beside its place and then moved there, each step known to the disk.
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ImageError } from '../errors.ts';

/** Replaces a file, whole or not at all. One at a time for a path. rename(2), fsync(2) */
export async function writeDurably(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveDurably(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw explain(error, path);
  }
}

/** Moves a file whose content is on the disk already, and the folder's new entry onto it. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder: FileHandle = await open(dirname(to));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A disk's refusals are the user's to mend, and everything else is ours. */
export function explain(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ImageError(
      `no space left on the disk of ${dirname(path)}`,
      'make room (`box gc` does), then the same again: what is there is kept',
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ImageError(`${path} may not be written by this user`, 'name another store: --store FOLDER');
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new ImageError(`${path} cannot be a folder: there is a file`, 'name another store: --store FOLDER');
  return error;
}
