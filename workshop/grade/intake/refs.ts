// Which commit of a repository counts: HEAD's, or one by name. Its refs are small text files, read here and not by git, which would
// read the repository's configuration first. gitrepository-layout(5), git-pack-refs(1)
import { UserError } from '../../errors.ts';
import { readBelow } from './below.ts';

const refLimit = 4096;
const packedLimit = 8 << 20;
const hash = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The hash of a commit, or of a tag of one. `folder` is the git folder itself. */
export function findCommit(folder: string, wanted?: string): string {
  const packed = packedRefs(folder);
  if (wanted === undefined) return follow(folder, packed, 'HEAD');
  if (hash.test(wanted)) return wanted;
  const names = ['heads', 'tags', 'remotes/origin'].map(kind => `refs/${kind}/${wanted}`);
  if (wanted.startsWith('refs/')) names.unshift(wanted);
  for (const name of names.filter(isName)) {
    if (read(folder, packed, name) !== null) return follow(folder, packed, name);
  }
  throw new UserError(
    `it has no branch or tag ${JSON.stringify(wanted)}`,
    'name another with --ref, or have it pushed',
  );
}

function follow(folder: string, packed: Map<string, string>, first: string): string {
  let name = first;
  for (let steps = 0; steps < 5; steps++) {
    const value = read(folder, packed, name);
    if (value === null) {
      const what = name === 'HEAD' ? 'it has no HEAD' : `${first} is ${name}, which is not there`;
      throw new UserError(what, 'was anything committed? Else name a branch with --ref');
    }
    if (hash.test(value)) return value;
    const [, next = ''] = /^ref: (.+)$/.exec(value) ?? [];
    if (!isName(next)) throw new UserError(`its ref ${name} is damaged`, 'have it cloned and handed in again');
    name = next;
  }
  throw new UserError('its refs name each other', 'have it cloned and handed in again');
}

/** git-check-ref-format(1), and no byte that means something to a path, a terminal or git. */
const isName = (name: string) =>
  /^refs(\/[\w@+=#%,-][\w@.+=#%,-]*)+$/.test(name) && !name.includes('..') && name.length < 256;

function read(folder: string, packed: Map<string, string>, name: string): string | null {
  const found = readBelow(folder, name, refLimit);
  // A folder of that name is no ref: `refs/heads/a` beside `refs/heads/a/b` in the packed ones.
  return found && 'bytes' in found ? found.bytes.toString().trim() : (packed.get(name) ?? null);
}

function packedRefs(folder: string): Map<string, string> {
  const found = readBelow(folder, 'packed-refs', packedLimit);
  const text = found && 'bytes' in found ? found.bytes.toString() : '';
  const lines = [...text.matchAll(/^([0-9a-f]{40,64}) (refs\/\S+)$/gm)];
  return new Map(lines.map(([, value = '', name = '']) => [name, value]));
}
