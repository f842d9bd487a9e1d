// Who is asking. The link that was printed carries a token; it is exchanged for a cookie that scripts cannot read, and taken out of the
// address. Without either there is nothing to see.
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { newToken, sameSecret } from '../serve/token.ts';
import type { Role } from './channel.ts';

export interface Access {
  /** By role. */
  tokens: Record<Role, string>;
  /** Cookies are sent to all ports of an address: the name keeps those of two servers apart. */
  cookie(): string;
  /** Null for who has neither token. */
  roleOf(secret: string | undefined): Role | null;
}

/** What the server knows of a request. */
export interface Env {
  Bindings: HttpBindings;
  Variables: { role: Role };
}

/** `port`: of the server, once it listens. */
export function makeAccess(port: () => number): Access {
  const tokens = { owner: newToken(), viewer: newToken() };
  return {
    tokens,
    cookie: () => `boxwright-${port()}`,
    roleOf(secret = '') {
      const [owner, viewer] = [sameSecret(secret, tokens.owner), sameSecret(secret, tokens.viewer)];
      return owner ? 'owner' : viewer ? 'viewer' : null;
    },
  };
}

export function admit(access: Access): MiddlewareHandler<Env> {
  return async (c, next) => {
    const given = c.req.query('token');
    if (given !== undefined && c.req.method === 'GET') {
      if (!access.roleOf(given)) return c.text(refusal, 403);
      const url = new URL(c.req.url);
      url.searchParams.delete('token');
      const to = `${url.pathname.replace(/^\/+/, '/')}${url.search}`;
      // No redirection: a browser that follows a link out of a chat would not send the new cookie along with it, because it is Strict.
      c.header('Set-Cookie', `${access.cookie()}=${given}; Path=/; HttpOnly; SameSite=Strict`);
      c.header('Refresh', `0; url=${to}`);
      return c.html(
        html`<!doctype html><html lang="en"><title>Boxwright</title><link rel="icon" href="data:,"><a href="${to}">Go on</a></html>`,
      );
    }
    const role = access.roleOf(getCookie(c, access.cookie()));
    if (!role) return c.text(refusal, 403);
    c.set('role', role);
    await next();
  };
}

/** For what a room may look at and not touch. */
export const ownerOnly: MiddlewareHandler<Env> = async (c, next) => {
  if (c.get('role') !== 'owner') return c.text('this is for the one whose workshop it is\n', 403);
  await next();
};

const refusal = 'this page opens by its whole link, as `npx boxwright open` prints it\n';
