// Files that must be whole or not there: what a crash, a full disk or a second process must not leave in halves.
import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { home } from './paths.ts';

/** Replaces a file in one step: whoever reads it sees the old text or the new one. rename(2) `mode`: who may read it, from its first byte. */
export function writeWhole(path: string, text: string, mode = 0o666): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.new`;
  try {
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    giveToOwner(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  for (let folder = path; first && folder.length >= first.length; folder = dirname(folder)) giveToOwner(folder);
}

/** What `sudo npx boxwright` makes stays the learner's, who goes on without sudo. */
export function giveToOwner(path: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(home);
  if (uid !== 0) chownSync(path, uid, gid);
}
