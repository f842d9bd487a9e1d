// The page's server: who asks is known before anything is looked at, what it shows is made here as text, and what changes follows as
// events.
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { html } from 'hono/html';
import type { UpgradeWebSocket } from 'hono/ws';
import type { WebSocket } from 'ws';
import { UserError } from '../errors.ts';
import { allLessons, type Lesson } from '../lessons.ts';
import { nextOpen } from '../next-open.ts';
import { progressOf, readProgress } from '../progress.ts';
import { ownPagesOnly, sealed } from '../serve/guard.ts';
import { serveModules } from '../serve/modules.ts';
import { clientOf, limitRate } from '../serve/rate.ts';
import { terminalSocket } from '../stage/socket.ts';
import { type Access, admit, type Env, ownerOnly } from './access.ts';
import { assets, keepTagged } from './assets.ts';
import { openChannel } from './channel.ts';
import { answerEvents } from './events.ts';
import { contentPolicy, layout } from './html/layout.ts';
import { lessonPage, solutionPage } from './html/lesson.ts';
import { listFragment, listPage } from './html/list.ts';
import { type LessonRoom, openLessonRoom } from './lesson-room.ts';
import { openRooms, type Rooms } from './rooms.ts';
import { slidesOn } from './slides.ts';
import type { XrayRoom } from './xray-room.ts';
import { type Shown, xrayRoutes } from './xray-routes.ts';

export interface PageOptions {
  access: Access;
  shown?: Shown;
  /** Whether they may see the slides, on which solutions are, and what the presenter says. */
  slides?: boolean;
  /** Milliseconds that a room stays open with nobody in it. */
  linger?: number;
}

export interface PageServer {
  app: Hono<Env>;
  lessons: Rooms<LessonRoom>;
  close(): Promise<void>;
}

/** Behind it are ws's sockets (serve/sockets.ts). */
const upgrade = upgradeWebSocket as unknown as UpgradeWebSocket<WebSocket>;

export function pageServer({ access, shown = new Map(), slides = false, linger }: PageOptions): PageServer {
  const app = new Hono<Env>();
  const lessons = openRooms<LessonRoom>(linger);
  const xrays = openRooms<XrayRoom>(linger);
  const list = openChannel();
  const actions = limitRate(20, 120);
  const events = answerEvents(() => [list, ...[...lessons.all(), ...xrays.all()].map(room => room.channel)]);
  const who = (c: Context<Env>) => clientOf(c.env.incoming.socket.remoteAddress);
  const known = remember(allLessons, 1_000);

  app.use(
    keepTagged,
    ownPagesOnly,
    sealed(contentPolicy),
    bodyLimit({ maxSize: 1024, onError: c => c.text('larger than 1 KiB\n', 413) }),
    admit(access),
  );
  app.use('/modules/*', assets());
  app.use('/library/*', assets());
  serveModules(app);
  app.use(compress());

  const progressed = () => {
    const progress = readProgress();
    const all = known();
    list.set('lessons', String(listFragment(all, progress, nextOpen(all, progress))));
  };
  const enter = (lesson: Lesson) =>
    lessons.enter(lesson.number, changed => openLessonRoom(lesson, { changed, progressed }));
  const named = (c: Context<Env>) => known().find(({ number }) => number === c.req.param('number'));

  app.get('/', c => {
    progressed();
    return c.html(listPage(list, c.get('role')));
  });
  app.get('/events', c => events(c, list));

  app.get('/lessons/:name', c => {
    const lesson = known().find(({ name }) => name === c.req.param('name'));
    return lesson ? c.redirect(`/${lesson.number}`) : c.notFound();
  });
  app.get('/:number{\\d\\d}', c => {
    const lesson = named(c);
    if (!lesson) return c.notFound();
    const role = c.get('role');
    const all = known();
    const at = all.indexOf(lesson);
    // Who may only look opens nothing: that costs a sandbox.
    const room = role === 'owner' ? enter(lesson) : lessons.find(lesson.number);
    room?.refresh();
    return c.html(
      lessonPage(lesson, { role, previous: all[at - 1], next: all[at + 1], channel: room?.channel ?? null }),
    );
  });
  app.get('/events/:number{\\d\\d}', c => {
    const lesson = named(c);
    if (!lesson) return c.notFound();
    const room = c.get('role') === 'owner' ? enter(lesson) : lessons.find(lesson.number);
    return room ? events(c, room.channel) : c.text('nobody has it open\n', 404);
  });
  app.get('/:number{\\d\\d}/solution', ownerOnly, c => {
    const lesson = named(c);
    if (!lesson) return c.notFound();
    if (progressOf(lesson, readProgress()).status === 'passed') return c.html(solutionPage(lesson));
    const { number, title } = lesson;
    const body = html`<main id="text" class="alone" tabindex="-1"><h1>${number} · ${title}</h1>
<p>The solution opens when the lesson is passed. Until then its <a href="/${number}">hints</a> lead on.</p></main>`;
    return c.html(layout({ title: `${number} · not passed yet`, body }), 403);
  });

  const act = (does: (room: LessonRoom) => void) => (c: Context<Env>) => {
    const lesson = named(c);
    if (!lesson) return c.notFound();
    if (!actions.take(who(c))) return c.text('too often; wait a moment\n', 429);
    does(enter(lesson));
    return c.body(null, 204);
  };
  app.post(
    '/:number{\\d\\d}/hint',
    ownerOnly,
    act(room => room.hint()),
  );
  app.post(
    '/:number{\\d\\d}/check',
    ownerOnly,
    act(room => room.check()),
  );

  app.get('/terminal/:number{\\d\\d}', async (c, next) => {
    const lesson = named(c);
    const readOnly = c.get('role') !== 'owner';
    const room = lesson && (readOnly ? lessons.find(lesson.number) : enter(lesson));
    const stage = await room?.staged();
    if (!stage) return c.text('there is no container to be had\n', 404);
    return upgrade(() => terminalSocket(stage, { readOnly }))(c, next);
  });

  xrayRoutes(app, xrays, shown, events);
  const endShell = slidesOn(app, {
    all: slides,
    lesson: number => known().find(each => each.number === number),
    join: stage => upgrade(() => terminalSocket(stage)) as MiddlewareHandler<Env>,
  });

  app.notFound(c => c.text('there is nothing here\n', 404));
  app.onError((error, c) => {
    if (error instanceof UserError) return c.text(`${error.message}\nnext: ${error.next}\n`, 503);
    console.error(error);
    return c.text('the page made a mistake; the terminal that serves it has the reason\n', 500);
  });
  return {
    app,
    lessons,
    async close() {
      const why = 'The workshop has ended.';
      list.close(why);
      await Promise.all([lessons.close(why), xrays.close(why), endShell()]);
    },
  };
}

/** Reads at most once in so many milliseconds. */
function remember<T>(read: () => T, milliseconds: number): () => T {
  let [value, at]: [T | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  return () => {
    if (value === undefined || performance.now() - at > milliseconds) [value, at] = [read(), performance.now()];
    return value;
  };
}
