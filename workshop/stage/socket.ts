// The terminal's WebSocket, at the server's end.
//   from the browser: keys as binary, and as JSON {"resize":[columns,rows]}, {"restart":true}, {"taken":bytes}
//   to the browser:   output as binary, and as JSON {"replay":true} (the next binary message is the scrollback, for an empty screen),
//                     {"size":[columns,rows]}, {"started":true}, {"ended":{"status":…}}, {"failed":{"message":…}}
// `taken` says how much output has been drawn. Who says nothing is sent the first half megabyte, and the rest when they have caught up.
import type { WebSocketLike } from '@hono/node-server';
import type { WSContext, WSEvents } from 'hono/ws';
import type { WebSocket } from 'ws';
import { hallOf, type Seat } from './hall.ts';
import { type Screened, type StageState, sensible } from './types.ts';

export interface SocketOptions {
  /** They may look, and not touch: no keys, no size, no restart. */
  readOnly?: boolean;
}

/** For `upgradeWebSocket(() => terminalSocket(stage))`, behind the server's guards. */
export function terminalSocket(stage: Screened, { readOnly = false }: SocketOptions = {}): WSEvents<WebSocketLike> {
  let seat: Seat | null = null;
  const forget: (() => void)[] = [];
  const leave = () => {
    seat?.leave();
    seat = null;
    for (const each of forget.splice(0)) each();
  };

  return {
    onOpen(_, socket) {
      const say = (message: object) => open(socket) && socket.send(JSON.stringify(message));
      seat = hallOf(stage).enter({
        replay: () => say({ replay: true }),
        send: data => open(socket) && socket.send(data as Uint8Array<ArrayBuffer>),
        size: ({ columns, rows }) => say({ size: [columns, rows] }),
        waiting: () => (socket.raw as WebSocket).bufferedAmount,
      });
      const tell = (state: StageState) => says(state, say);
      tell(stage.state());
      for (const event of ['started', 'ended', 'failed'] as const)
        forget.push(stage.on(event, () => tell(stage.state())));
    },
    onMessage({ data }) {
      if (typeof data === 'string') {
        const { resize, restart, taken } = read(data);
        if (typeof taken === 'number') seat?.taken(taken);
        if (readOnly) return;
        if (Array.isArray(resize)) {
          const { columns, rows } = sensible(resize[0], resize[1]);
          stage.resize(columns, rows);
          hallOf(stage).resized();
        }
        if (restart === true) stage.restart();
      } else if (!readOnly && data instanceof ArrayBuffer) stage.write(new Uint8Array(data));
    },
    onClose: leave,
    onError: leave,
  };
}

const open = (socket: WSContext<WebSocketLike>) => socket.readyState === 1;

function says(state: StageState, say: (message: object) => void): void {
  if (state.is === 'running') say({ started: true });
  if (state.is === 'ended') say({ ended: { status: state.status } });
  if (state.is === 'failed') say({ failed: { message: state.message } });
}

function read(text: string): { resize?: unknown; restart?: unknown; taken?: unknown } {
  try {
    const message = text.length < 1000 ? JSON.parse(text) : null;
    return typeof message === 'object' && message !== null ? message : {};
  } catch {
    return {};
  }
}
