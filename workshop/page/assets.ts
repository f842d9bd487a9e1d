// Modules and libraries are made once for all who ask in the same moments: types taken out, packed, and with a tag by which a browser that
// has them already is told so in a few bytes.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Context, MiddlewareHandler } from 'hono';

interface Kept {
  at: number;
  type: string;
  tag: string;
  plain: Uint8Array<ArrayBuffer>;
  packed: Uint8Array<ArrayBuffer>;
}

/** Milliseconds for which a file is not read again. */
const fresh = 10_000;

export function assets(): MiddlewareHandler {
  const kept = new Map<string, Kept>();
  return async (c, next) => {
    const asset = kept.get(c.req.path);
    if (c.req.method !== 'GET') return next();
    if (asset && performance.now() - asset.at < fresh) return answer(c, asset);
    await next();
    if (c.res.status !== 200) return;
    const plain = new Uint8Array(await c.res.arrayBuffer());
    const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
    const type = c.res.headers.get('Content-Type') ?? '';
    const made = { at: performance.now(), type, tag, plain, packed: new Uint8Array(gzipSync(plain)) };
    kept.set(c.req.path, made);
    c.res = answer(c, made);
  };
}

/** What has a tag may be kept, as long as it is asked each time whether it is still the same; outside of `sealed`, which forbids it. */
export const keepTagged: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.res.headers.has('ETag')) c.res.headers.set('Cache-Control', 'private, no-cache');
};

function answer(c: Context, { tag, type, plain, packed }: Kept): Response {
  const headers: Record<string, string> = { ETag: tag, Vary: 'Accept-Encoding' };
  if (c.req.header('if-none-match') === tag) return new Response(null, { status: 304, headers });
  const packs = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
  headers['Content-Type'] = type;
  if (packs) headers['Content-Encoding'] = 'gzip';
  return new Response(packs ? packed : plain, { headers });
}
