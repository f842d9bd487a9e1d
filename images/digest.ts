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
