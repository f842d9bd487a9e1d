// WebSockets of a server of the workshop: bounds on what they may cost, and an end for those whose other side has gone without a word.
// Who may open one is the app's to say: its middlewares see the request to upgrade like any other.
import { type WebSocket, WebSocketServer } from 'ws';

export interface Sockets {
  /** For createAdaptorServer. */
  server: WebSocketServer;
  /** Says goodbye to all. */
  close(): void;
}

/** Bytes of a message: keys, or something pasted. Milliseconds between two questions whether somebody is still there. */
export const socketBounds = { message: 1 << 16, idle: 30_000 };

export function openSockets(idle = socketBounds.idle): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: socketBounds.message, perMessageDeflate: false });
  const silent = new WeakSet<WebSocket>();
  server.on('connection', socket => {
    socket.on('pong', () => silent.delete(socket));
    // A message that is too long, or none at all: ws closes the connection itself.
    socket.on('error', () => {});
  });
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, idle).unref();
  return {
    server,
    close() {
      clearInterval(timer);
      for (const socket of server.clients) socket.close(1001, 'the server ends');
    },
  };
}
