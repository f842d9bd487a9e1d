// A stage on this machine: one sandbox at a time with the learner's container in it, and the next one ready. However often somebody asks
// for another container, one is being started at a time, and of what was asked for meanwhile the last counts.
import type { Lesson } from '../lessons.ts';
import type { Size } from '../sandbox/pty.ts';
import { LearnerError, type Session } from '../sandbox/session.ts';
import { sourcesOf } from './command.ts';
import { type Container, callsOf, inALine, startContainer } from './container.ts';
import { imagesIn } from './images.ts';
import { makeListeners } from './listeners.ts';
import { type Look, lookAt } from './look.ts';
import { type Pace, pace } from './pace.ts';
import { makeScrollback } from './scrollback.ts';
import { type Failure, type Stage, type StageEvents, type StageState, sensible, type Version } from './types.ts';
import { openWarm } from './warm.ts';
import * as words from './words.ts';

export interface HereOptions {
  size: Size;
  /** Whose code it is, with this text or what is in the file now. */
  version(source?: string): Version;
  /** How long the learner's code may take for an answer, in ms. */
  patience: number;
}

/** One container and all around it. */
interface Run {
  session: Session;
  pace: Pace | null;
  look: Look | null;
  /** Another has taken its place, or nothing has: what comes of it does not count any more. */
  over: boolean;
}

export function openStageHere(lesson: Lesson, { size, version, patience }: HereOptions): Stage {
  const listeners = makeListeners<StageEvents>(() => run?.look?.listenersChanged());
  const scrollback = makeScrollback();
  const warm = openWarm(lesson, () => size);
  const ending = new Set<Promise<void>>();
  let state: StageState = { is: 'starting' };
  let run: Run | null = null;
  let held = false;
  let closed = false;
  /** What is asked for and not begun yet. */
  let wanted: { source: string | undefined } | null = null;
  let work: Promise<void> | null = null;

  const show = (data: Buffer | string) => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    scrollback.add(bytes);
    listeners.tell('output', bytes);
  };

  /** Ends the sandbox, and resolves when the last that was written in it has been read. */
  function end(old: Run): Promise<void> {
    old.look?.stop();
    old.pace?.hold(false);
    const ended = old.session.end().finally(() => ending.delete(ended));
    ending.add(ended);
    return ended;
  }

  function leave(): void {
    if (run && !run.over) {
      run.over = true;
      end(run).catch(console.error);
    }
    run = null;
  }

  async function start(source: string | undefined): Promise<void> {
    state = { is: 'starting' };
    const mine = version(source);
    const session = await warm.take(mine.conditions);
    const own: Run = { session, pace: null, look: null, over: false };
    run = own;
    if (closed || wanted) return leave();
    session.pty?.resize(size);
    if (session.pty) own.pace = pace(session.pty.output, data => !own.over && show(data));
    own.pace?.hold(held);
    try {
      begin(own, await startContainer(session, lesson, mine.source, patience));
    } catch (error) {
      await fail(own, error);
    }
  }

  function begin(own: Run, { pid, calls, ended }: Container): void {
    if (own.over) return;
    state = { is: 'running', pid: pid ?? 0 };
    listeners.tell('started', { pid: pid ?? 0 });
    const { sandbox } = own.session;
    const { lowers, images } = sourcesOf(lesson);
    // From lesson 09 on only the container's own mounts show what is under its overlay; from here it is seen all the same.
    const storage = lowers && { lowers: lowers.map(sandbox.path) };
    const looked = { pid: pid ?? 0, host: sandbox.init, name: `lesson ${lesson.number}`, calls };
    if (pid !== null) own.look = lookAt({ ...looked, ...(storage && { storage }) }, listeners);
    if (images) tellOfImages(own, images);
    ended.then(
      status => finish(own, status),
      error => fail(own, error),
    );
  }

  function tellOfImages(own: Run, store: string): void {
    const view = imagesIn(own.session.sandbox, store);
    // Of a sandbox that is gone meanwhile there is nothing to tell.
    view
      .then(told => told && !own.over && listeners.tell('images', told))
      .catch(error => own.over || console.error(error));
  }

  async function finish(own: Run, status: number | null): Promise<void> {
    if (!(await isLast(own))) return;
    state = { is: 'ended', status };
    show(words.ended(status));
    listeners.tell('ended', { status });
  }

  async function fail(own: Run, error: unknown): Promise<void> {
    if (own.over) return;
    if (!(error instanceof LearnerError)) console.error(error);
    const failure = { message: inALine(error, lesson, patience), calls: await callsOf(own.session) };
    if (await isLast(own)) tellOf(failure);
  }

  function tellOf(failure: Failure): void {
    state = { is: 'failed', ...failure };
    show(words.failed(failure.message));
    listeners.tell('failed', failure);
  }

  /** Takes away what has come to its end. False when another has taken its place meanwhile. */
  async function isLast(own: Run): Promise<boolean> {
    if (own.over) return false;
    await end(own);
    if (own.over) return false;
    own.over = true;
    return true;
  }

  async function toWork(): Promise<void> {
    for (let first = run === null && scrollback.read().length === 0; wanted && !closed; first = false) {
      const { source } = wanted;
      wanted = null;
      leave();
      if (!first) show(words.anew);
      // A machine can take only so many at once.
      if (ending.size > 2) await Promise.race(ending);
      await start(source).catch(error => {
        console.error(error);
        tellOf({ message: inALine(error, lesson, patience), calls: [] });
      });
    }
  }

  function restart(source?: string): void {
    if (closed) return;
    wanted = { source };
    // Whatever it is waiting for, nobody else does.
    if (work) leave();
    work ??= toWork().finally(() => {
      work = null;
    });
  }

  restart();
  return {
    on: listeners.on,
    write(data) {
      if (state.is === 'running' || state.is === 'starting') run?.session.pty?.write(data);
      else if (data.includes(13)) restart();
    },
    resize(columns, rows) {
      size = sensible(columns, rows);
      run?.session.pty?.resize(size);
    },
    size: () => size,
    restart,
    hold(wish) {
      held = wish;
      run?.pace?.hold(wish);
    },
    state: () => state,
    xray: () => run?.look?.last() ?? null,
    scrollback: () => scrollback.read(),
    async close() {
      closed = true;
      leave();
      await work;
      leave();
      await warm.close();
      await Promise.all(ending);
    },
  };
}
