// What went wrong between us and a server, in one line that says what to do.
import { ImageError } from '../errors.ts';

export class HttpError extends ImageError {
  override name = 'HttpError';
  /** Of the answer, when there was one. */
  readonly status: number | undefined;
  /** The registry's own words for it: MANIFEST_UNKNOWN … distribution-spec, "Error Codes" */
  readonly codes: string[];
  /** It may be otherwise in a moment. */
  readonly transient: boolean;
  /** Not before so many milliseconds. */
  readonly after: number | undefined;

  constructor(
    message: string,
    about: Partial<Pick<HttpError, 'status' | 'codes' | 'transient' | 'after' | 'next' | 'cause'>> = {},
  ) {
    super(message, about.next);
    this.status = about.status;
    this.codes = about.codes ?? [];
    this.transient = about.transient ?? false;
    this.after = about.after;
    this.cause = about.cause;
  }
}

/** Node's errors, by code: what it means, and whether to try again. */
const meanings: Record<string, [meaning: string, transient: boolean, next?: string]> = {
  ENOTFOUND: ['there is no such host', false, 'mend the name of the registry'],
  EAI_AGAIN: ['its name cannot be looked up', true, 'see whether this machine has a network'],
  ECONNREFUSED: ['nothing listens there', false, 'mend the name or the port of the registry, or start it'],
  EHOSTUNREACH: ['no way leads there', false],
  ENETUNREACH: ['no way leads there', false],
  ECONNRESET: ['the connection was cut', true],
  EPIPE: ['the connection was cut', true],
  ERR_STREAM_PREMATURE_CLOSE: ['the connection was cut', true],
  ETIMEDOUT: ['it does not answer', true],
  HPE_HEADER_OVERFLOW: ['its answer has headers without end', false],
};

const untrusted = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(GET|VERIFY)/;

/** Also one that is not Node's: then it is ours, and comes back as it is. */
export function explainConnection(error: unknown, url: URL): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [meaning, transient, next] = meanings[code] ?? [];
  if (meaning !== undefined)
    return new HttpError(`${url.host}: ${meaning}`, { transient: transient ?? false, next, cause: error });
  if (untrusted.test(code))
    return new HttpError(`${url.host}: its certificate is not to be trusted: ${message.split('\n')[0]}`, {
      next: 'if it is yours, name the authority that signed it in the configuration: `ca: FILE`',
    });
  if (isNoTls(error))
    return new HttpError(`${url.host}: it does not speak HTTPS`, {
      next: 'if it is yours and may be asked in the clear, say so in the configuration: `http: true`',
      cause: error,
    });
  if (code.startsWith('HPE'))
    return new HttpError(`${url.host}: its answer is no HTTP: ${message.replace('Parse Error: ', '')}`);
  if (/^ERR_(SSL|TLS|PROXY)/.test(code) || code === 'EPROTO')
    return new HttpError(`${url.host}: ${message.split('\n')[0]}`);
  return error;
}

/** It answered, in something else than TLS. */
const isNoTls = (error: unknown) =>
  /wrong.version.number|packet.length.too.long/i.test(
    `${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`,
  );

/** Somebody listens there and made nothing of a greeting in TLS. */
export function speaksNoTls(error: unknown): boolean {
  const cause = error instanceof HttpError ? error.cause : undefined;
  return (cause instanceof Error && isNoTls(cause)) || (cause as NodeJS.ErrnoException)?.code === 'ECONNRESET';
}
