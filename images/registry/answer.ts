// An answer, as it arrives: whole documents, or pieces; and not for longer than a server that is well would need.
import { on } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { ImageError } from '../errors.ts';
import { documentLimit, parseJson } from '../layout.ts';
import { explainConnection, HttpError } from './http-error.ts';

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

/** Bytes that are read of an answer which nobody wants, so that its connection serves the next. */
const worthReading = 64 << 10;

/** An address that a server gave, seen from where it gave it. From HTTPS no way leads back. */
export function resolve(location: string, from: URL): URL {
  const url = URL.parse(location, from.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new HttpError(`${from.host}: it names an address that is none: ${JSON.stringify(location.slice(0, 200))}`);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new HttpError(`${from.host}: it leads from HTTPS to plain HTTP, at ${url.host}`);
  return url;
}

/** To be called as soon as the answer is there: what arrives before is nobody's. */
export function readable(message: IncomingMessage, url: URL, method: string): Answer {
  const { statusCode: status = 0, headers } = message;
  const header = (name: string) => [headers[name] ?? []].flat().join(', ') || undefined;
  // What was to be sent is not sent to another place.
  const location = /^(GET|HEAD)$/.test(method) && /^30[12378]$/.test(String(status)) ? header('location') : undefined;
  const pieces = arriving(message, url);

  async function* chunks() {
    let [waited, count, asked] = [0, 0, performance.now()];
    for await (const chunk of pieces) {
      waited += performance.now() - asked;
      count += chunk.length;
      if (waited > timeouts.piece && count < slowest)
        throw new HttpError(`${url.host}: it sends too slowly: ${count} bytes in ${Math.round(waited / 1000)} s`);
      if (waited > timeouts.piece) [waited, count] = [0, 0];
      yield chunk;
      asked = performance.now();
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
  async function drop() {
    let size = 0;
    try {
      for await (const chunk of chunks()) {
        size += chunk.length;
        if (size > worthReading) break;
      }
    } catch {
      // Nobody wanted it.
    }
  }
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

/**
 * The pieces of a message. All that came before a connection was cut is handed out first, and then the error: a stream's own
 * iterator would throw away what it still has. Whoever stops before the end ends the connection.
 */
function arriving(message: IncomingMessage, url: URL): AsyncIterableIterator<Uint8Array> {
  // It pauses the message while so many pieces wait here.
  const events = on(message, 'data', { close: ['end'], highWaterMark: 16, lowWaterMark: 8 });
  async function* pieces() {
    try {
      for (;;) {
        const late = setTimeout(() => {
          message.destroy(new HttpError(`${url.host}: it stopped in the middle of an answer`, { transient: true }));
        }, timeouts.piece);
        const { done, value } = await events.next().finally(() => clearTimeout(late));
        if (done) return;
        yield value[0] as Uint8Array;
      }
    } catch (error) {
      throw explainConnection(error, url);
    } finally {
      await events.return?.();
      if (!message.complete) message.destroy();
    }
  }
  return pieces();
}
