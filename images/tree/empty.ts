// Removes what is in a folder. Not by recursion, for a tree may be deeper than the stack; and each folder is entered from the one
// above it, so that nobody's link leads out.
import { AT, type Batch, O, type Process, S } from '#linux';
import { pathArgument } from '../bytes.ts';
import { ImageError } from '../errors.ts';
import { kindOf, namesIn } from './ask.ts';

export async function emptyFolder(box: Process, calls: Batch, parent: number, name: string): Promise<void> {
  const stack = [await enter(box, calls, parent, name)];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const deeper = top.folders.pop();
    if (deeper !== undefined) {
      stack.push(await enter(box, calls, top.folder, deeper));
      continue;
    }
    calls.close(top.folder);
    stack.pop();
    if (stack.length > 0) calls.call('unlinkat', top.parent, pathArgument(top.name), AT.REMOVEDIR);
  }
}

/** Opens a folder, removes all in it that is none, and says which folders are left. */
async function enter(box: Process, calls: Batch, parent: number, name: string) {
  const flags = O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;
  const folder = await calls.askOpen('openat', parent, pathArgument(name), flags, 0);
  if (folder < 0) throw new ImageError(`the folder ${JSON.stringify(name)} cannot be emptied`);
  const folders: string[] = [];
  for (const child of await namesIn(box, calls, folder)) {
    if ((await kindOf(box, calls, folder, child)) === S.IFDIR) folders.push(child);
    else calls.call('unlinkat', folder, pathArgument(child), 0);
  }
  return { parent, name, folder, folders };
}
