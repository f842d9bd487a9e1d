// A shell on the sandbox's host, where `box CMD` is the container of a lesson's solution: `boxwright shell NN --solution` for those who look
// through a browser, on a slide. It is no container, so there is nothing of it to be x-rayed.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { UserError } from '../errors.ts';
import type { Lesson } from '../lessons.ts';
import { placeOf } from '../remote/place.ts';
import { openPty, type Pty } from '../sandbox/pty.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { hostEnv, openHost, shellPath } from '../sandbox/shell.ts';
import { makeListeners } from './listeners.ts';
import { type Pace, pace } from './pace.ts';
import { makeScrollback } from './scrollback.ts';
import { type Screened, type StageEvents, type StageState, sensible, usualSize } from './types.ts';
import * as words from './words.ts';

interface Run {
  sandbox: Sandbox;
  pty: Pty | null;
  pace: Pace | null;
}

/** Throws a UserError for a lesson that this machine does not run itself. */
export async function openHostStage(lesson: Lesson): Promise<Screened> {
  const place = await placeOf(lesson);
  if (place)
    throw new UserError(`lesson ${lesson.number} runs ${place.text}`, `\`npx boxwright shell ${lesson.number}\``);
  const listeners = makeListeners<StageEvents>();
  const scrollback = makeScrollback();
  let [size, held, closed] = [usualSize, false, false];
  let state: StageState = { is: 'starting' };
  let run: Run | null = null;
  /** One after another. */
  let work: Promise<void> = Promise.resolve();

  const show = (data: Buffer | string) => {
    const bytes = Buffer.from(data);
    scrollback.add(bytes);
    listeners.tell('output', bytes);
  };

  async function leave(): Promise<void> {
    const old = run;
    run = null;
    old?.pace?.hold(false);
    await old?.sandbox.end();
    await old?.pty?.close();
  }

  async function start(): Promise<void> {
    const first = run === null && scrollback.read().length === 0;
    await leave();
    if (closed) return;
    state = { is: 'starting' };
    if (!first) show(words.anewHost);
    const source = readFileSync(lesson.files.solution, 'utf8');
    const sandbox = await openHost(lesson, { stdio: ['ignore', 'ignore', 'ignore'], source, earlier: 'reference' });
    const own: Run = { sandbox, pty: null, pace: null };
    run = own;
    own.pty = await openPty(sandbox, size);
    own.pace = pace(own.pty.output, data => run === own && show(data));
    own.pace.hold(held);
    const { box } = sandbox;
    const args = shellPath() === '/bin/bash' ? ['bash', '--norc', '--noprofile'] : ['sh'];
    await box.execve(shellPath(), args, { ...hostEnv(), TERM: 'xterm-256color' });
    state = { is: 'running', pid: box.pid };
    listeners.tell('started', { pid: box.pid });
    box.exited.then(({ code, signal }) => {
      if (run !== own) return;
      const status = signal ? 128 + constants.signals[signal as NodeJS.Signals] : code;
      work = work.then(leave).then(() => {
        state = { is: 'ended', status };
        show(words.ended(status, 'The shell'));
        listeners.tell('ended', { status });
      });
    });
  }

  function restart(): void {
    work = work.then(start).catch(async error => {
      await leave();
      state = { is: 'failed', message: String(error), calls: [] };
      show(words.failed(String(error)));
      listeners.tell('failed', state);
    });
  }

  restart();
  return {
    on: listeners.on,
    write(data) {
      if (state.is === 'running') run?.pty?.write(data);
      else if (state.is !== 'starting' && data.includes(13)) restart();
    },
    resize(columns, rows) {
      size = sensible(columns, rows);
      run?.pty?.resize(size);
    },
    size: () => size,
    restart,
    hold(wish) {
      held = wish;
      run?.pace?.hold(wish);
    },
    state: () => state,
    scrollback: () => scrollback.read(),
    async close() {
      closed = true;
      await work;
      await leave();
    },
  };
}
