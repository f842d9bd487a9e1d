// Images, registries of ours that serve them in the sandbox, and what arrives of them in a store there: for checks of pulling.
// What was asked is known from our server's own list, what arrived from the files, whose digests are computed here.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Descriptor, type Index, mediaTypes, type Platform, refName, thisPlatform } from '#images';
import { home } from '../paths.ts';
import type { Content, Order, Reply } from '../registry/controlled.ts';
import type { Behaviour, Seen } from '../registry/server.ts';
import type { Session } from '../sandbox/session.ts';
import type { Context, LearnerError } from './context.ts';

export const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export interface Blob extends Descriptor {
  bytes: Buffer;
}

export interface ImageMade extends Blob {
  config: Blob;
  layers: Blob[];
}

export const blob = (bytes: Uint8Array | string, mediaType: string): Blob => {
  const buffer = Buffer.from(bytes as string);
  return { mediaType, digest: digestOf(buffer), size: buffer.length, bytes: buffer };
};

const plain = ({ mediaType, digest, size }: Blob): Descriptor => ({ mediaType, digest, size });
const document = (mediaType: string, fields: object) =>
  blob(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }), mediaType);

/** A layer of so many bytes, which are nothing that could be unpacked: nobody is to try. */
export const someLayer = (size = 2000) => blob(randomBytes(size), mediaTypes.layer);

/** An image of these layers, three when absent, for this machine's platform when none is given. */
export function makeImage(layers = [someLayer(), someLayer(), someLayer()], platform = thisPlatform()): ImageMade {
  const rootfs = { type: 'layers', diff_ids: layers.map(each => each.digest) };
  // The time: no two are the same.
  const about = { ...platform, rootfs, created: new Date().toISOString(), author: randomBytes(6).toString('hex') };
  const config = blob(JSON.stringify(about), mediaTypes.config);
  return { ...document(mediaTypes.manifest, { config: plain(config), layers: layers.map(plain) }), config, layers };
}

/** One name for several images. */
export const makeIndex = (images: [Blob, Platform][]): Blob =>
  document(mediaTypes.index, { manifests: images.map(([image, platform]) => ({ ...plain(image), platform })) });

/** All that belongs to an image. */
export const partsOf = (image: ImageMade): Blob[] => [image, image.config, ...image.layers];

/** What a registry has: images by name, `team/app:1.0`, where their parts are to be had too. */
export function contentOf(images: Record<string, Blob>, further: Blob[] = []): Content {
  const content: Content = { manifests: {}, blobs: {} };
  for (const [name, image] of Object.entries(images)) {
    const entry = { mediaType: image.mediaType, bytes: image.bytes.toString('base64'), digest: image.digest };
    content.manifests[name] = entry;
    content.manifests[`${name.replace(/:.*/, '')}@${image.digest}`] = entry;
    if ('config' in image) for (const each of partsOf(image as ImageMade).slice(1)) further.push(each);
  }
  for (const each of further) content.blobs[each.digest] = each.bytes.toString('base64');
  return content;
}

/** One process for all registries of a session; it ends with the sandbox. */
const controls = new WeakMap<Session, Promise<(order: Order) => Promise<Reply['value']>>>();

function control(t: Context) {
  let found = controls.get(t.session);
  if (!found) {
    found = startServer(t.session);
    controls.set(t.session, found);
  }
  return found;
}

