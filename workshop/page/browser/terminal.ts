// The terminal of a stage, in a page or on a slide. stage/socket.ts is its other end, and says what is sent. xterm is loaded when one is
// opened. It fills `element`, which needs a height of its own.

import { addStyle, furnish, type Parts } from './furniture.ts';

export interface TerminalOptions {
  /** Only to be looked at. */
  readOnly?: boolean;
  /** What is at the other end: the container, or a shell beside it. */
  of?: 'container' | 'shell';
}

export interface OpenTerminal {
  focus(): void;
  close(): void;
}

/** Milliseconds between two attempts to reach the server again, and bytes of output between two reports that it was drawn. */
const [soonest, latest, reported] = [500, 8000, 1 << 15];
/** Bytes of a message: less than the server takes. */
const longest = 1 << 14;

/** `url`: ws://… */
export function openTerminal(element: HTMLElement, url: string, options: TerminalOptions = {}): OpenTerminal {
  const { readOnly = false, of = 'container' } = options;
  const parts = furnish(element, readOnly, of);
  let closed = false;
  let focusWanted = false;
  let opened: { focus(): void; close(): void } | null = null;
  parts.say('Loading …');
  load().then(
    ({ openScreen }) => {
      if (closed) return;
      opened = connect(openScreen, parts, url, { readOnly, of });
      if (focusWanted) opened.focus();
    },
    () => parts.say('The terminal could not be loaded. Reload the page to try again.'),
  );
  return {
    focus() {
      focusWanted = true;
      opened?.focus();
    },
    close() {
      closed = true;
      opened?.close();
      element.replaceChildren();
    },
  };
}

async function load() {
  const styles = ['/library/xterm.css', new URL('terminal.css', import.meta.url).pathname];
  const [screen] = await Promise.all([import('./screen.ts'), ...styles.map(addStyle)]);
  return screen;
}

function connect(
  open: typeof import('./screen.ts').openScreen,
  parts: Parts,
  url: string,
  { readOnly, of }: Required<TerminalOptions>,
) {
  const screen = open(parts.screen, {
    readOnly,
    label:
      of === 'shell' ? 'Terminal, on the host' : readOnly ? 'Terminal of the container' : 'Terminal, in the container',
  });
  const { term } = screen;
  term.textarea?.setAttribute('aria-describedby', parts.note.id);
  const encoder = new TextEncoder();
  let socket: WebSocket | null = null;
  let wait = soonest;
  let timer: number | undefined;
  let closed = false;
  let drawn = 0;
  /** The scrollback is being drawn: a question in it was answered when it was asked. */
  let replaying = false;

  const tell = (message: object) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  function type(bytes: Uint8Array<ArrayBuffer>): void {
    if (readOnly || replaying || socket?.readyState !== WebSocket.OPEN) return;
    for (let at = 0; at < bytes.length; at += longest) socket.send(bytes.subarray(at, at + longest));
  }
  const adapt = () => {
    const room = readOnly ? null : screen.room();
    if (room && (room.cols !== term.cols || room.rows !== term.rows)) tell({ resize: [room.cols, room.rows] });
  };

  function draw(data: Uint8Array): void {
    const mute = replaying;
    term.write(data, () => {
      if (mute) replaying = false;
      drawn += data.length;
      if (drawn < reported) return;
      tell({ taken: drawn });
      drawn = 0;
    });
  }

  function hear(text: string): void {
    const message = JSON.parse(text);
    if (message.replay) {
      term.reset();
      replaying = true;
    }
    if (message.size) screen.take(message.size[0], message.size[1]);
    if (message.started) parts.say(`Connected: the ${of} runs.`);
    if (message.ended) parts.say(`The ${of} has ended.`);
    if (message.failed) parts.say(`There is no ${of}: ${message.failed.message}`);
  }

  function reach(): void {
    const mine = new WebSocket(url);
    socket = mine;
    drawn = 0;
    mine.binaryType = 'arraybuffer';
    mine.addEventListener('open', () => {
      wait = soonest;
      parts.say('Connected.');
    });
    mine.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') hear(data);
      else draw(new Uint8Array(data));
      // What the server takes for the terminal's size comes first; then it hears of ours.
      if (typeof data === 'string' && data.includes('"size"') && !asked) {
        asked = true;
        adapt();
      }
    });
    let asked = false;
    mine.addEventListener('close', () => {
      if (closed || socket !== mine) return;
      parts.say('Disconnected. Trying again …');
      timer = setTimeout(reach, wait);
      wait = Math.min(2 * wait, latest);
    });
  }

  term.onData(text => type(encoder.encode(text)));
  term.onBinary(text => type(Uint8Array.from(text, each => each.charCodeAt(0))));
  term.textarea?.addEventListener('focus', adapt);
  const watcher = new ResizeObserver(() => (readOnly ? screen.take(term.cols, term.rows) : adapt()));
  watcher.observe(parts.screen);
  parts.again.addEventListener('click', () => {
    tell({ restart: true });
    term.focus();
  });
  reach();
  return {
    focus: () => term.focus(),
    close() {
      closed = true;
      clearTimeout(timer);
      watcher.disconnect();
      socket?.close();
      screen.close();
    },
  };
}
