// A store in the sandbox, and the learner's functions that fill it. What is in it is read from the files, whose digests are computed
// here.
import { readFileSync } from 'node:fs';
import { type Index, type Platform, refName } from '#images';
import type { Context, LearnerError } from '../context.ts';
import { type Blob, digestOf, plain } from './images.ts';

/** A store on the sandbox's host, and the learner's functions on it. */
export class StoreSeen {
  readonly folder: string;
  readonly #t: Context;
  readonly #argument: unknown;

  constructor(t: Context, folder = `/run/boxwright/${t.nonce('store')}`) {
    this.#t = t;
    this.folder = folder;
    this.#argument = { $call: 'Store.open', from: '#images', args: [folder] };
  }

  /** Calls `pull`. */
  pull(name: string, how: Calling = {}): Promise<LearnerError | null> {
    return callWith(this.#t, ['pull', name, this.#argument], how);
  }

  /** Calls `collectGarbage`. */
  collect(): Promise<LearnerError | null> {
    return callWith(this.#t, ['collectGarbage', this.#argument]);
  }

  /** Puts images in, as a pull would have, without the learner: names, blobs, and of some blobs the first 500 bytes. */
  async fill(named: Record<string, Blob>, blobs: Blob[], partials: Blob[] = []): Promise<void> {
    const script = `mkdir -p "$0/blobs/sha256" "$0/ingest" && cd "$0" && while read -r name text; do
      printf %s "$text" | base64 -d >"$name"; done`;
    const entries = Object.entries(named).map(([name, each]) => ({ ...plain(each), annotations: { [refName]: name } }));
    const files: [string, Buffer][] = [
      ...blobs.map((each): [string, Buffer] => [`blobs/${each.digest.replace(':', '/')}`, each.bytes]),
      ...partials.map((each): [string, Buffer] => [
        `ingest/${each.digest.replace(':', '-')}`,
        each.bytes.subarray(0, 500),
      ]),
      ['index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: entries }))],
      ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ];
    const input = files.map(([name, bytes]) => `${name} ${bytes.toString('base64')}\n`).join('');
    await this.#t.host.run(['sh', '-c', script, this.folder], input);
  }

  /** The digests of the blobs by what their bytes are, those that are not what their name says apart. */
  blobs(): { right: Set<string>; wrong: string[] } {
    // One that goes while we look is neither.
    const there = this.#list('blobs/sha256').flatMap(name => {
      const bytes = this.#read(`blobs/sha256/${name}`);
      return bytes ? [{ digest: `sha256:${name}`, isRight: digestOf(bytes) === `sha256:${name}` }] : [];
    });
    const digests = (isRight: boolean) => there.filter(each => each.isRight === isRight).map(each => each.digest);
    return { right: new Set(digests(true)), wrong: digests(false) };
  }

  /** How many bytes of a blob that is not complete are there. */
  partial({ digest }: Blob): number {
    return this.#read(`ingest/${digest.replace(':', '-')}`)?.length ?? 0;
  }

  /** Name → digest, by index.json. */
  names(): Record<string, string> {
    const { manifests } = JSON.parse(String(this.#read('index.json') ?? '{"manifests":[]}')) as Index;
    return Object.fromEntries(manifests.map(each => [each.annotations?.[refName] ?? '', each.digest]));
  }

  #list = (folder: string) =>
    this.#t.host.exists(`${this.folder}/${folder}`) ? this.#t.host.list(`${this.folder}/${folder}`) : [];

  /** Null when there is no such file, any more. */
  #read(file: string): Buffer | null {
    try {
      return readFileSync(this.#t.host.path(`${this.folder}/${file}`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}

export interface Calling {
  platform?: Platform;
  /** As in the configuration file, by registry. */
  settings?: Record<string, { mirrors?: string[]; username?: string; password?: string }>;
  /** Whose process is to do it. */
  by?: Context;
}

/**
 * Calls a function of the learner's with a name, maybe a store, and options. What it returns says nothing; what it throws comes back,
 * since it may be what was wanted.
 */
export async function callWith(
  t: Context,
  [name, ...args]: [name: string, ...args: unknown[]],
  { by = t, ...options }: Calling = {},
): Promise<LearnerError | null> {
  const { settings, ...rest } = options;
  t.did = `${name}(${typeof args[0] === 'string' ? `'${args[0]}', ` : ''}…)`;
  if (name !== 'collectGarbage') {
    const file = `/tmp/${t.nonce('registries')}.yaml`;
    t.host.write(file, JSON.stringify({ registries: settings ?? {} }));
    // Attempts, and pauses in ms: nobody wants to wait for a check.
    const pauses = { attempts: 4, first: 20, longest: 3000 };
    args.push({ ...rest, registries: { $call: 'readRegistries', from: '#images', args: [file, pauses] } });
  }
  return t.refused(by.session.ask({ op: 'call', name, args }, 10_000));
}
