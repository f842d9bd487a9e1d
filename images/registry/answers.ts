// What registries answer, read and checked: documents by the type that they have, and lists of tags.
import { checkIndex, checkManifest } from '../documents.ts';
import { ImageError } from '../errors.ts';
import { parseJson } from '../layout.ts';
import type { Store } from '../store/store.ts';
import { type Descriptor, type Index, isManifest, type Manifest, mediaTypes } from '../types.ts';
import { type Answer, resolve } from './answer.ts';
import { isTag } from './reference.ts';
import type { Repository } from './repository.ts';

const { index, manifest, dockerIndex, dockerManifest } = mediaTypes;
/** What we can make something of: for `Accept`. */
export const documentTypes: string[] = [index, manifest, dockerIndex, dockerManifest];

/** What a document is. Its own word for it must be the server's too: else two readers could see two images in it (CVE-2021-41190). */
export function documentType(bytes: Uint8Array, contentType: string | undefined, what: string): string {
  const document = parseJson(bytes, what) as Record<string, unknown> | null;
  const served = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const own = typeof document?.mediaType === 'string' ? document.mediaType : served;
  if (documentTypes.includes(own) && (served === own || !documentTypes.includes(served))) {
    if (document?.manifests === undefined || document.layers === undefined) return own;
    throw new ImageError(`${what} is an index and a manifest in one: who made it wants to deceive somebody`);
  }
  if (document?.schemaVersion === 1)
    throw new ImageError(
      `${what} is a manifest of Docker's schema 1, which is out of use`,
      'have it pushed again by a newer tool',
    );
  throw new ImageError(
    `${what} is no image: it is ${JSON.stringify(own.slice(0, 200))}, and was sent as ${JSON.stringify(served.slice(0, 200))}`,
  );
}

export const readManifest = (bytes: Uint8Array, what: string): Manifest => checkManifest(parseJson(bytes, what), what);
export const readIndexBytes = (bytes: Uint8Array, what: string): Index => checkIndex(parseJson(bytes, what), what);

/** What a manifest lists, each blob once: its configuration first. */
export function blobsOf(bytes: Uint8Array, { digest }: Descriptor): Descriptor[] {
  const { config, layers } = readManifest(bytes, digest);
  return [...new Map([config, ...layers].map(each => [each.digest, each])).values()];
}

/** One page of a list of tags, and where the next one is. distribution-spec, "Listing Tags"; RFC 8288, Link */
function readTags(
  { answer, bytes }: { answer: Answer; bytes: Uint8Array },
  what: string,
): { tags: string[]; next: URL | undefined } {
  const tags = (parseJson(bytes, what) as { tags?: unknown } | null)?.tags ?? [];
  if (!Array.isArray(tags) || !tags.every(isTag)) throw new ImageError(`${what}: its list of tags is none`);
  const [, next] = /<([^>]*)>\s*;[^,]*rel="?next"?/i.exec(answer.header('link') ?? '') ?? [];
  return { tags, next: next === undefined ? undefined : resolve(next, answer.url) };
}

/** The repositories of a registry that have a blob, by its digest, as far as the store's names tell. */
export function blobsByRepository(store: Store, registry: string): Map<string, string[]> {
  const known = new Map<string, string[]>();
  for (const [name, descriptor] of store.names()) {
    const [, host, repository] = /^([^/]+)\/(.+?)(:[^:/@]*)?(@.*)?$/.exec(name) ?? [];
    if (host !== registry || repository === undefined || !isManifest(descriptor.mediaType)) continue;
    for (const { digest } of blobsOf(store.read(descriptor), descriptor))
      known.set(digest, [...(known.get(digest) ?? []), repository]);
  }
  return known;
}

/** Of tags; a thousand on each, where the registry does as it is asked. */
const mostPages = 1000;

/** All tags of a repository, page after page. */
export async function allTags(at: Repository): Promise<string[]> {
  const tags = new Set<string>();
  let page: string | URL | undefined = 'tags/list?n=1000';
  for (let pages = 1; page !== undefined; pages++) {
    if (pages > mostPages) throw new ImageError(`${at.name}: its tags have more than ${mostPages} pages`);
    const before = tags.size;
    const found = readTags(await at.read(page), at.name);
    for (const tag of found.tags) tags.add(tag);
    // A page with nothing new leads nowhere.
    page = tags.size > before ? found.next : undefined;
  }
  return [...tags].sort();
}
