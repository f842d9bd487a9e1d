// Where COPY and ADD put what they have found, and as whose. Dockerfile reference, "COPY", "Copying from and to"
import type { Batch, Process } from '#linux';
import { resolvePath } from '../containerfile/config.ts';
import { digestOf, digestOfAll } from '../digest.ts';
import { ImageError } from '../errors.ts';
import type { Item } from '../tar/write.ts';
import { findUser } from '../users.ts';
import type { Source } from './copy.ts';
import { isFolder, makeFolders, type Owner } from './put.ts';

export interface Target {
  /** From the image's root. */
  path: string;
  /** Sources that are files come into it, under their own names. */
  isFolder: boolean;
}

/** What replaces the sources' own; archives keep theirs when nobody was named. */
export interface Looks {
  owner?: Owner | undefined;
  mode?: number | undefined;
}

const root = { uid: 0, gid: 0 };

/** Whom --chown or USER names, by the image's files: a user alone brings their group, a number alone is the group's as well. */
export async function findOwner(box: Process, text: string | undefined): Promise<Owner | undefined> {
  if (!text) return undefined;
  const { uid, gid } = await findUser(box, /^\d+$/.test(text) ? `${text}:${text}` : text);
  return { uid, gid };
}

/** `0755`, of --chmod. */
export function parseMode(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-7]{1,4}$/.test(text)) throw new ImageError(`--chmod=${text} is no mode`, 'digits from 0 to 7: 0755');
  return Number.parseInt(text, 8);
}

/** What the target means, `sources` being what it is for; makes the folders that are missing. Throws ImageError. */
export async function findTarget(
  calls: Batch,
  workdir: string | undefined,
  written: string,
  sources: Source[],
  owner?: Owner,
): Promise<Target> {
  const saysFolder = /(^|\/)\.?$/.test(written);
  if (sources.length > 1 && !saysFolder)
    throw new ImageError(`several sources want a folder, and ${written} does not end with a slash`);
  const path = resolvePath(workdir, written);
  const folder = saysFolder || sources.some(source => source.isFolder) || (await isFolder(calls, path));
  await makeFolders(calls, folder ? path : resolvePath(path, '..'), owner);
  return { path, isFolder: folder };
}

/** The sources' entries, each at its place. */
export async function* placed(sources: Source[], target: Target, looks: Looks): AsyncGenerator<Item> {
  for (const { name, isFolder, isArchive, found } of sources) {
    const top = isFolder || !target.isFolder ? target.path : resolvePath(target.path, name);
    for await (const { entry, content } of found()) {
      const at = (path: string) => (path === '' ? top : `${top}/${path}`.replace('//', '/'));
      const changed = {
        path: at(entry.path),
        linkname: entry.type === 'link' ? at(entry.linkname) : entry.linkname,
        mode: isArchive ? entry.mode : (looks.mode ?? entry.mode),
        xattrs: keptXattrs(entry.xattrs),
        ...(looks.owner ?? (isArchive ? {} : root)),
      };
      yield { entry: { ...entry, ...changed }, content: content() };
    }
  }
}

/** Attributes that belong to a file wherever it is; others belong to this machine. */
export const keptXattrs = (xattrs: Map<string, Uint8Array>) =>
  new Map([...xattrs].filter(([name]) => name === 'security.capability' || /^user\.(?!overlay\.)/.test(name)));

/** One digest of all that a copy depends on: names, kinds, modes, attributes and contents; not whose they are here, nor since when. */
export async function fingerprint(sources: Source[]): Promise<string> {
  const lines: string[] = [];
  for (const source of sources) {
    lines.push(JSON.stringify([source.name, source.isFolder]));
    for await (const { entry, content } of source.found()) {
      const { type, path, mode, linkname, major, minor, xattrs } = entry;
      const owner = source.isArchive ? [entry.uid, entry.gid] : [];
      const kept = [...keptXattrs(xattrs)].map(([name, value]) => [name, Buffer.from(value).toString('hex')]);
      const bytes = type === 'file' ? await digestOfAll(content()) : '';
      lines.push(JSON.stringify([type, path, mode, linkname, major, minor, ...owner, kept, bytes]));
    }
  }
  return digestOf(lines.join('\n'));
}
