// Lesson 16: pull and push. Read README.md beside this file; save, and watch the verdict.
import { Readable } from 'node:stream';
import { chooseManifest, openImage, verified } from '#15-oci-image';
import type { Descriptor, Image, Reference, Repository, Store } from '#images';
import * as images from '#images';

/**
 * What people write, in full: `alpine` → `docker.io/library/alpine:latest`. A digest counts more than a tag. Throws ImageError when
 * no registry could know the name. distribution-spec, "Pulling manifests"
 */
export function parseReference(text: string): Reference {
  // TODO 1: the registry, when the first part is a host; the repository, in full; the digest, else the tag. Either may be missing.
  // Hand the parts to checkReference, which refuses what no registry can know.
  return images.checkReference(text, { registry: '', repository: text });
}

/**
 * Answers a challenge (`WWW-Authenticate`) with what to send as `Authorization` from now on: the password itself, or a token for
 * these scopes, from the server that the challenge names. RFC 9110, 11.6; distribution, "Token Authentication Specification"
 */
export async function authorize(
  client: images.Client,
  challenge: string | undefined,
  scopes: string[],
): Promise<images.Token> {
  // TODO 2: what does the server want? `parseChallenges` reads it. Basic: the name and password of `client.endpoint`. Bearer: a
  // token from its realm, which wants to know for which service and scopes, and who we are if that is known.
  throw new images.HttpError(`${client.endpoint.host}: it wants to know who we are`);
}

/**
 * Asks once, for `path` below `/v2/NAME/` or at an address that the registry gave; proves who we are when it wants to know, and goes
 * where it sends us. Other servers are told nothing of us, whatever they ask. RFC 9110, 15.4; distribution-spec, "Endpoints"
 */
export async function ask(at: Repository, path: string | URL, asking: images.Asking = {}): Promise<images.Answer> {
  const answer = await at.client.once(await at.locate(path), asking);
  // TODO 2, too: when the registry answers 401, authorize, `keep` what that gave for these scopes, and ask once more. When an answer
  // has a `next`, ask there. Who is to see the token, and whose 401 is it?
  return at.accept(answer, asking);
}

/**
 * A manifest or an index, by tag or digest. Its digest is that of the bytes which came: what the registry says it is, in
 * `Docker-Content-Digest`, proves nothing. distribution-spec, "Pulling manifests"
 */
export async function fetchManifest(at: Repository, reference: string): Promise<images.Fetched> {
  // TODO 3: `at.read` asks patiently, and reads all. Which digest has what came, and is it the one that was asked for?
  return { descriptor: { mediaType: '', digest: '', size: 0 }, bytes: Buffer.of() };
}

/**
 * A blob's bytes from `start` on. When the connection is cut, asks for what is missing. Whether they are the right ones is for
 * the caller to see: the store does. distribution-spec, "Pulling blobs"; RFC 9110, 14: Range Requests
 */
export async function* fetchBlob(
  at: Repository,
  { digest, size }: Descriptor,
  start = 0,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // TODO 3, too: ask, and yield the answer's chunks(). When they end too early, `patience.wait` waits, or throws where waiting does
  // not help; then ask for what is missing, by Range. A server that knows no ranges answers 200, and begins at the beginning.
  yield* [];
}

/**
 * Fetches an image into the store, from a mirror or the registry itself, and gives it its name there. What the store has is not
 * fetched again; what a failed attempt leaves behind, the next one goes on with.
 */
export async function pull(name: string, store: Store, options: images.Options = {}): Promise<Image> {
  const reference = parseReference(name);
  const places = await images.repositories(reference, options, ask);
  return store.whileUsed(() =>
    images.fromFirst(places, options.progress ?? images.silent, at => pullFrom(at, reference, store, options)),
  );
}

async function pullFrom(at: Repository, reference: Reference, store: Store, options: images.Options): Promise<Image> {
  const first = await fetchManifest(at, reference.digest ?? reference.tag ?? '');
  await images.admit(at, reference, first.descriptor.digest, { ...options, fetchManifest, fetchBlob });
  // TODO 4: of an index, the manifest that chooseManifest takes, and so on. The blobs, several at a time, as far as they are not
  // here; then the manifest itself, and the name. You may be killed between any two lines: what would others find then?
  return openImage(store.folder, reference.name);
}

/**
 * Sends an image of the store to a registry: the blobs that it lacks, then what lists them, and the tag with that. Returns the
 * digest. distribution-spec, "Push"
 */
export async function push(source: Image | string, to: string, store: Store, options: images.Options = {}) {
  const reference = parseReference(to);
  const places = await images.repositories(reference, options, ask);
  const image = typeof source === 'string' ? parseReference(source) : source;
  return store.whileUsed(() => images.pushImage(places, store, image, reference, options));
}

/** All tags of a repository. distribution-spec, "Listing Tags" */
export async function listTags(name: string, options: images.Options = {}): Promise<string[]> {
  const places = await images.repositories(parseReference(name), options, ask);
  return images.fromFirst(places, options.progress ?? images.silent, images.allTags);
}

/**
 * Mark and sweep: throws away what no name of the store leads to, and what was begun more than `patience` ms ago and never went on.
 * Waits for who uses the store; who wants to use it meanwhile waits too.
 */
export async function collectGarbage(store: Store, patience = 24 * 3600_000) {
  // TODO 5: mark what names lead to, over indexes and manifests to blobs; let the store sweep the rest. But somebody may be
  // pulling at this moment: when is nobody?
  return { removed: 0, freed: 0 };
}
