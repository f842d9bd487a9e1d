// The repository as a clone has it: the files that Git knows, or would be told of, and nothing that was made.
import { fileURLToPath } from 'node:url';
import { zx } from './zx.ts';

export const home = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** In `folder`, a new one, owned by the user whom machines know. */
export async function clone(folder: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  await zx`mkdir ${folder}`;
  await zx`cd ${home} && git ${list} | tar -c --null --files-from=- --ignore-failed-read | tar -x -C ${folder}`;
  await zx`chown -R 1000:1000 ${folder}`;
}
