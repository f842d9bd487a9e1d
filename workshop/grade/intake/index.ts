// From what was handed in to what counts of it.
import { UserError } from '../../errors.ts';
import type { Lesson } from '../../lessons.ts';
import type { Submission } from '../types.ts';
import { fromArchive } from './archive.ts';
import type { Handed } from './find.ts';
import { fromFolder } from './folder.ts';
import { fromRepository } from './repository.ts';

export { findHanded, type Handed } from './find.ts';

/** Reads one submission. Throws a UserError when it cannot be read at all. `ref` is for repositories. */
export async function take({ id, from, form }: Handed, lessons: Lesson[], ref?: string): Promise<Submission> {
  if ('why' in form) throw new UserError(form.why, form.next);
  const { kind, path } = form;
  const taken =
    kind === 'folder'
      ? fromFolder(path, lessons)
      : await (kind === 'tar' ? fromArchive(path, lessons) : fromRepository(path, lessons, ref));
  return { id, from, ...taken };
}
