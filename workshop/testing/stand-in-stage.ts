// In place of the stage, for tests of what shows it: no sandbox, and for a container this very process, a real one to be read and drawn. Its
// terminal says back what is typed. `// no stage` in the lesson's text: it does not start.
import { readFileSync } from 'node:fs';
import type { Lesson } from '../lessons.ts';
import { makeListeners } from '../stage/listeners.ts';
import { makeScrollback } from '../stage/scrollback.ts';
import type { Stage, StageEvents, StageState } from '../stage/types.ts';
import { readLive, readXray } from '../xray/index.ts';
import type { Xray } from '../xray/types.ts';

export type { Failure, Live, Stage, StageEvents, StageState } from '../stage/types.ts';

export async function openStage(lesson: Lesson): Promise<Stage> {
  const listeners = makeListeners<StageEvents>();
  const scrollback = makeScrollback();
  const { pid } = process;
  let size = { columns: 80, rows: 24 };
  let state: StageState = { is: 'starting' };
  let xray: Xray | null = null;
  let closed = false;

  const show = (text: string | Uint8Array) => {
    const bytes = Buffer.from(text as string);
    scrollback.add(bytes);
    listeners.tell('output', bytes);
  };
  async function start(source = readFileSync(lesson.files.lesson, 'utf8')): Promise<void> {
    if (source.includes('// no stage')) {
      const failure = { message: 'mount: EINVAL', calls: [] };
      state = { is: 'failed', ...failure };
      listeners.tell('failed', failure);
      return;
    }
    xray = await readXray(pid, { name: `lesson ${lesson.number}` });
    state = { is: 'running', pid };
    listeners.tell('started', { pid });
    listeners.tell('xray', xray);
    show('$ ');
  }
  const clock = setInterval(async () => {
    if (state.is !== 'running' || !xray) return;
    const live = await readLive(pid, xray);
    if (!closed) listeners.tell('live', { ...live, at: Date.now() });
  }, 500);
  // Whoever opened it listens by then.
  setTimeout(start, 10);
  return {
    on: listeners.on,
    write: show,
    resize(columns, rows) {
      size = { columns, rows };
    },
    size: () => size,
    restart: source => void start(source),
    hold() {},
    state: () => state,
    xray: () => xray,
    scrollback: scrollback.read,
    async close() {
      closed = true;
      clearInterval(clock);
    },
  };
}
