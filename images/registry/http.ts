// One exchange with a server. What comes back is an answer to be read, or an HttpError in one line.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { AgentOptions } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { ImageError } from '../errors.ts';
import { type Answer, readable, timeouts } from './answer.ts';
import { explainConnection, HttpError } from './http-error.ts';
import { showStatus } from './status.ts';

export interface Request {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  headers?: Record<string, string | undefined>;
  /** Opened anew for each attempt. */
  body?: { size: number; open: () => AsyncIterable<Uint8Array> };
  signal?: AbortSignal | undefined;
}

export class Http {
  readonly #settings: { ca?: string | undefined; direct: boolean };
  /** By protocol. Connections are kept for the next request. */
  readonly #agents = new Map<string, Agent>();

  /** `ca`: certificates in PEM to be trusted beside the machine's. `direct`: not through the proxy of $HTTPS_PROXY. */
  constructor(settings: { ca?: string | undefined; direct: boolean }) {
    this.#settings = settings;
  }

  async exchange(url: URL, request: Request): Promise<Answer> {
    try {
      const { request: send, Agent } = await modules[url.protocol as keyof typeof modules]();
      const agent = this.#agents.get(url.protocol) ?? new Agent(this.#options(url.protocol));
      this.#agents.set(url.protocol, agent);
      const { method = 'GET', headers, body, signal } = request;
      const given = Object.entries(headers ?? {}).filter((each): each is [string, string] => each[1] !== undefined);
      const length: [string, string][] = body ? [['content-length', String(body.size)]] : [];
      const sent = send(url, {
        ...{ agent, method, headers: Object.fromEntries([...given, ...length]) },
        ...(signal && { signal }),
      });
      return await judge(readable(await answered(sent, url, body), url, method));
    } catch (error) {
      throw explainConnection(error, url);
    }
  }

  #options(protocol: string): AgentOptions {
    const { ca, direct } = this.#settings;
    const isProxied = !direct && Object.keys(process.env).some(name => /^https?_proxy$/i.test(name));
    if (isProxied && !knowsProxies)
      throw new ImageError(`Node ${process.versions.node} knows no proxies`, 'use Node 24');
    return {
      keepAlive: true,
      ...(isProxied && { proxyEnv: process.env }),
      ...(protocol === 'https:' && !(direct && !ca) && { secureContext: trusting(ca) }),
    };
  }
}

/** They take a while to load, and the lessons before this one need neither. */
const modules = { 'https:': () => import('node:https'), 'http:': () => import('node:http') };

/** The option `proxyEnv`, since 22.21 and 24.5. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const knowsProxies = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

/** Sends what there is to send, and waits for the head of the answer. */
async function answered(sent: ClientRequest, url: URL, body: Request['body']): Promise<IncomingMessage> {
  const giveUp = () => sent.destroy(new HttpError(`${url.host}: it does not answer`, { transient: true }));
  const connecting = setTimeout(giveUp, timeouts.connect);
  const answering = setTimeout(giveUp, timeouts.answer);
  sent.on('socket', socket => {
    const connected = () => clearTimeout(connecting);
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    else connected();
  });
  try {
    return await new Promise((resolve, reject) => {
      sent.once('response', message => {
        // It has made up its mind before it had everything: the rest is not sent.
        message.once('end', () => sent.writableFinished || sent.destroy());
        resolve(message);
      });
      sent.on('error', reject);
      if (!body) return void sent.end();
      // What goes wrong here is an error of the request, or of what is to be sent: then it is not sent.
      pipeline(
        noticed(body.open(), () => answering.refresh()),
        sent,
      ).catch(reject);
    });
  } finally {
    clearTimeout(connecting);
    clearTimeout(answering);
  }
}

/** The same bytes; somebody hears of each piece. */
async function* noticed(chunks: AsyncIterable<Uint8Array>, notice: () => void) {
  for await (const chunk of chunks) {
    notice();
    yield chunk;
  }
}

/** What the machine trusts, as other tools do, and that; Node's own list where it has none. It takes a while to read. */
function trusting(ca: string | undefined): SecureContext {
  const machine = getCACertificates('system');
  return createSecureContext({
    ca: [...(machine.length > 0 ? machine : getCACertificates('bundled')), ...(ca ? [ca] : [])],
  });
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
