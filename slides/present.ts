// `boxwright slides DECK`: served on this machine until a key or a signal ends it.
import chalk from 'chalk';
import { type Context, Hono } from 'hono';
import { UserError } from '../workshop/errors.ts';
import { admit, type Env, makeAccess } from '../workshop/page/access.ts';
import { ownPagesOnly, sealed } from '../workshop/serve/guard.ts';
import { isLoopback, listen, placeFrom, type Serving } from '../workshop/serve/listen.ts';
import { serveModules } from '../workshop/serve/modules.ts';
import { readKeys } from '../workshop/watch/keys.ts';
import { untilSignal } from '../workshop/watch/signals.ts';
import { serveLive } from './live/serve.ts';
import { prefix, slidesRoutes } from './serve.ts';
import { clock, type Talk } from './talk.ts';

/** Beside the page's, so that both can be open. */
export const defaultPort = 7412;

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function present(talk: Talk, address: string | undefined): Promise<number> {
  const ended = untilSignal();
  let port = 0;
  const access = makeAccess(() => port);
  const serving = await listenSomewhere(slidesServer(access), address);
  port = serving.port;
  const link = `${serving.urls[0]}${prefix}${talk.name}?token=${access.tokens.owner}`;
  const keys = readKeys(key => (key === 'q' ? ended.resolve(0) : key === 'ctrl-c' && ended.resolve(130)));
  console.log(`${talk.title}: ${talk.steps.length} slides, ${clock(talk.minutes)} hours`);
  console.log(`Open ${chalk.bold(link)}`);
  console.log(chalk.dim(`S opens the speaker view. ${keys ? 'q or Ctrl-C' : 'Ctrl-C'} ends it.`));
  if (!isLoopback(serving.host)) console.log(chalk.dim('Who has the link sees the slides and the notes.'));
  try {
    return await ended.status;
  } finally {
    keys?.suspend();
    await serving.close();
  }
}

/** For the tests as well. */
export function slidesServer(access: ReturnType<typeof makeAccess>): Hono<Env> {
  const app = new Hono<Env>();
  app.use(ownPagesOnly, sealed("style-src 'self'"), admit(access));
  serveModules(app);
  serveLive(app);
  app.route(prefix, slidesRoutes());
  app.get('/', c => c.redirect(prefix));
  app.notFound((c: Context) => c.text('there is nothing here\n', 404));
  return app;
}

/** Where it was asked to; else on its own port, or on any when that is taken. */
async function listenSomewhere(app: Hono<Env>, address: string | undefined): Promise<Serving> {
  const place = placeFrom(address, defaultPort);
  try {
    return await listen(app, place);
  } catch (error) {
    if (address !== undefined || !(error instanceof UserError)) throw error;
    return listen(app, { ...place, port: 0 });
  }
}
