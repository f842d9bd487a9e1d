// A stage in a guest, as it is seen from here: far.ts is its other end. Keys go in, and what happens comes out as data, x-rays too, which
// can only be taken where the container is.
import type { Lesson } from '../lessons.ts';
import { openWorker, type Worker } from '../remote/client.ts';
import type { Place } from '../remote/place.ts';
import type { Size } from '../sandbox/pty.ts';
import type { Xray } from '../xray/types.ts';
import type { StageOrder, StageTold } from './far.ts';
import { makeListeners } from './listeners.ts';
import { makeScrollback } from './scrollback.ts';
import { type Stage, type StageEvents, type StageState, sensible, type Version } from './types.ts';

/** Of this process: every guest's stages are numbered by it. */
let opened = 0;

export function openStageThere(
  lesson: Lesson,
  { kernel }: Place,
  { size, version }: { size: Size; version(source?: string): Version },
): Stage {
  const listeners = makeListeners<StageEvents>(() => listen());
  const scrollback = makeScrollback();
  let state: StageState = { is: 'starting' };
  let xray: Xray | null = null;
  let held = false;
  /** Shown, and not yet said to be. */
  let taken = 0;
  let closed = false;
  let line: { worker: Worker; stage: number; forget(): void } | null = null;

  function order(order: StageOrder): Promise<unknown> {
    if (!line) return Promise.resolve();
    // That the guest has ended is told by `hear`.
    return line.worker.ask('order', { stage: line.stage, order }).catch(() => {});
  }

  const listen = () => void order({ listen: { xray: listeners.has('xray'), live: listeners.has('live') } });

  function credit(): void {
    if (held || taken === 0) return;
    void order({ taken });
    taken = 0;
  }

  function hear(told: StageTold | null): void {
    if (closed) return;
    if (!told) {
      line?.forget();
      line = null;
      fail('the machine in which it ran has ended');
      return;
    }
    if (told.event === 'output') {
      const data = Buffer.from(told.told, 'base64');
      taken += data.length;
      scrollback.add(data);
      listeners.tell('output', data);
      credit();
      return;
    }
    if (told.event === 'started') state = { is: 'running', ...told.told };
    if (told.event === 'ended') state = { is: 'ended', ...told.told };
    if (told.event === 'failed') state = { is: 'failed', ...told.told };
    if (told.event === 'xray') xray = told.told;
    listeners.tell(told.event, told.told as never);
  }

  function fail(message: string): void {
    const failure = { message, calls: [] };
    state = { is: 'failed', ...failure };
    listeners.tell('failed', failure);
  }

  function restart(source?: string): void {
    if (closed) return;
    state = { is: 'starting' };
    xray = null;
    if (line) return void order({ restart: version(source) });
    const worker = openWorker(kernel);
    const stage = ++opened;
    const mine = { worker, stage, forget: worker.hear(stage, told => line === mine && hear(told)) };
    line = mine;
    taken = 0;
    const begun = worker.ask('stage', { stage, lesson: lesson.name, size, version: version(source) });
    begun.then(listen, error => line === mine && fail((error as Error).message));
  }

  restart();
  return {
    on: listeners.on,
    write(data) {
      if (state.is === 'running' || state.is === 'starting') {
        void order({ write: Buffer.from(data).toString('base64') });
      } else if (data.includes(13)) restart();
    },
    resize(columns, rows) {
      size = sensible(columns, rows);
      void order({ resize: size });
    },
    size: () => size,
    restart,
    hold(wish) {
      held = wish;
      credit();
    },
    state: () => state,
    xray: () => xray,
    scrollback: () => scrollback.read(),
    async close() {
      if (closed) return;
      closed = true;
      await order({ close: true });
      line?.forget();
      line = null;
    },
  };
}
