// What every server of the workshop asks of a request before it looks at it. A browser on the same machine, or in the same room, can be
// sent here by any page: these are the ways in which such a page would try.
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { sameSecret } from './token.ts';

/**
 * Refuses a Host that is a name: a page that calls itself evil.example and lets that name point here (DNS rebinding) sends its own. An
 * address cannot be rebound. Refuses an Origin that is another than the Host.
 */
export const ownPagesOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('host') ?? '';
  if (!isOwn(host)) return c.text('this server answers to its address alone\n', 421);
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}`) return c.text('not for other sites’ pages\n', 403);
  await next();
};

/**
 * For every answer: nothing is loaded from anywhere, framed, kept, or told to others. `policy`: what of the page's own may run, for
 * instance hashes of its style and script. `framers`: which pages may frame it. Routes within routes may have a seal of their own: it holds.
 */
export function sealed(policy: string, framers = "'none'"): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.res.headers.has('Content-Security-Policy')) return;
    const none = `base-uri 'none'; form-action 'none'; frame-ancestors ${framers}`;
    c.header('Content-Security-Policy', `default-src 'none'; ${none}; ${policy}`);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cache-Control', 'no-store');
  };
}

/** Only who has the link: `?token=…`. */
export function withToken(token: () => string): MiddlewareHandler {
  return async (c, next) => {
    if (!sameSecret(c.req.query('token') ?? '', token())) return c.text('this page opens by its whole link\n', 403);
    await next();
  };
}

function isOwn(host: string): boolean {
  const [, six, four] = /^(?:\[([\da-f:.]+)\]|([a-z\d.]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return four?.toLowerCase() === 'localhost' || isIP(six ?? four ?? '') > 0;
}
