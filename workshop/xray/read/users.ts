// Whose numbers its users are on this side: the maps of its user namespace. user_namespaces(7)
import { readFileSync } from 'node:fs';
import type { IdRange, UsersView } from '../types.ts';
import { type Reading, sameNamespace } from './reading.ts';

const wholeMap = 2 ** 32 - 1;

export function readUsers({ pid, attempt }: Reading): UsersView | null {
  return attempt('the maps of its users', () => {
    const [uids, gids] = [readMap(pid, 'uid_map'), readMap(pid, 'gid_map')];
    return { uids, gids, setgroups: readSetgroups(pid), identity: [uids, gids].every(isIdentity) };
  });
}

/** The kernel says the second number as the reader's namespace has it; but of the reader's own as the one above has it. */
function readMap(pid: number, file: string): IdRange[] {
  const ours = sameNamespace(pid, process.pid, 'user');
  const lines = readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\n').filter(Boolean);
  return lines.map(line => {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    return { inside, outside: ours ? inside : outside, count };
  });
}

const isIdentity = (ranges: IdRange[]) =>
  ranges.length === 1 && ranges.every(({ inside, outside, count }) => inside === outside && count === wholeMap);

function readSetgroups(pid: number): UsersView['setgroups'] {
  const text = readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim();
  return text === 'allow' || text === 'deny' ? text : null;
}
