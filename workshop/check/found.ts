// What the kernel says of a path on the sandbox's host, fact by fact, each as one would write it: for comparing trees.
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { into, type Process, S, SyscallError } from '#linux';
import type { Context } from './context.ts';

/** As far as they apply. */
export interface Found {
  type: string;
  /** Octal, with setuid, setgid and sticky. */
  mode?: string;
  /** `uid:gid`, as the sandbox counts. */
  owner?: string;
  content?: string;
  /** Of a symbolic link. */
  target?: string;
  /** Of a device: `major:minor`. */
  device?: string;
  /** Nanoseconds since 1970. */
  time?: bigint;
  inode?: bigint;
}

const types: Record<number, string> = {
  ...{ [S.IFREG]: 'file', [S.IFDIR]: 'directory', [S.IFLNK]: 'symlink' },
  ...{ [S.IFIFO]: 'fifo', [S.IFCHR]: 'character', [S.IFBLK]: 'block' },
};

/** Null for nothing. No link is followed in the last name; in the others there must be none. */
export function look(t: Context, path: string): Found | null {
  const whole = t.host.path(path);
  const stat = lstatSync(whole, { bigint: true, throwIfNoEntry: false });
  if (!stat) return null;
  const { base } = t.session.sandbox;
  const type = types[Number(stat.mode) & S.IFMT] ?? 'unknown';
  return {
    type,
    ...(type !== 'symlink' && { mode: (stat.mode & 0o7777n).toString(8) }),
    owner: `${Number(stat.uid) - base}:${Number(stat.gid) - base}`,
    ...(type === 'file' && { content: inShort(readFileSync(whole)) }),
    ...(type === 'symlink' && { target: readlinkSync(whole) }),
    ...((type === 'character' || type === 'block') && { device: deviceOf(stat) }),
    ...{ time: stat.mtimeNs, inode: stat.ino },
  };
}

/** The content itself when it is short; else how long it is, and its digest. */
export function inShort(content: Uint8Array | string): string {
  const bytes = Buffer.from(content as string);
  if (bytes.length <= 40) return JSON.stringify(bytes.toString());
  return `${bytes.length} bytes, sha256:${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}…`;
}

/** makedev(3), the kernel's own encoding */
const deviceOf = ({ rdev }: BigIntStats) => `${(rdev >> 8n) & 0xfffn}:${(rdev & 0xffn) | ((rdev >> 12n) & 0xfff00n)}`;

/** In which facts they differ, in words: `etc/x: mode 755, and should be 4755`. */
export function differences(whole: string, found: Found | null, wanted: Partial<Found> | null): string[] {
  const path = whole.length > 60 ? `${whole.slice(0, 30)}…${whole.slice(-10)}` : whole;
  if (!found || !wanted) return found || wanted ? [`${path}: ${say(found)}, and should be ${say(wanted)}`] : [];
  if (wanted.type && found.type !== wanted.type) return [`${path}: a ${found.type}, and should be a ${wanted.type}`];
  return Object.entries(wanted)
    .filter(([fact, value]) => found[fact as keyof Found] !== value)
    .map(([fact, value]) => `${path}: ${fact} ${found[fact as keyof Found]}, and should be ${value}`);
}

const say = (found: Partial<Found> | null) => (found ? `a ${found.type ?? 'file'}` : 'nothing');

/** An extended attribute, as a process in the sandbox reads it; null when there is none. lgetxattr(2) */
export async function attribute(hand: Process, path: string, name: string): Promise<string | null> {
  const value = Buffer.alloc(256);
  try {
    return value.subarray(0, await hand.syscall('lgetxattr', path, name, into(value), value.length)).toString('hex');
  } catch (error) {
    if (error instanceof SyscallError && ['ENODATA', 'EOPNOTSUPP'].includes(error.code)) return null;
    throw error;
  }
}

/** All that can be said of a folder and what is in it: whatever anybody does there changes it, for nobody can set a change time. */
export function snapshot(t: Context, folder: string): Map<string, string> {
  const names = [
    '',
    ...readdirSync(t.host.path(folder), { recursive: true, encoding: 'utf8' }).map(name => `/${name}`),
  ];
  return new Map(
    names.sort().map(name => {
      const whole = t.host.path(folder + name);
      const { mode, uid, gid, nlink, size, ino, mtimeNs, ctimeNs } = lstatSync(whole, { bigint: true });
      return [folder + name, [mode.toString(8), uid, gid, nlink, size, ino, mtimeNs, ctimeNs].join(' ')];
    }),
  );
}
