// Who may have what: Basic, and tokens for scopes. distribution, "Token Authentication Specification"
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, ok, refusal } from './answer.ts';
import type { Login } from './behaviour.ts';

export class Tokens {
  /** Token → what it is for. */
  readonly #scopes = new Map<string, string[]>();

  forget(): void {
    this.#scopes.clear();
  }

  /** What is answered to who may not pull from the repository; null to who may. */
  challenge(login: Login, headers: IncomingHttpHeaders, repository: string): Answer | null {
    const wanted = `repository:${repository}:pull`;
    if (login.scheme === 'basic') {
      if (headers.authorization === basic(login)) return null;
      return refusal(401, { 'www-authenticate': 'Basic realm="ours"' });
    }
    const scopes = this.#scopes.get(headers.authorization?.replace('Bearer ', '') ?? '');
    if (scopes?.includes(wanted)) return null;
    const realm = `http://${headers.host}/token`;
    return refusal(401, { 'www-authenticate': `Bearer realm="${realm}",service="ours",scope="${wanted}"` });
  }

  /** For all scopes that are asked for, and for nothing when none is. */
  give(login: Login, url: URL, authorization: string | undefined): Answer {
    if (login.username && authorization !== basic(login)) return refusal(401);
    if (url.searchParams.get('service') !== 'ours') return refusal(400);
    const token = randomBytes(12).toString('hex');
    this.#scopes.set(token, url.searchParams.getAll('scope'));
    return ok(Buffer.from(JSON.stringify({ token, expires_in: 300 })), { 'content-type': 'application/json' });
  }
}

const basic = ({ username, password }: Login) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
