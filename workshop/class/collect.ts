// Exports from files, and from folders as they lie there, for instance a clone that each learner pushes theirs to.
import { constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { Entry } from './board.ts';
import { largestExport, quoted, Refused, readExport } from './export.ts';
import { freeName } from './name.ts';
import { mostPeople } from './store.ts';

export interface Collected {
  entries: Entry[];
  /** What was not taken, and why: a line each. */
  refused: string[];
}

/** Of a folder every `.json` at any depth that says it is an export; links are not followed, nor hidden folders entered. */
export function collect(paths: string[]): Collected {
  const collected: Collected = { entries: [], refused: [] };
  for (const path of paths) {
    for (const file of filesOf(path)) {
      try {
        const progress = readExport(readSmall(file));
        const name = freeName(
          progress.name,
          collected.entries.map(entry => entry.name),
        );
        if (collected.entries.length >= mostPeople) throw new Refused(`there are ${mostPeople} already`);
        collected.entries.push({ name, progress, ahead: 0 });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // A folder holds other JSON as well.
        if (file === path || !/no progress/.test(error.message))
          collected.refused.push(`${quoted(file)}: ${error.message}`);
      }
    }
  }
  return collected;
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (error) {
    throw new UserError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      'name files and folders that are there',
      2,
    );
  }
  return walk(path, 8);
}

function walk(folder: string, depth: number): string[] {
  const all = readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return all.flatMap(each => {
    const path = `${folder.replace(/\/$/, '')}/${each.name}`;
    if (each.isDirectory()) {
      const ours = depth > 0 && !each.name.startsWith('.') && each.name !== 'node_modules';
      return ours ? walk(path, depth - 1) : [];
    }
    return each.isFile() && each.name.endsWith('.json') ? [path] : [];
  });
}

function readSmall(path: string): string {
  const { size, mode } = statSync(path);
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Refused('no file');
  if (size > largestExport) throw new Refused(`larger than ${largestExport / 1024} KiB`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refused(`cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
