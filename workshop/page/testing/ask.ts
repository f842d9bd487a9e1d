// Requests as they are, for what a browser would not send: another Host, another Origin, no cookie; and readers of events by the hundred.
import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Opened } from '../../testing/copy.ts';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** As it stands: the path is not made tidy. */
export async function ask(
  { origin }: Pick<Opened, 'origin'>,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const answer = await open(origin, path, options);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

async function open(origin: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
  const { hostname, port } = new URL(origin);
  const sent = request({ host: hostname, port, path, agent: false, ...options });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

/** The cookie for which a link's token is exchanged. */
export async function cookieOf(opened: Pick<Opened, 'origin'>, link: string): Promise<string> {
  const { headers } = await ask(opened, link.slice(opened.origin.length));
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

export interface Events {
  /** Waits until a fragment with this id has come that matches; its HTML. */
  fragment(id: string, pattern: Pick<RegExp, 'test'>): Promise<string>;
  /** Settles when the server ends it. */
  ended: Promise<unknown>;
  close(): void;
}

/** A reader of server-sent events. */
export async function follow({ origin }: Pick<Opened, 'origin'>, path: string, cookie: string): Promise<Events> {
  const answer = await open(origin, path, { headers: { cookie } });
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
  const ended = once(answer, 'close');
  const newest = new Map<string, string>();
  let heard = Promise.withResolvers<void>();
  let rest = '';
  answer.setEncoding('utf8').on('data', (data: string) => {
    const events = (rest + data).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [, name, json] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      if (name !== 'fragment' || !json) continue;
      const { id, html } = JSON.parse(json);
      newest.set(id, html);
    }
    heard.resolve();
    heard = Promise.withResolvers();
  });
  return {
    async fragment(id, pattern) {
      const patience = AbortSignal.timeout(180_000);
      for (;;) {
        const html = newest.get(id);
        if (html !== undefined && pattern.test(html)) return html;
        if (patience.aborted) throw new Error(`${id} did not become ${pattern}: it is ${html}`);
        await Promise.race([heard.promise, new Promise(resolve => setTimeout(resolve, 500))]);
      }
    },
    ended,
    close: () => answer.destroy(),
  };
}
