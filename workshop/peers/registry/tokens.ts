// A token server as a registry's `auth: token` wants it: whoever says the right name and password gets a signed token for what they
// may do. distribution, "Token Authentication Specification" and "Token Authentication Implementation"
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authority } from './authority.ts';

export interface Tokens {
  realm: string;
  /** What was asked for, in order: scopes, and by whom. */
  asked: { scopes: string[]; user: string | undefined }[];
  /** Seconds that the next ones are good for. */
  lifetime: number;
  close(): void;
}

export const issuer = 'test-issuer';
export const service = 'test-registry';

/** Anybody may pull below `open/`; `users` (name → password) may do everything. */
export async function startTokens({ certificate, key }: Authority, users: Record<string, string>): Promise<Tokens> {
  const secret = createPrivateKey(readFileSync(key));
  const chain = [new X509Certificate(readFileSync(certificate)).raw.toString('base64')];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const [user, password] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':');
    const scopes = url.searchParams.getAll('scope');
    tokens.asked.push({ scopes, user: user || undefined });
    if (user && users[user] !== password) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}');
      return;
    }
    const access = scopes.flatMap(scope => {
      const [type, name = '', actions = ''] = scope.split(':');
      const allowed = user ? actions.split(',') : name.startsWith('open/') ? ['pull'] : [];
      return allowed.length > 0 ? [{ type, name, actions: allowed }] : [];
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: user ?? '', aud: service, jti: randomUUID(), access };
    const times = { exp: now + tokens.lifetime, nbf: now - 10, iat: now };
    const text = [
      { typ: 'JWT', alg: 'ES256', x5c: chain },
      { ...claims, ...times },
    ]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(text), { key: secret, dsaEncoding: 'ieee-p1363' });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ token: `${text}.${signature.toString('base64url')}`, expires_in: tokens.lifetime }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const tokens: Tokens = { realm, asked: [], lifetime: 300, close: () => server.close() };
  return tokens;
}
