// The configuration of registries: where else a registry's images are to be had, in the clear or by which authority, who we are
// there, and whose signature an image must have. One file in YAML, of which JSON is a part; box/README.md describes it.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { ImageError } from '../errors.ts';
import { type Credentials, storedCredentials } from './credentials.ts';
import type { Pauses } from './patience.ts';

/** A place from which a registry's images are to be had: itself, or a mirror of it. */
export interface Endpoint {
  /** `127.0.0.1:5000` */
  host: string;
  /** In the clear. */
  plain: boolean;
  /** Certificates in PEM, of authorities to be trusted here beside the machine's. */
  ca?: string | undefined;
  credentials?: Credentials | undefined;
  pauses?: Pauses | undefined;
}

/** What to do with an image: take it, refuse it, or take it when this key (PEM, public) has signed it. */
export type Policy = 'accept' | 'reject' | { key: string };

export interface Registries {
  /** Where to ask for an image of that repository, first things first; the registry itself is the last. */
  endpoints(registry: string, repository: string): Endpoint[];
  /** For `docker.io/library/alpine` that of the longest of the names above it that has one; else 'accept'. */
  policy(name: string): Policy;
}

interface Settings {
  mirrors?: string[];
  http?: boolean;
  ca?: string;
  username?: string;
  password?: string;
}

/** Docker's own name for its registry is not where it answers. */
const hosts: Record<string, string> = { 'docker.io': 'registry-1.docker.io' };

const places = () => [
  `${process.env.XDG_CONFIG_HOME || join(homedir(), '.config')}/box/registries.yaml`,
  '/etc/box/registries.yaml',
];

/** Reads the file, or that of $BOX_REGISTRIES, the user's or the machine's, or does without. */
export async function readRegistries(
  file = process.env.BOX_REGISTRIES || places().find(existsSync),
  pauses?: Pauses,
): Promise<Registries> {
  const { registries = {}, signatures = {} } = file ? await read(file) : {};
  const inFile = (path: string, what: string) => {
    const whole = isAbsolute(path) ? path : join(dirname(file ?? ''), path);
    if (existsSync(whole)) return readFileSync(whole, 'utf8');
    throw new ImageError(`${file}: the ${what} is to be in ${whole}, and there is no such file`);
  };
  const endpoint = (registry: string, repository: string): Endpoint => {
    const { http = false, ca, username, password } = registries[registry] ?? {};
    const own = username !== undefined ? { username, password: password ?? '' } : undefined;
    return {
      ...{ host: hosts[registry] ?? registry, plain: http, pauses, ca: ca ? inFile(ca, 'certificate') : undefined },
      credentials: own ?? storedCredentials(registry, repository),
    };
  };
  return {
    endpoints: (registry, repository) =>
      [...(registries[registry]?.mirrors ?? []), registry].map(each => endpoint(each, repository)),
    policy: name => {
      const above = name.split('/').map((_, i, parts) => parts.slice(0, parts.length - i).join('/'));
      const found = [...above, '*'].find(each => signatures[each] !== undefined);
      const policy = found === undefined ? 'accept' : (signatures[found] as Policy);
      return typeof policy === 'string' ? policy : { key: inFile(policy.key, 'key') };
    },
  };
}

interface File {
  registries?: Record<string, Settings>;
  signatures?: Record<string, Policy>;
}

/** The file, when it says nothing that is not understood: a word misspelt in a policy would be no policy. */
async function read(file: string): Promise<File> {
  // Only who has a file waits for its reader.
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new ImageError(`${file}: ${(error as Error).message.split('\n')[0]}`, 'mend the file');
  }
  const refuse = (where: string, wanted: string): never => {
    throw new ImageError(`${file}: ${where} is to be ${wanted}`, 'mend the file: box/README.md says what goes into it');
  };
  const fields = (at: unknown, where: string) =>
    typeof at === 'object' && at !== null && !Array.isArray(at) ? Object.entries(at) : refuse(where, 'a map');
  const kinds: Record<string, [(value: unknown) => boolean, string]> = {
    mirrors: [each => Array.isArray(each) && each.every(isHost), 'a list of hosts, with a port or without'],
    http: [each => typeof each === 'boolean', 'true or false'],
    ...Object.fromEntries(['ca', 'username', 'password'].map(name => [name, [isText, 'a text']] as const)),
  };

  for (const [key, part] of fields(value, 'it all')) {
    if (key === 'registries')
      for (const [host, settings] of fields(part, key)) {
        if (!isHost(host)) refuse(`${key}: ${host}`, 'named by a host, with a port or without');
        for (const [name, each] of fields(settings, `${key}: ${host}`)) {
          const [fits, wanted] =
            kinds[name] ?? refuse(`${key}: ${host}: ${name}`, `one of ${Object.keys(kinds).join(', ')}`);
          if (!fits(each)) refuse(`${key}: ${host}: ${name}`, wanted);
        }
      }
    else if (key === 'signatures') {
      for (const [name, policy] of fields(part, key))
        if (!isPolicy(policy)) refuse(`${key}: ${name}`, 'accept, reject or { key: FILE }');
    } else refuse(key, 'registries or signatures');
  }
  return value as File;
}

const isText = (value: unknown) => typeof value === 'string';
const isHost = (value: unknown) => isText(value) && /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(value as string);
const isPolicy = (value: unknown) =>
  ['accept', 'reject'].includes(value as string) ||
  (typeof value === 'object' &&
    value !== null &&
    isText((value as { key?: unknown }).key) &&
    Object.keys(value).length === 1);
