// A server of the workshop: on the loopback address unless told otherwise, with bounds on what a connection may cost, and an orderly end.
import { once } from 'node:events';
import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { UserError } from '../errors.ts';
import { openSockets, type Sockets } from './sockets.ts';

export interface Place {
  /** An IP address; '0.0.0.0' and '::' are all of this machine's. */
  host: string;
  /** 0: any that is free. */
  port: number;
}

export interface Serving {
  host: string;
  port: number;
  /** 'http://127.0.0.1:7433': where others reach it; several on a machine with several addresses. */
  urls: string[];
  /** What is under way gets a second to end. */
  close(): Promise<void>;
}

type Answerer = Pick<Parameters<typeof createAdaptorServer>[0], 'fetch'>;

/** Milliseconds and numbers that a well-behaved client does not notice. */
const bounds = { headers: 5_000, request: 10_000, keepAlive: 5_000, connections: 1024, farewell: 1_000 };

/** 'ADDRESS:PORT', 'ADDRESS', ':PORT' or 'PORT'; what is left out is the loopback address, and `port`. */
export function placeFrom(text: string | undefined, port: number): Place {
  const [, six, four, digits] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]]*[.a-z][^:[\]]*))?(?::?(\d{1,5}))?$/i.exec(text ?? '') ?? [];
  const host = six ?? (four === 'localhost' ? '127.0.0.1' : four) ?? '127.0.0.1';
  const place = { host, port: digits === undefined ? port : Number(digits) };
  if (text !== undefined && (text === '' || !isIP(host) || place.port > 65535 || (!six && !four && !digits))) {
    throw new UserError(
      `${JSON.stringify(text)} is no address to listen on`,
      'give ADDRESS:PORT: 0.0.0.0:7433, [::]:7433',
      2,
    );
  }
  return place;
}

/** `app`: Hono's, or what answers as it does. WebSockets are for its `upgradeWebSocket` (@hono/node-server). */
export async function listen(app: Answerer, { host, port }: Place): Promise<Serving> {
  const sockets = openSockets();
  // A wish for any other protocol is one that HTTP lets a server overhear. RFC 9110, 7.8
  const serverOptions = { shouldUpgradeCallback: wantsSocket };
  const server = createAdaptorServer({
    ...{ fetch: app.fetch, serverOptions },
    websocket: { server: sockets.server },
  }) as HttpServer;
  const connections = new Set<Socket>();
  server.on('connection', socket => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.headersTimeout = bounds.headers;
  server.requestTimeout = bounds.request;
  server.keepAliveTimeout = bounds.keepAlive;
  server.maxConnections = bounds.connections;
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end(`HTTP/1.1 400 ${STATUS_CODES[400]}\r\nConnection: close\r\n\r\n`);
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    sockets.close();
    throw refusedBy(error, host, port);
  }
  const at = (server.address() as AddressInfo).port;
  return {
    host,
    port: at,
    urls: reachable(host).map(each => urlOf(each, at)),
    close: () => close(server, sockets, connections),
  };
}

/** Where it was asked to; else on the loopback address and its usual port, or on any when something else has that. */
export async function listenNear(app: Answerer, address: string | undefined, usual: number): Promise<Serving> {
  const place = placeFrom(address, usual);
  try {
    return await listen(app, place);
  } catch (error) {
    if (address !== undefined || !(error instanceof UserError)) throw error;
    return listen(app, { ...place, port: 0 });
  }
}

export const isLoopback = (host: string) => host.startsWith('127.') || host === '::1';

const wantsSocket = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket';

async function close(server: HttpServer, sockets: Sockets, connections: Set<Socket>): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve));
  sockets.close();
  server.closeIdleConnections();
  // All of them: the server itself forgets those that have become WebSockets.
  const timer = setTimeout(() => {
    for (const socket of connections) socket.destroy();
  }, bounds.farewell);
  await closed;
  clearTimeout(timer);
}

/** Addresses by which others reach it: of all of them those that lead to this machine from elsewhere, IPv4 first. */
function reachable(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const all = Object.values(networkInterfaces()).flatMap(each => each ?? []);
  const outer = all.filter(({ internal, address, family }) => {
    return !internal && !address.startsWith('fe80:') && (host === '::' || family === 'IPv4');
  });
  const addresses = outer.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  return addresses.length > 0 ? addresses : [host === '::' ? '::1' : '127.0.0.1'];
}

const urlOf = (host: string, port: number) => `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

function refusedBy(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const why: Record<string, [string, string]> = {
    EADDRINUSE: ['something listens there already', 'choose another port: --listen ADDRESS:PORT'],
    EACCES: ['ports below 1024 are for root', 'choose a higher one: --listen ADDRESS:PORT'],
    EADDRNOTAVAIL: ['this machine has no such address', '`ip -brief address` shows those it has'],
  };
  const [reason, next] = why[code ?? ''] ?? [];
  return reason ? new UserError(`cannot listen on ${host} port ${port}: ${reason}`, next ?? '') : error;
}
