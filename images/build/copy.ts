// What COPY and ADD mean by their sources: files and folders below a root, by names or by patterns, as entries.
// Dockerfile reference, "COPY"
import { O } from '#linux';
import { expand, expandDocument, type Lookup } from '../containerfile/expand.ts';
import type { Ignore } from '../containerfile/ignore.ts';
import type { Copy } from '../containerfile/instructions.ts';
import { isPattern, toRegExp } from '../containerfile/match.ts';
import { ImageError } from '../errors.ts';
import { plainEntry } from '../tar/entry.ts';
import { unpacked } from './archive.ts';
import { type Origin, open, realPath } from './origin.ts';
import { contentOf, type Found, linked, readFolder, statAt, walk } from './walk.ts';
import { readXattrs } from './xattrs.ts';

export interface Source {
  /** What it is called in a folder that it is copied into. */
  name: string;
  /** Of a folder, what is in it is copied, and not the folder. */
  isFolder: boolean;
  /** It is an archive that is unpacked: its entries keep their owners. */
  isArchive?: boolean;
  /** A file alone has the path ''. */
  found(): AsyncGenerator<Found>;
}

/** All that an instruction copies, in its order. */
export async function findAll(origin: Origin, { kind, sources, documents }: Copy, lookup: Lookup): Promise<Source[]> {
  let all: Source[] = [];
  for (const word of sources) {
    const name = /^<<-?["']?(.*?)["']?$/.exec(word.text)?.[1];
    const document = documents.find(each => each.name === name);
    if (!document) all.push(...(await findSources(origin, local(expand(word, lookup)))));
    else if (document.expand) all.push(documentSource(document.name, expandDocument(document.content, word, lookup)));
    else all.push(documentSource(document.name, document.content));
  }
  if (kind === 'ADD') all = await Promise.all(all.map(async source => (await unpacked(source)) ?? source));
  return all;
}

/** What is elsewhere is not fetched: nothing would say whether it is still what it was. */
function local(written: string): string {
  if (/^([a-z]+:\/\/|git@)/.test(written))
    throw new ImageError(
      `${written}: addresses are not supported`,
      'put the file into the context, or fetch it with RUN',
    );
  return written;
}

/** What a source stands for, at least one. Throws ImageError. */
async function findSources(origin: Origin, written: string): Promise<Source[]> {
  // Neither an absolute path nor `..` leads out of the root.
  const parts = written.split('/').filter(part => part !== '' && part !== '.');
  const paths = parts.some(isPattern) ? await matches(origin, '', parts) : [parts.join('/')];
  const sources = (await Promise.all(paths.map(path => sourceAt(origin, path)))).filter(source => source !== undefined);
  if (sources.length > 0) return sources;
  const reason = origin.ignore?.name ? `, or ${origin.ignore.name} leaves it out` : '';
  throw new ImageError(`there is no ${written} in ${origin.name}${reason}`);
}

/** The paths that the pattern's parts match, in order. Only what is there in the folder is asked, so no link is followed by a `*`. */
async function matches(origin: Origin, folder: string, [part, ...others]: string[]): Promise<string[]> {
  if (part === undefined) return [folder];
  const below = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  if (!isPattern(part)) return matches(origin, below(part), others);
  const expression = toRegExp(part);
  const descriptor = await open(origin, folder, O.RDONLY | O.DIRECTORY);
  if (descriptor === undefined) return [];
  const names = (await readFolder(origin.box, descriptor)).filter(name => expression.test(name));
  await origin.box.close(descriptor);
  const all: string[] = [];
  for (const name of names) all.push(...(await matches(origin, below(name), others)));
  return all;
}

/** A source is looked for through links, also its own: what it is called, and what is there. */
async function sourceAt(origin: Origin, path: string): Promise<Source | undefined> {
  const { box, ignore } = origin;
  const descriptor = await open(origin, path, O.PATH);
  if (descriptor === undefined) return undefined;
  const stat = await statAt(box, descriptor, '');
  const real = ignore ? await realPath(origin, descriptor) : path;
  await box.close(descriptor);
  if (!stat || (ignore?.ignores(real) && !(stat.entry.type === 'directory' && ignore.hasExceptions))) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (stat.entry.type === 'directory')
    return { name, isFolder: true, found: () => linked(wanted(inside(origin, path, real), real, ignore)) };
  const opened = async () => {
    const file = await open(origin, path, O.RDONLY | O.NONBLOCK);
    if (file === undefined) throw new ImageError(`${path}: has gone while it was read`);
    return file;
  };
  const content = async function* () {
    yield* contentOf(box, await opened(), stat.entry.size);
  };
  const found = async function* (): AsyncGenerator<Found> {
    const { entry } = stat;
    if (entry.type === 'file') {
      const file = await opened();
      entry.xattrs = await readXattrs(box, file);
      await box.close(file);
    }
    yield { entry: { ...entry, path: '' }, inode: '', content };
  };
  return { name, isFolder: false, found };
}

/** A file that stands in the Containerfile itself. */
function documentSource(name: string, content: string): Source {
  const bytes = Buffer.from(content);
  const entry = { ...plainEntry('file', ''), size: bytes.length, mtime: BigInt(Date.now()) * 1_000_000n };
  const found = async function* () {
    yield {
      entry,
      inode: '',
      async *content() {
        yield bytes;
      },
    };
  };
  return { name, isFolder: false, found };
}

async function* inside(origin: Origin, path: string, real: string): AsyncGenerator<Found> {
  const { box, ignore } = origin;
  const folder = await open(origin, path, O.RDONLY | O.DIRECTORY);
  if (folder === undefined) return;
  try {
    yield* walk(box, folder, '', each => !ignore?.ignores(below(real, each)) || ignore.hasExceptions);
  } finally {
    await box.close(folder);
  }
}

/** What is not ignored. An ignored folder comes when something in it is not. */
async function* wanted(all: AsyncIterable<Found>, real: string, ignore?: Ignore): AsyncGenerator<Found> {
  let waiting: Found[] = [];
  for await (const found of all) {
    const { path, type } = found.entry;
    waiting = waiting.filter(folder => path.startsWith(`${folder.entry.path}/`));
    if (!ignore?.ignores(below(real, path))) {
      yield* waiting.splice(0);
      yield found;
    } else if (type === 'directory') waiting.push(found);
  }
}

const below = (folder: string, path: string) => (folder === '' ? path : `${folder}/${path}`);
