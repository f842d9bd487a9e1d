// What lies around the target, and must be the same afterwards: the tree beside it in every attribute, and the machine's folders that
// hostile layers like best. A change of anything shows in its change time, which nobody can set.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { beside, place, target } from './case.ts';

/** Anew for each case, and the user's own, so that nothing but the software protects it. */
export function arrange(user: number): void {
  for (const name of readdirSync(place)) rmSync(`${place}/${name}`, { recursive: true, force: true });
  for (const folder of [beside, `${beside}/folder`, `${beside}/open`]) mkdirSync(folder);
  chmodSync(`${beside}/open`, 0o1777);
  for (const name of ['secret', 'folder/inner']) writeFileSync(`${beside}/${name}`, `the host’s ${name}\n`);
  for (const path of [place, beside, ...readdirSync(beside, { recursive: true }).map(each => `${beside}/${each}`)])
    lchownSync(path, user, user);
}

/** Path → all that can be said of it. */
export type Around = Map<string, string>;

export function look(): Around {
  const found: Around = new Map();
  const add = (path: string, isTimeless = false) => {
    const stat = lstatSync(path, { bigint: true });
    const { mode, uid, gid, ino, rdev } = stat;
    const more = isTimeless ? [] : [stat.nlink, stat.size, stat.mtimeNs, stat.ctimeNs];
    found.set(path, [mode.toString(8), uid, gid, ino, rdev, ...more].join(' '));
  };
  // The folder that gets the target changes its time; so do folders in which others of the machine work.
  add(place, true);
  for (const name of readdirSync('/')) add(`/${name}`, true);
  for (const name of readdirSync('/dev')) add(`/dev/${name}`, true);
  for (const name of readdirSync('/etc')) add(`/etc/${name}`);
  for (const name of readdirSync(place)) if (`${place}/${name}` !== target) add(`${place}/${name}`);
  for (const name of readdirSync(beside, { recursive: true })) {
    const path = `${beside}/${name}`;
    add(path);
    if (lstatSync(path).isFile()) found.set(`${path}, its content`, readFileSync(path, 'utf8'));
  }
  return found;
}

export function changes(before: Around, after: Around): string[] {
  const all = [...new Set([...before.keys(), ...after.keys()])].sort();
  return all
    .filter(path => before.get(path) !== after.get(path))
    .map(
      path => `${JSON.stringify(path)} ${!before.has(path) ? 'appeared' : !after.has(path) ? 'vanished' : 'changed'}`,
    );
}

/** What has changed in the system's folders, however deep, since a time. */
export function changedSince(time: Date): string[] {
  const folders = ['/boot', '/etc', '/opt', '/srv', '/usr'].filter(folder => existsSync(folder));
  const args = [...folders, '-xdev', '-newerct', time.toISOString(), '-print'];
  return execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}
