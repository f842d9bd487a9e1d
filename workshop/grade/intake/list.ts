// A text file that lists submissions: a path a line, relative to the file's folder; before it, if wanted, an id and a tab, or ` = `.
// Empty lines and those that begin with # say nothing.
import { dirname, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { isId } from './name.ts';

export interface Listed {
  path: string;
  id?: string;
}

export function parseList(text: string, file: string): Listed[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), where: `${file}:${i + 1}` }));
  const listed = lines
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, where }) => {
      const [, id, path = line] = /^([^\t/]*?)(?:\s*\t\s*| = )(.*)$/.exec(line) ?? [];
      if (id !== undefined && !isId(id)) {
        const next = 'an id has letters, digits, `.`, `_` and `-`: `alice = work/alice.tar`';
        throw new UserError(`${where}: ${JSON.stringify(id)} is no id`, next, 2);
      }
      return { path: resolve(dirname(file), path), id, where };
    });
  const seen = new Map<string, string>();
  for (const { id, where } of listed) {
    if (id === undefined) continue;
    const before = seen.get(id.toLowerCase());
    if (before) throw new UserError(`${where}: the id ${id} was given in ${before} already`, 'give each its own', 2);
    seen.set(id.toLowerCase(), where);
  }
  if (listed.length === 0) throw new UserError(`${file} lists nothing`, 'write one path a line', 2);
  return listed.map(({ path, id }) => (id === undefined ? { path } : { path, id }));
}
