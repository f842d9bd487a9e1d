// A server between a client and a registry that spoils answers: it cuts them, changes a byte, says that it is busy, sends elsewhere.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request: the real answer when it returns false; else it has answered. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface Faults {
  host: string;
  /** Every request, in order. */
  seen: { method: string; path: string; headers: IncomingMessage['headers'] }[];
  fault: Fault;
  /** The body's bytes of an answer, on their way; after `cut` of them the connection ends. */
  spoil: (path: string, headers: IncomingMessage['headers']) => { cut?: number; change?: boolean; noRanges?: boolean };
  close(): void;
}

export async function startFaults(upstream: string): Promise<Faults> {
  const server = createServer((incoming, response) => {
    const { method = 'GET', headers } = incoming;
    faults.seen.push({ method, path: incoming.url ?? '/', headers });
    if (faults.fault(incoming, response)) return;
    // It may have changed what is asked for.
    const path = incoming.url ?? '/';
    const { cut = Number.POSITIVE_INFINITY, change, noRanges } = faults.spoil(path, headers);
    const [hostname, port] = upstream.split(':');
    const { range, ...others } = headers;
    const forwarded = noRanges ? others : headers;
    const outgoing = request({ hostname, port, method, path, headers: { ...forwarded, host: upstream } }, answer => {
      // The registry names itself as it was asked: uploads go past here too.
      const location = answer.headers.location?.replace(`//${upstream}/`, `//${faults.host}/`);
      response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...(location && { location }) });
      let sent = 0;
      answer.on('data', (chunk: Buffer) => {
        if (change && sent === 0) chunk[0] = (chunk[0] ?? 0) ^ 1;
        const rest = chunk.subarray(0, Math.max(0, cut - sent));
        sent += rest.length;
        response.write(rest);
        if (sent >= cut) setTimeout(() => incoming.socket.destroy(), 5);
      });
      answer.on('end', () => sent < cut && response.end());
    });
    outgoing.on('error', () => incoming.socket.destroy());
    // What came before a cut reaches the registry, and its end too.
    incoming.on('close', () => incoming.complete || outgoing.socket?.end());
    incoming.pipe(outgoing);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const faults: Faults = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    fault: () => false,
    spoil: () => ({}),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return faults;
}
