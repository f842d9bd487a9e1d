// Notices that a file was saved, however the editor does it: written in place, or replaced by rename.
import { type BigIntStats, readFileSync, stat, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** An editor's save is several events; the file is whole when they have ceased for this long, in ms. */
const settled = 15;
/** A save in place empties the file before it fills it: an empty one is believed only after so many ms. */
const believed = 200;
/** Shared folders of virtual machines send no events: there the file's times must be asked, every so many ms. */
const askEvery = 250;

/** Calls `saved` when the text has become another one, with the time of the first event (performance.now). Returns the end of it. */
export function onSave(file: string, saved: (at: number) => void): () => void {
  // The times before the text, or a save between the two would never be noticed by them.
  let state = stateOf(statSync(file, { bigint: true, throwIfNoEntry: false }));
  let text = read(file);
  let first: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    const [at, now] = [first ?? performance.now(), read(file)];
    if (now === '' && performance.now() - at < believed) {
      timer = setTimeout(look, believed);
      return;
    }
    first = null;
    if (now === null || now === text) return;
    text = now;
    saved(at);
  };
  const event = () => {
    first ??= performance.now();
    clearTimeout(timer);
    timer = setTimeout(look, settled);
  };

  // The folder, because a file that replaces another is not the one that is watched.
  const watcher = watch(dirname(file), (_, name) => {
    if (name === null || name === basename(file)) event();
  });
  watcher.on('error', () => watcher.close());
  let ended = false;
  const ask = () =>
    stat(file, { bigint: true }, (_, found) => {
      if (ended) return;
      const now = stateOf(found);
      if (now !== state) event();
      state = now;
    });
  const asking = setInterval(ask, askEvery);

  return () => {
    ended = true;
    clearInterval(asking);
    clearTimeout(timer);
    watcher.close();
  };
}

/** What changes with every save. */
function stateOf(found: BigIntStats | undefined): string {
  return found ? [found.ino, found.size, found.mtimeNs, found.ctimeNs].join() : '';
}

/** Null for the moment between an editor's taking the old file away and putting the new one in its place. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