async function startServer({ sandbox }: Session) {
  const box = await sandbox.join({ stdio: ['ignore', 'ignore', 'inherit'], pass: ['pipe'] });
  const wire = box.passed(4) as Socket;
  const waiting = new Map<number, (value: Reply['value']) => void>();
  createInterface({ input: wire }).on('line', line => {
    const { id, value } = JSON.parse(line) as Reply;
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  wire.on('error', () => {});
  const program = `${home}/workshop/registry/controlled.ts`;
  await box.execve(process.execPath, ['node', '--no-warnings', program], { PATH: process.env.PATH ?? '' });
  let last = 0;
  return (order: Order) =>
    new Promise<Reply['value']>(resolve => {
      waiting.set(++last, resolve);
      wire.write(`${JSON.stringify({ id: last, ...order })}\n`);
    });
}

export class Registry {
  readonly port: number;
  /** `127.0.0.1:34567` */
  readonly host: string;
  readonly #send: (order: Order) => Promise<Reply['value']>;

  constructor(port: number, send: (order: Order) => Promise<Reply['value']>) {
    this.port = port;
    this.host = `127.0.0.1:${port}`;
    this.#send = send;
  }

  /** Every request so far that has this in its first line; `GET /v2/` when absent. */
  async seen(part = '/v2/'): Promise<Seen[]> {
    const all = (await this.#send({ op: 'seen', port: this.port })) as Seen[];
    return all.filter(each => each.line.includes(part));
  }

  /** Those that were for a blob. */
  asked = (of: Blob) => this.seen(`/blobs/${of.digest}`);

  async change(to: { content?: Content; behaviour?: Behaviour }): Promise<void> {
    await this.#send({ op: 'change', port: this.port, ...to });
  }

  /** Goes on with what has stalled. */
  async release(): Promise<void> {
    await this.#send({ op: 'release', port: this.port });
  }
}

/** A registry on the sandbox's loopback. */
export async function openRegistry(t: Context, content: Content, behaviour: Behaviour = {}): Promise<Registry> {
  const send = await control(t);
  return new Registry((await send({ op: 'open', content, behaviour })) as number, send);
}

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
    const found = this.#list('blobs/sha256').map(name => [
      `sha256:${name}`,
      digestOf(this.#read(`blobs/sha256/${name}`)),
    ]);
    return {
      right: new Set(found.flatMap(([name, digest]) => (name === digest ? (name ?? []) : []))),
      wrong: found.flatMap(([name, digest]) => (name === digest ? [] : (name ?? []))),
    };
  }

  /** How many bytes of a blob that is not complete are there. */
  partial({ digest }: Blob): number {
    const name = digest.replace(':', '-');
    return this.#list('ingest').includes(name) ? this.#read(`ingest/${name}`).length : 0;
  }

  /** Name → digest, by index.json. */
  names(): Record<string, string> {
    if (!this.#list('').includes('index.json')) return {};
    const { manifests } = JSON.parse(this.#read('index.json').toString()) as Index;
    return Object.fromEntries(manifests.map(each => [each.annotations?.[refName] ?? '', each.digest]));
  }

  #list = (folder: string) =>
    this.#t.host.exists(`${this.folder}/${folder}`) ? this.#t.host.list(`${this.folder}/${folder}`) : [];
  #read = (file: string) => readFileSync(this.#t.host.path(`${this.folder}/${file}`));
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

/** For a finding: what was asked of a registry, a line each, and how the call ended. */
export function report(seen: Seen[], error: LearnerError | null): string {
  const lines = seen.map(({ line, range, authorization, status, sent }) => {
    const short = line.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1…');
    const with_ = [range && `Range: ${range}`, authorization && `Authorization: ${authorization.split(' ')[0]} …`];
    return `${[short, ...with_.filter(Boolean)].join(', ')} → ${status}, ${sent} bytes`;
  });
  const shown = lines.length > 9 ? [...lines.slice(0, 5), `… ${lines.length - 8} more …`, ...lines.slice(-3)] : lines;
  const where = /(lessons\/[^:?]+)[^:]*:(\d+)/.exec(error?.error?.stack ?? '');
  const end = error ? `it threw ${error.error?.name ?? 'Error'}: ${error.message}` : 'it threw nothing';
  return [
    ...(shown.length > 0 ? shown : ['the registry was asked for nothing']),
    where ? `${end} (${where[1]}:${where[2]})` : end,
  ].join('\n');
}
