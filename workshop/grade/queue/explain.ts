// What a queue's server, or the road to it, can say no with, as a line for the user and the next action.
import { UserError } from '../../errors.ts';
import type { Address } from './address.ts';

const cases: [RegExp, (shown: string, said: string) => [string, string]][] = [
  [
    /NOAUTH|WRONGPASS|AUTH.* called without any password|invalid password|invalid username/i,
    shown => [
      `${shown} asks for a password, and ours is not it`,
      'put it into $BOXWRIGHT_QUEUE: redis://[USER]:PASSWORD@HOST',
    ],
  ],
  [
    /^DENIED/,
    shown => [
      `${shown} is in protected mode: it serves its own machine only`,
      'give it a password (requirepass) or bind it',
    ],
  ],
  [
    /NOPERM/,
    (shown, said) => [
      `${shown} does not let this user do it: ${said}`,
      'give the user ~bull:* +@all -@dangerous +info +client',
    ],
  ],
  [/READONLY|replica/i, shown => [`${shown} is a replica, which is read-only`, 'name the primary server']],
  [
    /^(ReplyError: )?OOM|maxmemory/,
    shown => [`${shown} is full: its maxmemory is reached`, 'raise maxmemory, or use a server of its own'],
  ],
  [/MISCONF/, shown => [`${shown} cannot save to its disk, and takes nothing`, 'look at its log; free its disk']],
  [/DB index is out of range/, shown => [`${shown}: there is no database of that number`, 'use a smaller one, or 0']],
  [/LOADING/, shown => [`${shown} is still reading its data`, 'wait a little, then again']],
  [
    /wrong version number|packet length too long|ECONNRESET.*TLS|SSL routines/,
    shown => [`${shown} does not speak TLS`, 'write redis:// for one without'],
  ],
  [
    /certificate|self.signed|altnames/i,
    (shown, said) => [
      `${shown} shows a certificate that is not trusted: ${said}`,
      'name its authority: NODE_EXTRA_CA_CERTS=FILE',
    ],
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|ECONNRESET|EACCES|EPIPE|Connection is closed/,
    (shown, said) => [
      `no queue answers at ${shown} (${said})`,
      'start its server (Redis or Valkey, 6.2 or newer), or correct the address',
    ],
  ],
  [
    /unknown command|version needs to be/i,
    (shown, said) => [`${shown} is too old, or no Redis: ${said}`, 'use Redis 6.2, Valkey 7.2 or newer'],
  ],
];

/** A UserError for what is known; anything else as it is. */
export function explain(error: unknown, { shown, options }: Address): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  // Tried at several addresses of one name: any of them tells.
  const inner = error instanceof AggregateError ? (error.errors[0] as Error)?.message : '';
  const said = (message || inner).replace(/^connect /, '').replace(/ script: .*$/s, '');
  // A server without TLS waits for what it would understand.
  if (options.tls && /ETIMEDOUT/.test(`${message} ${code}`)) {
    return new UserError(`${shown} does not answer over TLS`, 'write redis:// for a server without TLS');
  }
  const known = cases.find(([pattern]) => pattern.test(`${message} ${inner} ${code}`));
  return known ? new UserError(...known[1](shown, said || code)) : error;
}
