// One exchange with a server. What comes back is an answer to be read, or an HttpError in one line.
import { Readable } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { ImageError } from '../errors.ts';
import { documentLimit, parseJson } from '../layout.ts';
import { explainConnection, HttpError } from './http-error.ts';
import { showStatus } from './status.ts';

export interface Request {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  headers?: Record<string, string | undefined>;
  /** Opened anew for each attempt. */
  body?: { size: number; open: () => AsyncIterable<Uint8Array> };
  signal?: AbortSignal | undefined;
}

/** To be read to its end, or dropped, before the connection serves anybody else. */
export interface Answer {
  status: number;
  url: URL;
  /** Where it sends us instead, when it does: another server, it may be. RFC 9110, 15.4 */
  next: URL | undefined;
  header(name: string): string | undefined;
  chunks(): AsyncGenerator<Uint8Array>;
  /** All of it; of at most 4 MiB. */
  bytes(): Promise<Buffer>;
  json(): Promise<unknown>;
  drop(): Promise<void>;
}

/** Waiting for a connection, for the first word of an answer, for the next piece of it, for a whole document: ms. */
export const timeouts = { connect: 10_000, answer: 60_000, piece: 30_000, document: 300_000 };

/** Bytes that are to come in each such span of waiting: a server that sends less keeps us for no good. */
const slowest = 32 << 10;

export class Http {
  readonly #settings: { ca?: string | undefined; direct: boolean };
  #dispatcher: Promise<Dispatcher> | undefined;

  /** `ca`: certificates in PEM to be trusted beside the machine's. `direct`: not through the proxy of $HTTPS_PROXY. */
  constructor(settings: { ca?: string | undefined; direct: boolean }) {
    this.#settings = settings;
  }

  /** The lessons before this one need not wait for undici. */
  async #connect(): Promise<Dispatcher> {
    const { ca, direct } = this.#settings;
    const { Agent, EnvHttpProxyAgent } = await import('undici');
    const options = {
      connect: { timeout: timeouts.connect, ...(direct && !ca ? {} : { secureContext: trusting(ca) }) },
      headersTimeout: timeouts.answer,
      bodyTimeout: timeouts.piece,
    };
    const isProxied = Object.keys(process.env).some(name => /^https?_proxy$/i.test(name));
    return isProxied && !direct ? new EnvHttpProxyAgent(options) : new Agent(options);
  }

  async exchange(url: URL, { method = 'GET', headers, body, signal }: Request): Promise<Answer> {
    const given = Object.entries(headers ?? {}).filter((each): each is [string, string] => each[1] !== undefined);
    const length: [string, string][] = body ? [['content-length', String(body.size)]] : [];
    try {
      const { request: send } = await import('undici');
      this.#dispatcher ??= this.#connect();
      const answer = await send(url, {
        ...{ method, dispatcher: await this.#dispatcher, headers: Object.fromEntries([...given, ...length]) },
        body: body ? Readable.from(body.open(), { objectMode: false }) : null,
        ...(signal && { signal }),
      });
      return await judge(readable(answer, url, method));
    } catch (error) {
      throw explainConnection(error, url);
    }
  }
}

/** What the machine trusts, as other tools do, and that; Node's own list where it has none. It takes a while to read. */
function trusting(ca: string | undefined): SecureContext {
  const machine = getCACertificates('system');
  return createSecureContext({
    ca: [...(machine.length > 0 ? machine : getCACertificates('bundled')), ...(ca ? [ca] : [])],
  });
}

/** An address that a server gave, seen from where it gave it. From HTTPS no way leads back. */
export function resolve(location: string, from: URL): URL {
  const url = URL.parse(location, from.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new HttpError(`${from.host}: it names an address that is none: ${JSON.stringify(location.slice(0, 200))}`);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new HttpError(`${from.host}: it leads from HTTPS to plain HTTP, at ${url.host}`);
  return url;
}

function readable({ statusCode: status, headers, body }: Dispatcher.ResponseData, url: URL, method: string): Answer {
  const header = (name: string) => [headers[name] ?? []].flat().join(', ') || undefined;
  // What was to be sent is not sent to another place.
  const location = /^(GET|HEAD)$/.test(method) && /^30[12378]$/.test(String(status)) ? header('location') : undefined;
  async function* chunks() {
    let [waited, count, asked] = [0, 0, performance.now()];
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        waited += performance.now() - asked;
        count += chunk.length;
        if (waited > timeouts.piece && count < slowest)
          throw new HttpError(`${url.host}: it sends too slowly: ${count} bytes in ${Math.round(waited / 1000)} s`);
        if (waited > timeouts.piece) [waited, count] = [0, 0];
        yield chunk;
        asked = performance.now();
      }
    } catch (error) {
      throw explainConnection(error, url);
    }
  }
  async function bytes() {
    const all: Uint8Array[] = [];
    let size = 0;
    const start = performance.now();
    for await (const chunk of chunks()) {
      size += chunk.length;
      if (performance.now() - start > timeouts.document)
        throw new HttpError(`${url.host}: its answer takes too long for a document`);
      if (size > documentLimit) throw new ImageError(`${url.host}: its answer is too long for a document`);
      all.push(chunk);
    }
    return Buffer.concat(all);
  }
  const drop = () => body.dump({ limit: 64 << 10 }).catch(() => {});
  return {
    status,
    url,
    next: location === undefined ? undefined : resolve(location, url),
    header,
    chunks,
    bytes,
    drop,
    json: async () => parseJson(await bytes(), `${url.host}: its answer`),
  };
}

/** What the server itself calls passing is an error, for the caller to be patient with. */
async function judge(answer: Answer): Promise<Answer> {
  const { status, url } = answer;
  if (status !== 429 && status < 500) return answer;
  await answer.drop();
  const wait = answer.header('retry-after') ?? '';
  const after = /^\d+$/.test(wait) ? Number(wait) * 1000 : Date.parse(wait) - Date.now();
  const long = after > 1000 ? `, and asks to be left alone for ${Math.ceil(after / 1000)} s` : '';
  throw new HttpError(`${url.host}: it answers ${showStatus(status)}${long}`, {
    ...{ status, transient: status !== 501, next: 'wait a while, then the same again: what has come is kept' },
    ...(after > 0 && { after }),
  });
}
