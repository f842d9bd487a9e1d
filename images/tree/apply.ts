// A layer's entries, one by one; and what went wrong with one, in one line: which layer, which entry, and what the kernel said.
import { MEANING, SyscallError } from '#linux';
import { ImageError } from '../errors.ts';
import { type ReadEntry, readTar } from '../tar/read.ts';
import type { Tree } from './tree.ts';

const remedies: Record<string, string> = {
  ENOSPC: 'make room on that file system, and try again: nothing half done is left',
  EDQUOT: 'make room on that file system, and try again: nothing half done is left',
};

/** Gives each entry of a layer's archive to `apply`, in order, and says of what goes wrong with which one it did. */
export async function applyAll(
  tree: Tree,
  archive: AsyncIterable<Uint8Array>,
  apply: (tree: Tree, entry: ReadEntry) => Promise<void>,
  layer: string,
  signal?: AbortSignal,
): Promise<void> {
  const { calls } = tree;
  let path = '';
  try {
    for await (const entry of readTar(archive)) {
      signal?.throwIfAborted();
      calls.about = path = entry.path;
      await apply(tree, entry);
      await calls.room();
    }
    path = '';
    await calls.flush();
    await tree.endLayer();
  } catch (error) {
    throw explain(error, layer, path);
  }
}

function explain(error: unknown, layer: string, path: string): unknown {
  if (error instanceof SyscallError) {
    const about = ('about' in error && String(error.about)) || path;
    const why =
      error.code === 'EINVAL' && /chown/.test(error.syscall) ? 'its owner is no user here' : MEANING[error.code];
    return new ImageError(`${layer}, ${show(about)}: ${why} (${error.syscall}: ${error.code})`, remedies[error.code]);
  }
  if (!(error instanceof ImageError)) return error;
  // Of what has a whole line of its own, it is enough to say where.
  return new ImageError(`${layer}${path ? `, ${show(path)}` : ''}: ${error.message}`, error.next);
}

/** Nothing in it that a terminal would obey. */
const show = (path: string) => JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
