// Any process of the machine, drawn as it is now: the same figures as a lesson's, read again and again for as long as somebody looks.
import { html } from 'hono/html';
import { readLive, readXray, type XrayOptions } from '../xray/index.ts';
import type { Xray } from '../xray/types.ts';
import { openChannel } from './channel.ts';
import { openDrawing } from './figures.ts';
import type { Room } from './rooms.ts';

/** Milliseconds between two readings of what changes by the second, and of all. */
const [live, whole] = [500, 3_000];

export interface XrayRoom extends Room {
  pid: number;
}

/** `options`: what is known of it beside its number: whose container it is said to be, and where its layers can be opened. */
export function openXrayRoom(pid: number, options: XrayOptions | undefined, changed: () => void): XrayRoom {
  const channel = openChannel(changed);
  const drawing = openDrawing(channel);
  const ended = new AbortController();
  const say = (text: string) =>
    channel.set('running', String(html`<p id="running" class="running" role="status">${text}</p>`));

  async function read(): Promise<void> {
    let readAt = Number.NEGATIVE_INFINITY;
    let before: Xray | undefined;
    while (!ended.signal.aborted) {
      const begun = performance.now();
      if (begun - readAt > whole) {
        const xray = await readXray(pid, { ...options, signal: ended.signal });
        [readAt, before] = [begun, xray];
        say(`${xray.name ?? xray.process.name}: ${xray.process.command.join(' ') || 'a process of the kernel'}`);
        drawing.show(xray);
      } else drawing.update(await readLive(pid, before), Date.now());
      await pause(Math.max(live - (performance.now() - begun), 50), ended.signal);
    }
  }

  say('It is being read …');
  const reading = read().catch(error => {
    if (ended.signal.aborted) return;
    drawing.clear();
    say(error instanceof Error ? `${error.message}.` : String(error));
  });

  return {
    pid,
    channel,
    refresh() {},
    async close(why) {
      ended.abort();
      channel.close(why);
      await reading;
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
