// Who has handed in, and where it lies: from the paths of a command line to one entry a submission. Nothing of theirs is read yet; that
// happens when its turn comes, so that a class of a thousand need not be in memory at once.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors.ts';
import { listLimit, lookAt, unwrap } from './kinds.ts';
import { type Listed, parseList } from './list.ts';
import { idGiver } from './name.ts';

/** One submission: where it lies, in what form, or why it cannot be read. */
export interface Handed {
  id: string;
  /** As it was named. */
  from: string;
  form: { kind: 'folder' | 'repository' | 'tar'; path: string } | { why: string; next: string };
}

type Unnamed = Omit<Handed, 'id'> & { name: string; id?: string };

/** Throws a UserError for a path that is not there, and for what can be no submission. In a class it is an entry with a reason. */
export function findHanded(paths: string[]): Handed[] {
  const found = paths.flatMap(path => named(path));
  if (found.length === 0)
    throw new UserError('nothing was handed in', 'name folders, tar files, repositories, or a list', 2);
  const give = idGiver();
  // First those that a list has named: theirs are not to change because somebody's folder has the same name.
  const given = new Map(found.filter(each => each.id !== undefined).map(each => [each, give(each.id as string)]));
  return found.map(each => ({ id: given.get(each) ?? give(each.name), from: each.from, form: each.form }));
}

function named(from: string, inList = false): Unnamed[] {
  const path = resolved(from);
  const name = basename(path);
  const seen = path ? lookAt(path) : { why: 'there is no such file or folder', next: 'name what was handed in' };
  if ('why' in seen) {
    if (inList) return [{ name: basename(from), from, form: seen }];
    throw new UserError(`${from}: ${seen.why}`, seen.next, 2);
  }
  if (seen.kind === 'class') return inList ? [child(path, from)] : children(path, from);
  if (seen.kind !== 'list') return [{ name, from, form: { kind: seen.kind, path } }];
  if (inList) return [{ name, from, form: notThis('a list in a list') }];
  return parseList(readList(path), from).flatMap(({ path: listed, id }: Listed) =>
    named(listed, true).map(each => (id === undefined ? each : { ...each, id })),
  );
}

/** The person who runs this names it, so it may be a link; from here on nothing may. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return '';
  }
}

const notThis = (why: string) => ({
  why,
  next: 'hand in a folder with lessons/, a tar file of it, or a git repository',
});

/** What a learning platform's download looks like. */
function children(path: string, from: string): Unnamed[] {
  const names = readdirSync(path).filter(name => !name.startsWith('.') && name !== '__MACOSX');
  const found = names.sort().map(name => child(`${path}/${name}`, `${from.replace(/\/+$/, '')}/${name}`));
  if (found.some(each => 'kind' in each.form)) return found;
  throw new UserError(`${from} has no lessons/, and nothing in it that could be graded`, notThis('').next, 2);
}

function child(path: string, from: string): Unnamed {
  return { name: basename(path), from, form: formOf(path) };
}

function formOf(path: string): Handed['form'] {
  const outer = lookAt(path);
  const seen = 'kind' in outer && outer.kind === 'class' ? unwrap(path) : outer;
  if (!seen) return notThis('it has no lessons/');
  if ('why' in seen) return seen;
  const { kind } = seen;
  if (kind === 'list') return notThis('a text file');
  return kind === 'class' ? notThis('it has no lessons/') : { kind, path: seen.path };
}

function readList(path: string): string {
  if (statSync(path).size > listLimit)
    throw new UserError(`${path} is no list: it is too large`, 'name a tar file, or a list', 2);
  return readFileSync(path, 'utf8');
}
