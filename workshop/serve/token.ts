// Secrets: made by chance, compared in a time that does not tell how much of them was right.
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** For links and headers: 128 bits. */
export const newToken = () => randomBytes(16).toString('base64url');

/** To be read from a wall and typed: `length` of 28 letters and digits that nobody takes for one another. */
export function newCode(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

const alphabet = 'ABCDEFGHJKMNPQRTUVWXYZ346789';

/** What is kept of a secret, to know it again. */
export const digestOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
