// A channel's news as an answer that goes on: server-sent events, for so many readers and no more.
import type { Context } from 'hono';
import { clientOf, limitRate } from '../serve/rate.ts';
import type { Env } from './access.ts';
import type { Channel } from './channel.ts';
import { widths } from './figures.ts';

export type Events = (c: Context<Env>, channel: Channel) => Response;

/** Readers at once, of all pages. */
const mostReaders = 400;

/** `channels`: all that are open. */
export function answerEvents(channels: () => Channel[]): Events {
  const opened = limitRate(300, 1200);
  return (c, channel) => {
    const readers = channels().reduce((sum, each) => sum + each.followers(), 0);
    const { socket } = c.env.incoming;
    if (readers >= mostReaders || !opened.take(clientOf(socket.remoteAddress)))
      return c.text('too many look; try again in a moment\n', 503);
    const width = widths.find(each => each === Number(c.req.query('width')));
    const have = c.req.query('have') ?? '';
    const lost = () => socket.destroy();
    const stream = channel.follow({ role: c.get('role'), have, lost, ...(width && { width }) });
    return c.body(stream, 200, { 'Content-Type': 'text/event-stream' });
  };
}
