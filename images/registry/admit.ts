// Whether an image may come in: the policy of the configuration, by the signatures that lie beside the image.
import { hashFor, parseDigest } from '../digest.ts';
import { ImageError } from '../errors.ts';
import { documentLimit } from '../layout.ts';
import type { Descriptor } from '../types.ts';
import { readManifest } from './answers.ts';
import type { Reference } from './reference.ts';
import { readRegistries } from './registries.ts';
import type { Options, Repository } from './repository.ts';
import { isSignature, listSignatures, signatureTag } from './signature.ts';

/** The lesson's. */
export interface Fetching {
  fetchManifest(at: Repository, reference: string): Promise<{ bytes: Uint8Array }>;
  fetchBlob(at: Repository, blob: Descriptor): AsyncIterable<Uint8Array>;
}

/** Throws ImageError unless the configured policy lets the manifest or index with this digest in. */
export async function admit(
  at: Repository,
  { registry, repository }: Reference,
  digest: string,
  { registries, ...fetching }: Options & Fetching,
): Promise<void> {
  const name = `${registry}/${repository}`;
  const policy = (registries ?? (await readRegistries())).policy(name);
  if (policy === 'accept') return;
  if (policy === 'reject') throw new ImageError(`the configured policy rejects ${name}`);
  const { bytes } = await fetching.fetchManifest(at, signatureTag(digest)).catch(error => {
    if (error.status === 404)
      throw new ImageError(`${name}@${digest} is not signed, and the configured policy wants it to be`);
    throw error;
  });
  for (const { payload, signature } of listSignatures(readManifest(bytes, name))) {
    const content = await whole(fetching.fetchBlob(at, payload), payload);
    if (isSignature(content, { signature, key: policy.key, digest, repository: name })) return;
  }
  throw new ImageError(`${name}@${digest} is not signed with the key that the configured policy names`);
}

async function whole(chunks: AsyncIterable<Uint8Array>, { digest, size }: Descriptor): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let count = 0;
  for await (const chunk of chunks) {
    count += chunk.length;
    if (count > Math.min(size, documentLimit)) throw new ImageError(`the signature ${digest} is too long`);
    all.push(chunk);
  }
  const bytes = Buffer.concat(all);
  if (hashFor(digest).update(bytes).digest('hex') === parseDigest(digest).hex) return bytes;
  throw new ImageError(`what came as ${digest} has another digest: it was damaged or changed on its way`);
}
