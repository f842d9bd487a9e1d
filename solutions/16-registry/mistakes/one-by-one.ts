// rejected by: parallel
// diagnosis: one-by-one
// One after the other is simple, and the line is no faster for being shared.
import { Readable } from 'node:stream';
import { chooseManifest, openImage, verified } from '#15-oci-image';
import type { Descriptor, Image, Reference, Repository, Store } from '#images';
import * as images from '#images';

/**
 * What people write, in full: `alpine` → `docker.io/library/alpine:latest`. A digest counts more than a tag. Throws ImageError when
 * no registry could know the name. distribution-spec, "Pulling manifests"
 */
export function parseReference(text: string): Reference {
  const [, path = '', tag = 'latest', digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(text) ?? [];
  const [first = '', ...rest] = path.split('/');
  // Docker's rule: a host is what could be no part of a repository's name.
  const isHost = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  const registry = isHost ? first.replace(/^(index|registry-1)\.docker\.io$/, 'docker.io') : 'docker.io';
  const parts = isHost ? rest : [first, ...rest];
  const repository = (registry === 'docker.io' && parts.length === 1 ? ['library', ...parts] : parts).join('/');
  return images.checkReference(text, { registry, repository, ...(digest === undefined ? { tag } : { digest }) });
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
  const { credentials, host } = client.endpoint;
  const login = credentials && Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  const challenges = images.parseChallenges(challenge);
  const bearer = challenges.find(each => each.scheme === 'bearer')?.parameters;
  if (!bearer?.realm) {
    if (login && challenges.some(each => each.scheme === 'basic'))
      return { authorization: `Basic ${login}`, expires: Number.POSITIVE_INFINITY };
    throw new images.HttpError(`${host}: it wants a name and a password`, { status: 401, next: images.howToLogIn });
  }

  const realm = images.resolve(bearer.realm, await client.base());
  if (bearer.service) realm.searchParams.set('service', bearer.service);
  for (const scope of scopes) realm.searchParams.append('scope', scope);
  const answer = await client.once(realm, {}, login && `Basic ${login}`);
  if (answer.status !== 200) throw await images.refusal(answer, 'a token');
  // It may be called either. Servers that do not say how long it is good for mean a minute.
  const { token, access_token = token, expires_in = 60 } = Object(await answer.json());
  if (typeof access_token !== 'string' || !/^[\w.~+/=-]+$/.test(access_token))
    throw new images.ImageError(`${host}: its token server has sent no token`);
  return { authorization: `Bearer ${access_token}`, expires: Date.now() + Number(expires_in) * 1000 };
}

/**
 * Asks once, for `path` below `/v2/NAME/` or at an address that the registry gave; proves who we are when it wants to know, and goes
 * where it sends us. Other servers are told nothing of us, whatever they ask. RFC 9110, 15.4; distribution-spec, "Endpoints"
 */
export async function ask(at: Repository, path: string | URL, asking: images.Asking = {}): Promise<images.Answer> {
  const { scopes = [`repository:${at.name}:pull`] } = asking;
  const { origin } = await at.client.base();
  let url = await at.locate(path);
  for (let [hops, isProven] = [0, false]; hops <= 10; ) {
    const isOurs = url.origin === origin;
    const answer = await at.client.once(url, asking, isOurs ? at.kept(scopes) : undefined);
    if (answer.status === 401 && isOurs && !isProven) {
      at.keep(scopes, await authorize(at.client, answer.header('www-authenticate'), scopes));
      isProven = true;
    } else if (answer.next) {
      url = answer.next;
      hops++;
    } else return at.accept(answer, asking);
    await answer.drop();
  }
  throw new images.HttpError(`${at.host}: it sends us from one place to the next without end`);
}

/**
 * A manifest or an index, by tag or digest. Its digest is that of the bytes which came: what the registry says it is, in
 * `Docker-Content-Digest`, proves nothing. distribution-spec, "Pulling manifests"
 */
export async function fetchManifest(at: Repository, reference: string): Promise<images.Fetched> {
  const isDigest = reference.includes(':');
  const what = `${at.name}${isDigest ? '@' : ':'}${reference}`;
  const headers = { accept: images.documentTypes.join(', ') };
  const { answer, bytes } = await at.read(`manifests/${reference}`, { headers, what });
  const digest = isDigest ? reference : images.digestOf(bytes);
  for await (const _ of verified(Readable.from([bytes]), { digest }));
  const mediaType = images.documentType(bytes, answer.header('content-type'), what);
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
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
  const patience = at.client.patience(signal);
  for (let have = start; have < size; ) {
    try {
      const headers = have > 0 ? { range: `bytes=${have}-` } : {};
      const answer = await at.ask(`blobs/${digest}`, { headers, signal, what: `${at.name}@${digest}` });
      // 200 instead of 206: it knows no ranges, and begins at the beginning.
      let skip = answer.status === 206 ? 0 : have;
      for await (const chunk of answer.chunks()) {
        const fresh = chunk.subarray(skip);
        skip -= chunk.length - fresh.length;
        have += fresh.length;
        if (fresh.length === 0) continue;
        yield fresh;
        patience.progressed();
      }
      if (have < size)
        throw new images.HttpError(`${at.host}: ${digest} ended after ${have} bytes`, { transient: true });
    } catch (error) {
      await patience.wait(error);
    }
  }
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
  const { platform, progress = images.silent } = options;
  let { descriptor, bytes } = first;
  // An index may list an index; but not in a circle.
  for (let depth = 0; depth < 4 && images.isIndex(descriptor.mediaType); depth++) {
    const chosen = chooseManifest(images.readIndexBytes(bytes, descriptor.digest), platform);
    ({ descriptor, bytes } = await fetchManifest(at, chosen.digest));
  }

  for (const blob of images.blobsOf(bytes, descriptor)) {
    if (store.has(blob.digest)) progress.skip(blob, 'is here already');
    else await store.put(blob, from => fetchBlob(at, blob, from), progress.begin(blob));
  }
  // After its blobs, and its name after it: whoever finds a manifest finds all that it lists.
  await store.putBytes(descriptor.mediaType, bytes, descriptor.digest);
  images.checkPlatform(images.readImage(store.folder, descriptor), reference.name, platform);
  await store.tag(reference.name, descriptor);
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
  return store.whileAlone(async () => {
    const marked = new Set<string>();
    const mark = (blob: Descriptor) => {
      // An index lists other platforms too, which nobody fetched.
      if (marked.has(blob.digest) || !store.has(blob.digest)) return;
      marked.add(blob.digest);
      if (images.isIndex(blob.mediaType)) images.readIndexBytes(store.read(blob), blob.digest).manifests.forEach(mark);
      if (images.isManifest(blob.mediaType)) images.blobsOf(store.read(blob), blob).forEach(mark);
    };
    store.index().manifests.forEach(mark);
    return store.sweep(digest => marked.has(digest), patience);
  });
}
