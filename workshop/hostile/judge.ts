// In the sandbox: sets the scene for a case, lets the victim meet it, and looks at what has become of all around.
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOf } from '#images';
import { arrange, changes, look } from './canary.ts';
import { type Case, type DocumentCase, type Expected, type LayerCase, type RegistryCase, target } from './case.ts';
import { makeLayout } from './layout.ts';
import { type Hostile, host, name, secure, serve } from './registry/server.ts';
import { archive, file } from './tar.ts';
import type { Task } from './victim.ts';
import type { Outcome, Victim } from './watch.ts';

export interface Verdict {
  name: string;
  user: number;
  way: Way;
  /** How it ended, in words: 'harmless', or the error's line. */
  ended: string;
  /** What is wrong with that; empty when all is well. */
  faults: string[];
  milliseconds: number;
  /** Bytes. */
  memory: number;
}

/** The folder that the image is in. */
export const layout = '/run/hostile-image/layout';

const good = () => archive(file('good', 'good\n'));

function prepare(each: LayerCase | DocumentCase, way: Way): Task {
  rmSync(layout, { recursive: true, force: true });
  mkdirSync(layout);
  const layers = each.kind === 'layer' ? each.layers() : [good()];
  const edits = each.kind === 'document' ? each.edits : {};
  const given = layers.map(layer => (layer instanceof Uint8Array ? { bytes: layer } : layer));
  makeLayout(layout, given, edits);
  writeFileSync(`${layout}.tar`, given.at(-1)?.bytes ?? '');
  if (each.kind === 'document') each.late?.(layout);
  const reference = (each.kind === 'document' && each.reference) || 'hostile';
  return { layout, target, reference, isApart: way === 'apart' };
}

/** A password is configured, for nobody else to hear of it. */
const password = 'hunter2';
const configuration = `${dirname(layout)}/registries.yaml`;
let registry: Hostile | undefined;

async function prepareRegistry({ replies, isTags, isSecure, expect }: RegistryCase): Promise<Task> {
  registry ??= await serve();
  Object.assign(registry, { replies, heard: [] });
  const settings = {
    [host]: { http: true, username: 'us', password },
    [secure]: { ca: `${configuration}.pem` },
  };
  writeFileSync(configuration, JSON.stringify({ registries: settings }));
  writeFileSync(`${configuration}.pem`, registry.certificate ?? '');
  const whole = `${isSecure ? secure : host}/${name}`;
  const asking = { configuration, inVain: expect instanceof RegExp && /not answer|slowly|stopped/.test(expect.source) };
  return isTags ? { tags: whole, ...asking } : { pull: whole, store: target, ...asking };
}

/**
 * Layers one over the other; each apart, on an overlay of those below; or, in place of our software, by tar(1) with all its
 * precautions off.
 */
export type Way = 'whole' | 'apart' | 'naive';

export async function judge(each: Case, victim: Victim, way: Way = 'whole'): Promise<Verdict> {
  const { user } = victim;
  const image = each.kind === 'registry' ? await prepareRegistry(each) : prepare(each, way);
  if (each.kind === 'registry' && each.isSecure && !registry?.certificate)
    return {
      name: each.name,
      user,
      way,
      ended: 'not tried: openssl(1) is missing',
      faults: [],
      milliseconds: 0,
      memory: 0,
    };
  const task = way === 'naive' ? { naive: `${layout}.tar`, target } : image;
  arrange(user);
  const before = look();
  const start = performance.now();
  const outcome = await victim.perform(task);
  const milliseconds = Math.round(performance.now() - start);
  // Overlay has rules of its own, as to which names there can be.
  const usual = (canMakeDevices(user) ? undefined : each.withoutDevices) ?? each.expect;
  const expected = way === 'apart' ? 'either' : usual;
  const faults = [
    ...changes(before, look()).map(change => `outside the target: ${change}`),
    ...faultsOf(outcome, expected),
    ...(each.kind === 'registry' ? strange(outcome) : left(each, outcome, way)),
  ];
  const printed = victim.takeOutput();
  if (printed) faults.push(`it printed ${JSON.stringify(printed.slice(0, 300))}`);
  const { message, next } = outcome.error ?? {};
  const ended = message === undefined ? 'harmless' : [message, next].filter(Boolean).join(' – ');
  return { name: each.name, user, way, ended, faults, milliseconds, memory: outcome.memory };
}

function left(each: Case, { error, fault }: Outcome, way: Way): string[] {
  // Layers that are whole are kept for the next image that has them; others are not.
  if (way === 'apart') {
    const there = existsSync(target) ? readdirSync(target) : [];
    return there.filter(name => !/^[0-9a-f]+$/.test(name)).map(name => `${JSON.stringify(name)} was left behind`);
  }
  if (error) return existsSync(target) ? ['the target was left, half done'] : [];
  return !fault && each.kind === 'layer' ? missing(each.leaves ?? {}) : [];
}

/** What must not be in a store, whatever was tried: a blob that is not what its name says, a name for an image that did not come. */
function strange({ error }: Outcome): string[] {
  const blobs = `${target}/blobs/sha256`;
  const secrets = [`${password}`, Buffer.from(`us:${password}`).toString('base64')];
  const told = registry?.heard.some(headers => secrets.some(each => headers.includes(each)));
  const index = existsSync(`${target}/index.json`) ? readFileSync(`${target}/index.json`, 'utf8') : '';
  return [
    ...(existsSync(blobs) ? readdirSync(blobs) : [])
      .filter(blob => digestOf(readFileSync(`${blobs}/${blob}`)) !== `sha256:${blob}`)
      .map(blob => `the blob ${blob} is not what its name says`),
    ...(told ? ['another server was told the password'] : []),
    ...(error && index.includes(host) ? ['the image has a name, and did not come'] : []),
  ];
}

/** In the first user namespace only. user_namespaces(7) */
const canMakeDevices = (user: number) =>
  user === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));

/** Control characters, of one byte or two, and what turns or breaks a line. */
const raw = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function faultsOf({ fault, error }: Outcome, expected: Expected): string[] {
  if (fault) return [fault];
  if (!error) return expected instanceof RegExp ? [`it was taken, and should have been refused: ${expected}`] : [];
  const { name, message, next = '', stack } = error;
  return [
    ...(/^(ImageError|HttpError)$/.test(name) ? [] : [`no clear error, but a crash: ${stack}`]),
    ...(raw.test(message + next) ? [`the error has raw control characters: ${JSON.stringify(message)}`] : []),
    ...(message.length > 600 ? [`the error has ${message.length} characters`] : []),
    ...(expected === 'harmless' ? [`it was refused, and is harmless: ${message}`] : []),
    ...(expected instanceof RegExp && !expected.test(message)
      ? [`the error is another one than ${expected}: ${message}`]
      : []),
  ];
}

function missing(leaves: Record<string, string | null>): string[] {
  return Object.entries(leaves).flatMap(([path, kind]) => {
    const found = kindOf(`${target}/${path}`);
    return found === kind
      ? []
      : [`${JSON.stringify(path)} is ${found ?? 'nothing'}, and should be ${kind ?? 'nothing'}`];
  });
}

function kindOf(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return null;
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'other';
}
