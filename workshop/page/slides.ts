// `/slides/`: the decks, in the same server as the page, so that a slide's terminal can be the real shell of a sandbox. For whoever presents;
// for those who only look when that was asked for, and then without a shell. Most who open the workshop never ask for a slide.
import { Hono, type MiddlewareHandler } from 'hono';
import type { Lesson } from '../lessons.ts';
import type { Screened } from '../stage/types.ts';
import { type Env, ownerOnly } from './access.ts';
import type { Role } from './channel.ts';

export interface SlidesOptions {
  /** Whether viewers may see them. */
  all: boolean;
  lesson(number: string): Lesson | undefined;
  /** Joins a request to a terminal. */
  join(stage: Screened): MiddlewareHandler<Env>;
}

/** Returns what ends the shells. */
export function slidesOn(app: Hono<Env>, { all, lesson, join }: SlidesOptions): () => Promise<void> {
  let routes: Promise<Record<Role, Hono>> | undefined;
  // One at a time: on one slide.
  let shell: { number: string; stage: Promise<Screened> } | null = null;
  const endShell = async () => {
    const old = shell;
    shell = null;
    await old?.stage.then(stage => stage.close()).catch(() => {});
  };

  app.get('/slides/shell/:number{\\d\\d}', ownerOnly, async (c, next) => {
    const found = lesson(c.req.param('number'));
    if (!found) return c.notFound();
    if (shell?.number !== found.number) {
      await endShell();
      const stage = import('../stage/host.ts').then(({ openHostStage }) => openHostStage(found));
      shell = { number: found.number, stage };
    }
    try {
      return await join(await shell.stage)(c, next);
    } catch (error) {
      shell = null;
      throw error;
    }
  });

  const mayLook: MiddlewareHandler<Env> = (c, next) => (all ? next() : ownerOnly(c, next));
  app.get('/slides/*', mayLook, async c => {
    routes ??= load();
    return (await routes)[c.get('role')].fetch(c.req.raw, c.env);
  });
  app.get('/live/*', async c => {
    const { serveLive } = await import('../../slides/live/serve.ts');
    const live = new Hono();
    serveLive(live);
    return live.fetch(c.req.raw, c.env);
  });
  return endShell;
}

async function load(): Promise<Record<Role, Hono>> {
  const { slidesRoutes } = await import('../../slides/serve.ts');
  const under = (options: Parameters<typeof slidesRoutes>[0]) => new Hono().route('/slides/', slidesRoutes(options));
  const shell = (lesson: string | null) => (lesson ? `/slides/shell/${lesson.slice(0, 2)}` : '');
  return { owner: under({ shell }), viewer: under({}) };
}
