// The learner's container as the page shows it: one stage for all who look, set anew after each verdict, and drawn as it changes.
import { html } from 'hono/html';
import type { Lesson } from '../lessons.ts';
import { openStage, type Stage } from '../stage/index.ts';
import type { Channel } from './channel.ts';
import { openDrawing } from './figures.ts';
import { words } from './html/verdict.ts';
import { troubleOf } from './trouble.ts';

export interface Container {
  /** Starts it, or starts it anew. */
  set(): void;
  /** There will be none, for this reason. */
  refuse(why: string): void;
  /** The stage, when it is there; null where there can be none. */
  staged(): Promise<Stage | null>;
  close(): Promise<void>;
}

export function openContainer(lesson: Lesson, channel: Channel): Container {
  const { promise: staged, resolve } = Promise.withResolvers<Stage | null>();
  let stage: Stage | null = null;
  let staging: Promise<void> = Promise.resolve();
  let closed = false;
  const say = (text: string, kind = '') => {
    channel.set('running', String(html`<p id="running" class="running ${kind}">${words(text)}</p>`));
  };
  say('It is started when the first verdict is there.');
  const drawing = openDrawing(channel);

  async function raise(): Promise<void> {
    stage = await openStage(lesson);
    if (closed) return;
    stage.on('xray', xray => {
      const { command, name, pid } = xray.process;
      say(`It runs: ${command.join(' ') || name}, process ${pid} of the host.`);
      drawing.show(xray);
    });
    stage.on('images', images => drawing.images(images));
    stage.on('live', live => drawing.update(live, live.at));
    stage.on('ended', ({ status }) => {
      drawing.clear();
      say(`It has ended${status === null ? '' : ` with ${status}`}. A save, or Enter in the terminal, starts it anew.`);
    });
    stage.on('failed', ({ message, calls }) => {
      drawing.clear(calls);
      say(`It does not start: ${message}`, 'bad');
    });
    resolve(stage);
  }

  return {
    // One after another: a stage that is being opened is not opened twice.
    set() {
      staging = staging.then(async () => {
        if (closed) return;
        try {
          say('It is being started …');
          if (stage) stage.restart();
          else await raise();
        } catch (error) {
          drawing.clear();
          say(`It cannot be shown: ${troubleOf(error, lesson).message}`, 'bad');
        }
      });
    },
    refuse(why) {
      say(why);
      resolve(null);
    },
    staged: () => staged,
    async close() {
      closed = true;
      resolve(null);
      await staging;
      await stage?.close();
    },
  };
}
