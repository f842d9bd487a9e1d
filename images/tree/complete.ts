// A folder that is seen only when it is complete: made beside its place under another name, by a process on the wire, and renamed
// in the end. Whatever goes wrong, nothing of it is left.
import { mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { build, type Process } from '#linux';
import { ImageError } from '../errors.ts';

/** Makes a process the one that owns what is to be made: root, or root of a user namespace. */
export type Become = (box: Process) => Promise<void>;

/**
 * `make` puts the content into the folder that it is given, or into one in it, whose path it returns. `folder` must not exist, or be
 * empty; when somebody else completes the same meanwhile, theirs is kept if `orTheirs`.
 */
export async function complete(
  folder: string,
  become: Become,
  make: (box: Process, unfinished: string) => Promise<string>,
  orTheirs = false,
): Promise<void> {
  const target = resolve(folder);
  if (!isFree(target))
    throw new ImageError(`${folder} is there already, and not empty`, 'name a folder that is not there yet');
  const unfinished = makeBeside(target);
  try {
    let made = '';
    const steps = async (box: Process) => {
      await become(box);
      await box.syscall('umask', 0);
      made = await make(box, unfinished);
      await box.end();
    };
    await build(steps, { trace: false, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(made, target);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!(orTheirs && ['ENOTEMPTY', 'EEXIST'].includes(code))) throw error;
  } finally {
    await discard([unfinished], become);
  }
}

function isFree(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    throw new ImageError(`${folder}: ${code === 'ENOTDIR' ? 'there is a file of that name' : message}`);
  }
}

function makeBeside(target: string): string {
  try {
    return mkdtempSync(`${dirname(target)}/.unfinished-`);
  } catch (error) {
    throw new ImageError(`${dirname(target)}: no folder can be made there (${(error as Error).message})`);
  }
}

/** Removes what may belong to ids that only the owner has power over, however deep it is: rm(1) knows how. */
export async function discard(paths: string[], become: Become): Promise<void> {
  const box = await build(async box => {
    await become(box);
    await box.execve('/bin/rm', ['rm', '-rf', '--', ...paths]);
  });
  await box.exited;
}
