// The learner's side: what they are called, and the board that their progress goes to, if any. One small file, readable by them alone:
// with its secret anybody could speak for them to that board.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { makeFolder, writeWhole } from '../files.ts';
import { withLock } from '../lock.ts';
import { progress as defaultFolder } from '../paths.ts';

export interface Member {
  version: 1;
  /** As they call themselves. */
  name: string | null;
  board: {
    /** 'http://192.168.1.5:7433' */
    url: string;
    /** What the board knows them by; made for it, and told to no other. */
    secret: string;
    /** What the board calls them: 'Ana (2)'. */
    name: string;
    /** When it last took their progress, in ISO 8601. */
    reachedAt: string | null;
  } | null;
}

const nobody = (): Member => ({ version: 1, name: null, board: null });

export function readMember(folder = defaultFolder): Member {
  try {
    const found = JSON.parse(readFileSync(`${folder}/member.json`, 'utf8')) as Member;
    return found.version === 1 && isBoard(found.board) ? { ...nobody(), ...found } : nobody();
  } catch {
    // Neither its absence nor its damage is a reason to stop: `join` writes a new one.
    return nobody();
  }
}

export function updateMember(change: (member: Member) => void, folder = defaultFolder): Member {
  makeFolder(folder);
  return withLock(`${folder}/member.lock`, () => {
    const member = readMember(folder);
    change(member);
    if (member.name === null && member.board === null) rmSync(`${folder}/member.json`, { force: true });
    else writeWhole(`${folder}/member.json`, `${JSON.stringify(member, null, 2)}\n`, 0o600);
    return member;
  });
}

export const newSecret = () => randomBytes(32).toString('base64url');

function isBoard(found: Member['board']): boolean {
  if (found === null) return true;
  return [found?.url, found?.secret, found?.name].every(each => typeof each === 'string') && URL.canParse(found.url);
}
