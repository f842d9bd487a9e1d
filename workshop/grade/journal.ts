// The results folder: a mark is there, whole, as soon as it is reached, so that whatever happens to the grader afterwards costs only what it was
// at. `FOLDER/marks/ID.json` is all that counts in it; the reports beside it are made from those.
import { type Dirent, readdirSync, readFileSync, rmSync } from 'node:fs';
import { withLockIfFree } from '../../linux/lock.ts';
import { UserError } from '../errors.ts';
import { makeFolder, writeWhole } from '../files.ts';
import type { Mark } from './types.ts';

export interface Journal {
  /** The finished mark of that key, if there is one: it need not be made again. */
  kept(id: string, key: string): Mark | null;
  keep(mark: Mark): void;
  /** All that are there, by their ids in order. */
  all(): Mark[];
}

/** 'new': the folder has to be empty. 'again': what it has is marked anew. 'resume': what it has counts. */
export type Start = 'new' | 'resume' | 'again';

/** Does `work` with the folder's journal, while no other grader does. */
export async function withJournal<T>(folder: string, start: Start, work: (journal: Journal) => Promise<T>): Promise<T> {
  makeFolder(folder);
  const done = await withLockIfFree(`${folder}/${lock}`, async () => {
    prepare(folder, start);
    return { value: await work(openJournal(`${folder}/marks`)) };
  });
  if (done) return done.value;
  throw new UserError(`another grader is at work in ${folder}`, 'wait for it, or name another folder with --results');
}

const lock = '.lock';

function prepare(folder: string, start: Start): void {
  const marks = `${folder}/marks`;
  // A grader that could not begin, since its queue did not answer, say, leaves no marks.
  const isNothing = (entry: Dirent) =>
    entry.name === lock || (entry.name === 'marks' && entry.isDirectory() && readdirSync(marks).length === 0);
  const found = readdirSync(folder, { withFileTypes: true });
  const before = found.filter(entry => !isNothing(entry)).map(({ name }) => name);
  if (start === 'new' && before.length > 0) {
    const next = before.includes('marks')
      ? '--resume goes on with it, --again marks all anew'
      : 'name another folder with --results';
    throw new UserError(`there is something in ${folder} already`, next, 2);
  }
  makeFolder(marks);
  for (const name of readdirSync(marks)) {
    // A grader that was killed in the middle of writing leaves its half under another name.
    if (start === 'again' ? /\.json(\.\d+\.new)?$/.test(name) : name.endsWith('.new')) rmSync(`${marks}/${name}`);
  }
}

function openJournal(marks: string): Journal {
  const path = (id: string) => `${marks}/${id}.json`;
  return {
    kept(id, key) {
      const mark = readMark(path(id), id);
      return mark?.outcome === 'marked' && mark.key === key ? mark : null;
    },
    keep: mark => writeWhole(path(mark.submission.id), `${JSON.stringify(mark, null, 2)}\n`),
    all() {
      const ids = readdirSync(marks).flatMap(name => /^(.+)\.json$/.exec(name)?.[1] ?? []);
      return ids.sort().flatMap(id => readMark(path(id), id) ?? []);
    },
  };
}

/** Null for none, and for what is none: somebody's editor, or a disk, has had its hand in it, and it is marked again. */
function readMark(path: string, id: string): Mark | null {
  try {
    const mark = JSON.parse(readFileSync(path, 'utf8')) as Mark;
    const whole =
      mark.version === 1 && mark.submission.id === id && typeof mark.key === 'string' && Array.isArray(mark.lessons);
    return whole ? mark : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
