// A registry as one talks to it: its address, its certificates, whether in the clear, who we are there.
import { type Answer, resolve } from './answer.ts';
import { Http, type Request } from './http.ts';
import { speaksNoTls } from './http-error.ts';
import { Patience } from './patience.ts';
import type { Endpoint } from './registries.ts';

export class Client {
  readonly endpoint: Endpoint;
  readonly #http: Http;
  #base: Promise<URL> | undefined;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.#http = new Http({ ca: endpoint.ca, direct: isLoopback(endpoint.host) });
  }

  /** Its address, with `/` at the end. Asks in the clear only where that is configured, or where nobody else can listen. */
  base(): Promise<URL> {
    this.#base ??= this.#findBase();
    return this.#base;
  }

  async #findBase(): Promise<URL> {
    const { host, plain } = this.endpoint;
    const [secure, clear] = [new URL(`https://${host}/`), new URL(`http://${host}/`)];
    if (plain) return clear;
    if (!isLoopback(host)) return secure;
    // As Docker does: HTTPS first, and in the clear where no TLS is spoken.
    try {
      await (await this.#http.exchange(new URL('/v2/', secure), {})).drop();
      return secure;
    } catch (error) {
      return speaksNoTls(error) ? clear : secure;
    }
  }

  /**
   * Asks once, at a path below the address or at one that a server has named, and goes nowhere else. `authorization`: what is told
   * of us. Throws HttpError without an answer.
   */
  async once(path: string | URL, request: Request = {}, authorization?: string): Promise<Answer> {
    const headers = { ...request.headers, authorization };
    return this.#http.exchange(resolve(String(path), await this.base()), { ...request, headers });
  }

  patience(signal?: AbortSignal): Patience {
    return new Patience(this.endpoint.pauses, signal);
  }
}

/** What Docker calls it: 127.0.0.0/8, ::1 and localhost. */
export const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
