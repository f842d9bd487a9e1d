// What a page costs on the wire: the bytes that a browser has received for it, as they came, packed and with their headers.
import type { Page } from 'playwright-core';

export interface Weight {
  /** So far. */
  bytes(): number;
  /** By address, without the query. */
  parts(): Map<string, number>;
}

/** From now on. Answers that go on for ever count as they come; of a WebSocket what is in its messages. */
export async function weigh(page: Page): Promise<Weight> {
  const session = await page.context().newCDPSession(page);
  const received = new Map<string, number>();
  const names = new Map<string, string>();
  await session.send('Network.enable');
  const add = (id: string, bytes: number) => received.set(id, (received.get(id) ?? 0) + bytes);
  session.on('Network.requestWillBeSent', ({ requestId, request }) => names.set(requestId, request.url));
  session.on('Network.webSocketCreated', ({ requestId, url }) => names.set(requestId, url));
  session.on('Network.responseReceived', ({ requestId, response }) => add(requestId, response.encodedDataLength));
  // A stream's data is not counted as packed until it ends, and it is not packed.
  session.on('Network.dataReceived', ({ requestId, encodedDataLength, dataLength }) =>
    add(requestId, encodedDataLength || dataLength),
  );
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    received.set(requestId, encodedDataLength),
  );
  session.on('Network.webSocketFrameReceived', ({ requestId, response }) =>
    add(requestId, response.payloadData.length),
  );
  return {
    bytes: () => [...received.values()].reduce((sum, each) => sum + each, 0),
    parts() {
      const parts = new Map<string, number>();
      for (const [id, bytes] of received) {
        const name = new URL(names.get(id) ?? 'http://unknown/').pathname;
        parts.set(name, (parts.get(name) ?? 0) + bytes);
      }
      return parts;
    },
  };
}
