// Where a queue is: redis://, with a password in it perhaps, which is never shown again.
import type { RedisOptions } from 'ioredis';
import { UserError } from '../../errors.ts';

export interface Address {
  options: RedisOptions;
  /** For the reader: without user and password. */
  shown: string;
}

const example = 'redis://HOST:6379, rediss://:PASSWORD@HOST:6380/0 or unix:///run/redis.sock';

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`; `rediss:` is the same over TLS, `valkey:` and `valkeys:` are other words for these, and
 * `unix:///path[?db=1]` is a socket. Without one, `$BOXWRIGHT_QUEUE` is read, which other users' `ps` does not show.
 */
export function readAddress(given: string | true, env: NodeJS.ProcessEnv = process.env): Address {
  const text = given === true ? env.BOXWRIGHT_QUEUE : given;
  if (!text) throw new UserError('which queue?', `set $BOXWRIGHT_QUEUE, or give --queue ${example}`, 2);
  const url = URL.parse(text);
  const [, kind, tls] = /^(redis|valkey|unix)(s?):$/.exec(url?.protocol ?? '') ?? [];
  if (!url || !kind || (kind === 'unix' && (tls || url.hostname))) {
    // Not repeated: what is almost an address may hold a password.
    throw new UserError('that is no address of a queue', `write it as ${example}`, 2);
  }
  const db = kind === 'unix' ? (url.searchParams.get('db') ?? '') : url.pathname.slice(1);
  if (!/^\d{0,5}$/.test(db))
    throw new UserError(`a queue’s database is a number, not ${JSON.stringify(db)}`, `write it as ${example}`, 2);

  const login = { username: decode(url.username), password: decode(url.password), db: Number(db) };
  if (kind === 'unix')
    return { options: { ...login, path: decodeURIComponent(url.pathname) }, shown: `unix://${url.pathname}` };
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = Number(url.port) || 6379;
  const secure = tls ? { tls: {} } : {};
  return {
    options: { ...login, host, port, ...secure },
    shown: `${kind}${tls}://${url.hostname || host}:${port}${db && `/${db}`}`,
  };
}

function decode(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text);
}
