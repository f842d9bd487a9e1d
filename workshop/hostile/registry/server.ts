// A registry with one image, hostile/image:latest, that answers as a case wants it to. It stands on the sandbox's own loopback.
import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { digestOf, mediaTypes } from '#images';
import { archive, file } from '../tar.ts';

export const host = '127.0.0.1:5001';
export const elsewhere = '127.0.0.1:5002';
export const secure = '127.0.0.1:5003';
export const name = 'hostile/image:latest';

export type Reply = (response: ServerResponse, request: IncomingMessage, good: Good) => unknown;

/** In place of which of the good answers; the rest are good. */
export type Replies = Partial<Record<'any' | 'manifest' | 'config' | 'layer' | 'token' | 'tags', Reply>>;

/** What the image is made of. */
export interface Good {
  layer: Buffer;
  config: Buffer;
  manifest: Buffer;
}

/** Larger than what comes in one piece. */
const layer = archive(file('good', Buffer.alloc(300_000, 'good\n')));
const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const config = Buffer.from(
  JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } }),
);
const manifest = Buffer.from(
  JSON.stringify({
    ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptor(mediaTypes.config, config) },
    layers: [descriptor(mediaTypes.layer, layer)],
  }),
);
export const good: Good = { layer, config, manifest };

export interface Hostile {
  /** What it answers from now on. */
  replies: Replies;
  /** What was said to `elsewhere`, which nobody may tell secrets. */
  heard: string[];
  /** What `secure` shows of itself, in PEM; null where openssl(1) is missing, and nothing is there. */
  certificate: string | null;
}

export async function serve(): Promise<Hostile> {
  const identity = makeIdentity();
  const hostile: Hostile = { replies: {}, heard: [], certificate: identity?.cert ?? null };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    // Whoever hangs up on us has had enough.
    response.on('error', () => {});
    // A connection for each: nobody sends the next request over one that is being closed.
    response.shouldKeepAlive = false;
    const kind = kindOf(request.url ?? '');
    const reply = hostile.replies.any ?? hostile.replies[kind];
    if (reply) reply(response, request, good);
    else answer(response, kind);
  };
  const deaf = (request: IncomingMessage, response: ServerResponse) => {
    // Who gives tokens is told who asks: that is what it is for.
    if (!request.url?.startsWith('/token')) hostile.heard.push(JSON.stringify(request.headers));
    listener(request, response);
  };
  await Promise.all([
    ...[listen(createServer(listener), host), listen(createServer(deaf), elsewhere)],
    ...(identity ? [listen(createSecureServer(identity, listener), secure)] : []),
  ]);
  return hostile;
}

function listen(server: Server, at: string): Promise<Server> {
  server.unref().keepAliveTimeout = 1;
  return new Promise(resolve => server.listen(Number(at.split(':')[1]), '127.0.0.1', () => resolve(server)));
}

function kindOf(url: string): keyof Replies {
  if (url.startsWith('/token')) return 'token';
  if (url.includes('/tags/')) return 'tags';
  if (url.includes('/manifests/')) return 'manifest';
  return url.includes(digestOf(layer)) ? 'layer' : 'config';
}

function answer(response: ServerResponse, kind: keyof Replies): void {
  const bytes = kind === 'manifest' || kind === 'layer' ? good[kind] : good.config;
  const type = kind === 'manifest' ? mediaTypes.manifest : 'application/octet-stream';
  if (kind === 'token') response.end(JSON.stringify({ token: 'token', expires_in: 300 }));
  else if (kind === 'tags') response.end(JSON.stringify({ name: 'hostile/image', tags: ['latest'] }));
  else response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
}

/** A key, and a certificate that it has signed itself. openssl-req(1) */
function makeIdentity(): { key: string; cert: string } | null {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject];
  const { stdout, status } = spawnSync('openssl', [...args, '-keyout', '-', '-out', '-'], { encoding: 'utf8' });
  if (status !== 0) return null;
  const [, key = '', cert = ''] = /^(-.*END PRIVATE KEY-+\n).*?(-----BEGIN CERT.*)$/s.exec(stdout) ?? [];
  return { key, cert };
}
