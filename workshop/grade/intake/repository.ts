// A submission that is a git repository: what is committed counts, not what lies beside it.
import { lstatSync, readdirSync } from 'node:fs';
import { UserError } from '../../errors.ts';
import type { Lesson } from '../../lessons.ts';
import { type Found, readBelow, tooLarge } from './below.ts';
import { type Collected, collect, fileLimit, placeOf } from './collect.ts';
import { type Git, withGit } from './git.ts';
import { isGitFolder } from './kinds.ts';
import { findCommit } from './refs.ts';

const again = 'have it cloned whole and handed in again: `git clone --bare --no-local PATH`';

export async function fromRepository(path: string, lessons: Lesson[], ref?: string): Promise<Collected> {
  const inside = lstatSync(`${path}/.git`, { throwIfNoEntry: false });
  if (inside && !inside.isDirectory()) {
    throw new UserError('its .git leads to another place, as a worktree’s does', 'hand in the repository itself');
  }
  const folder = inside ? `${path}/.git` : path;
  if (!isGitFolder(folder)) throw new UserError('its .git is no git repository', again);
  requireOwnObjects(`${folder}/objects`);
  const found = findCommit(folder, ref);
  const taken = await withGit(`${folder}/objects`, found, git => fromCommit(git, found, lessons));
  return inside && ref === undefined ? withDifferences(taken, path, lessons) : taken;
}

/**
 * Every object lies in the folder itself: nothing leads to a file of the grader's or to somebody else's objects. gitrepository-layout(5),
 * objects/info/alternates
 */
function requireOwnObjects(objects: string): void {
  let left = 300_000;
  const walk = (folder: string, depth: number) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (--left < 0) throw new UserError('it has more objects than are looked at', 'have `git gc` run on it');
      if (entry.isDirectory() && depth > 0) walk(`${folder}/${entry.name}`, depth - 1);
      else if (!entry.isFile() && !entry.isDirectory())
        throw new UserError('its objects are kept in another place', again);
    }
  };
  walk(objects, 2);
  if (lstatSync(`${objects}/info/alternates`, { throwIfNoEntry: false })) {
    throw new UserError('its objects are kept in another repository (objects/info/alternates)', again);
  }
}

interface Blob {
  mode: string;
  object: string;
  size: string;
}

async function fromCommit(git: Git, hash: string, lessons: Lesson[]): Promise<Collected> {
  const [commit, tree] = await check(git, [`${hash}^{commit}`, `${hash}^{commit}:lessons`]);
  if (commit?.type !== 'commit') throw new UserError('its commit is not there', again);
  if (tree?.type !== 'tree')
    throw new UserError('the commit has no lessons/', 'hand in a repository with lessons/ at its top');
  if (commit.size > fileLimit) throw new UserError('its commit is damaged', again);

  const places = lessons.map(placeOf);
  const listing = (await git(['ls-tree', '-z', '-l', '--full-tree', commit.object, '--', ...places])).toString();
  const blobs = new Map<string, Blob>();
  for (const [, mode = '', object = '', size = '', place = ''] of listing.matchAll(entry)) {
    blobs.set(place, { mode, object, size });
  }
  const texts = await read(
    git,
    [...blobs.values()].filter(blob => !whyNot(blob)),
  );
  const collected = collect(lessons, place => {
    const blob = blobs.get(place);
    if (!blob) return null;
    const why = whyNot(blob);
    return why ? { why } : { bytes: texts.get(blob.object) ?? Buffer.alloc(0) };
  });
  return { ...collected, at: committedAt(await git(['cat-file', 'commit', commit.object])) };
}

/** `100644 blob 0123… 1234<TAB>PATH<NUL>`. git-ls-tree(1), "OUTPUT FORMAT" */
const entry = /([0-7]+) \w+ ([0-9a-f]+) +(\S+)\t([^\0]*)\0/g;

function whyNot({ mode, size }: Blob): string | null {
  if (mode === '120000') return 'a symbolic link';
  if (!mode.startsWith('100')) return 'not a regular file';
  if (!/^\d+$/.test(size)) return 'not in the repository: is it a partial clone?';
  return Number(size) > fileLimit ? tooLarge(Number(size), fileLimit) : null;
}

/** git-cat-file(1), "BATCH OUTPUT" */
async function check(git: Git, names: string[]): Promise<({ object: string; type: string; size: number } | null)[]> {
  const lines = (await git(['cat-file', '--batch-check'], `${names.join('\n')}\n`)).toString().trimEnd().split('\n');
  return lines.map(line => {
    const [, object = '', type = '', size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(line) ?? [];
    return size === undefined ? null : { object, type, size: Number(size) };
  });
}

async function read(git: Git, blobs: Blob[]): Promise<Map<string, Buffer>> {
  const objects = [...new Set(blobs.map(({ object }) => object))];
  const most = objects.length * (fileLimit + 200);
  const output =
    objects.length > 0 ? await git(['cat-file', '--batch'], `${objects.join('\n')}\n`, most) : Buffer.alloc(0);
  const texts = new Map<string, Buffer>();
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf('\n', at);
    const [, object = '', size] = /^([0-9a-f]+) blob (\d+)$/.exec(output.toString('latin1', at, line)) ?? [];
    if (line < 0 || size === undefined) throw new UserError('git cannot read its objects', again);
    texts.set(object, output.subarray(line + 1, line + 1 + Number(size)));
    at = line + 1 + Number(size) + 1;
  }
  return texts;
}

/** When the commit was made, by the clock of who made it. */
function committedAt(commit: Buffer): string | null {
  const [head = ''] = commit.toString().split('\n\n');
  const time = new Date(Number(/^committer .* (\d{1,12}) [+-]\d{4}$/m.exec(head)?.[1] ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** Git may have been told to turn their ends. */
const lines = (text: string) => text.replaceAll('\r\n', '\n');

/** Says what somebody has written and not committed. */
function withDifferences(taken: Collected, path: string, lessons: Lesson[]): Collected {
  const differs = (lesson: Lesson) => {
    const found: Found = readBelow(path, placeOf(lesson), fileLimit);
    return found && 'bytes' in found && lines(found.bytes.toString()) !== lines(taken.files[lesson.name] ?? '');
  };
  const more = lessons
    .filter(differs)
    .map(lesson => `${placeOf(lesson)}: differs from what is committed, which counts`);
  return { ...taken, refused: [...taken.refused, ...more] };
}
