// Digests: the names that blobs have from their content. descriptor.md, Digests
import { createHash, type Hash } from 'node:crypto';
import { ImageError } from './errors.ts';

const lengths: Record<string, number> = { sha256: 64, sha512: 128 };

/** `sha256:…` of bytes. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The two halves, when it is a digest that can be trusted as a file's name; else throws ImageError. */
export function parseDigest(digest: unknown): { algorithm: string; hex: string } {
  const [, algorithm = '', hex = ''] = /^([a-z0-9]+):([a-f0-9]+)$/.exec(String(digest)) ?? [];
  if (typeof digest !== 'string' || hex.length !== lengths[algorithm])
    throw new ImageError(
      `${JSON.stringify(digest)?.slice(0, 200)} is no digest: sha256: and 64 digits, or sha512: and 128`,
    );
  return { algorithm, hex };
}

/** A hash of the kind that the digest is made with. */
export function hashFor(digest: string): Hash {
  return createHash(parseDigest(digest).algorithm);
}

/** `sha256:…` of all of them. */
export async function digestOfAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/**
 * A short name for each layer together with all below it, from the layers' diff IDs: the same layer on another base is another
 * change. Short, because the options of one mount have room for 4096 characters. config.md, "Layer ChainID"
 */
export function chainNames(diffIds: readonly string[]): string[] {
  let chain = '';
  return diffIds.map(diffId => {
    chain = chain ? digestOf(`${chain} ${diffId}`) : diffId;
    return parseDigest(chain).hex.slice(0, 24);
  });
}
