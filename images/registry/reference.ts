// The name of an image in full, and which names a registry can know at all. distribution-spec, "Pulling manifests"
import { parseDigest } from '../digest.ts';
import { ImageError } from '../errors.ts';

export interface Reference {
  /** Where it is: `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  /** `library/alpine` */
  repository: string;
  /** A name that may stand for something else tomorrow. */
  tag?: string;
  /** A name that cannot. */
  digest?: string;
  /** All of it: `docker.io/library/alpine:latest`. */
  name: string;
}

const host = /^([a-z\d.-]+|\[[\da-f:]+\])(:\d{1,5})?$/i;
const word = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';
const path = new RegExp(`^${word}(/${word})*$`);
export const isTag = (text: unknown): text is string => typeof text === 'string' && /^\w[\w.-]{0,127}$/.test(text);

/** The name of these parts; throws ImageError where one of them is none. `text` is what somebody wrote. */
export function checkReference(text: string, parts: Omit<Reference, 'name'>): Reference {
  const { registry, repository, tag, digest } = parts;
  const refuse = (why: string): never => {
    throw new ImageError(
      `${JSON.stringify(text.slice(0, 300))} is no name of an image: ${why}`,
      'name it like alpine:3.20',
    );
  };
  if (!host.test(registry)) refuse(`${JSON.stringify(registry.slice(0, 300))} is no host`);
  if (repository.length > 255) refuse('it is too long');
  if (!path.test(repository))
    refuse('between slashes are to be small letters and digits, with . _ __ or - between them');
  if (tag !== undefined && !isTag(tag))
    refuse('a tag is letters, digits, and after the first also . and -, at most 128');
  if (digest !== undefined) parseDigest(digest);
  return { ...parts, name: `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}` };
}
