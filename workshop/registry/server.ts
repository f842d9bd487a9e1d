// A registry of ours, for checks and texts: it serves what it is given, notes every request, and misbehaves on demand.
// distribution-spec
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, ok, refusal } from './answer.ts';
import type { Behaviour, Rule, Seen } from './behaviour.ts';
import { Tokens } from './tokens.ts';

export interface Document {
  mediaType: string;
  bytes: Uint8Array;
  /** What its header Docker-Content-Digest says; none when absent. */
  digest?: string;
}

/** What is to be had from it. */
export interface Source {
  /** By tag or digest. */
  manifest(repository: string, reference: string): Document | undefined;
  blob(digest: string): Uint8Array | undefined;
  tags(repository: string): string[];
}

export class RegistryServer {
  readonly seen: Seen[] = [];
  behaviour: Behaviour;
  readonly #server: Server;
  readonly #source: Source;
  readonly #note: (seen: Seen) => void;
  readonly #tokens = new Tokens();
  readonly #stalled: (() => void)[] = [];
  readonly #waiting = new Map<Rule, (() => void)[]>();

  /** `note` hears of each request when it has been answered. */
  constructor(source: Source, behaviour: Behaviour = {}, note: (seen: Seen) => void = () => {}) {
    this.#source = source;
    this.behaviour = behaviour;
    this.#note = note;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** On 127.0.0.1. Returns the port, a free one when it is 0. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Goes on with what has stalled. */
  release(): void {
    for (const go of this.#stalled.splice(0)) go();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization, range } = request.headers;
    const line = `${request.method} ${request.url}`;
    const seen: Seen = { line, status: 0, sent: 0, at: performance.now(), open: 1 };
    Object.assign(seen, authorization && { authorization }, range && { range });
    this.seen.push(seen);
    response.once('close', () => this.#note(seen));

    const rule = this.#ruleFor(line);
    if (rule?.forget) this.#tokens.forget();
    if (rule?.together) seen.open = await this.#gather(rule, rule.together);
    const place = rule?.redirect && `${rule.redirect}/${line.split('/').at(-1)}`;
    const found = place ? refusal(307, { location: place }) : rule?.status ? refusal(rule.status) : this.#find(request);
    const { status, headers, body } = { ...found, ...(rule?.body && { body: Buffer.from(rule.body, 'base64') }) };
    const [, from] = /^bytes=(\d+)-$/.exec(rule?.whole ? '' : (range ?? '')) ?? [];
    const start = status === 200 && from !== undefined && Number(from) < body.length ? Number(from) : null;
    const part = body.subarray(start ?? 0);
    seen.status = start === null ? status : 206;
    response.writeHead(seen.status, {
      ...headers,
      ...(start !== null && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
      'content-length': part.length,
      ...rule?.headers,
    });
    const sent = request.method === 'HEAD' ? part.subarray(0, 0) : part.subarray(0, rule?.cut ?? part.length);
    seen.sent = sent.length;
    if (rule?.cut === undefined) response.end(sent);
    else {
      response.flushHeaders();
      const rest = part.subarray(sent.length);
      if (rule.stall) this.#stalled.push(() => response.end(rest, () => (seen.sent += rest.length)));
      // What a client has not read when it hears of the end, it may throw away: so it gets a moment.
      response.write(sent, () => rule.stall || setTimeout(() => response.destroy(), 100));
    }
  }

  #ruleFor(line: string): Rule | undefined {
    const rule = this.behaviour.rules?.find(({ on = '', times }) => line.includes(on) && times !== 0);
    if (rule?.times) rule.times--;
    return rule;
  }

  /** How many were open when this one was let go. */
  async #gather(rule: Rule, count: number): Promise<number> {
    const waiting = this.#waiting.get(rule) ?? [];
    this.#waiting.set(rule, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    if (waiting.length >= count) for (const go of waiting) go();
    else setTimeout(resolve, 500);
    await promise;
    const open = waiting.length;
    // Later, for those that are let go together count each other.
    setImmediate(() => waiting.splice(waiting.indexOf(resolve), 1));
    return open;
  }

  #find(request: IncomingMessage): Answer {
    const url = new URL(request.url ?? '/', 'http://registry');
    const { login } = this.behaviour;
    if (url.pathname === '/token' && login) return this.#tokens.give(login, url, request.headers.authorization);
    const [, repository = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(url.pathname) ?? [];
    const denied = login && this.#tokens.challenge(login, request.headers, repository);
    if (denied) return denied;
    if (kind === 'tags')
      return ok(Buffer.from(JSON.stringify({ name: repository, tags: this.#source.tags(repository) })));
    if (kind === 'manifests') {
      const document = this.#source.manifest(repository, reference);
      const headers = document && {
        'content-type': document.mediaType,
        ...(document.digest && { 'docker-content-digest': document.digest }),
      };
      return document ? ok(document.bytes, headers) : refusal(404);
    }
    const blob = this.#source.blob(kind ? reference : (url.pathname.split('/').at(-1) ?? ''));
    return blob ? ok(blob, { 'content-type': 'application/octet-stream' }) : refusal(404);
  }
}
