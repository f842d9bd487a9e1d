// In the guest: a stage whose owner is outside. What happens on it goes out as data, and not more of its output than the owner has taken:
// the line out of a guest is slow, and others wait for theirs.
import type { Lesson } from '../lessons.ts';
import type { Size } from '../sandbox/pty.ts';
import { openStageHere } from './here.ts';
import type { StageEvents, Version } from './types.ts';

/** What the owner wants. */
export type StageOrder =
  /** Keys, in Base64. */
  | { write: string }
  | { resize: Size }
  | { restart: Version }
  /** So many bytes of output have been shown. */
  | { taken: number }
  /** Whether somebody listens to them. */
  | { listen: { xray: boolean; live: boolean } }
  | { close: true };

/** What the owner is told; output in Base64. */
export type StageTold =
  | { [E in Exclude<keyof StageEvents, 'output'>]: { event: E; told: StageEvents[E] } }[Exclude<
      keyof StageEvents,
      'output'
    >]
  | { event: 'output'; told: string };

export type Take = (order: StageOrder) => void | Promise<void>;

/** Bytes of output that may be under way. */
const most = 1 << 16;

export function openStageForAfar(
  lesson: Lesson,
  options: { size: Size; version: Version; tell(told: StageTold): void },
): Take {
  let { version } = options;
  const stage = openStageHere(lesson, { size: options.size, version: () => version, patience: 30_000 });
  const tellOf = <E extends Exclude<keyof StageEvents, 'output'>>(event: E) =>
    stage.on(event, told => options.tell({ event, told } as StageTold));
  let underWay = 0;
  stage.on('output', data => {
    underWay += data.length;
    stage.hold(underWay > most);
    options.tell({ event: 'output', told: data.toString('base64') });
  });
  for (const event of ['started', 'ended', 'failed', 'images'] as const) tellOf(event);
  const heard = new Map<'xray' | 'live', () => void>();

  return order => {
    if ('write' in order) stage.write(Buffer.from(order.write, 'base64'));
    if ('resize' in order) stage.resize(order.resize.columns, order.resize.rows);
    if ('taken' in order) {
      underWay -= order.taken;
      stage.hold(underWay > most);
    }
    if ('restart' in order) {
      version = order.restart;
      stage.restart();
    }
    if ('listen' in order) {
      for (const event of ['xray', 'live'] as const) {
        if (order.listen[event] === heard.has(event)) continue;
        heard.get(event)?.();
        heard.delete(event);
        if (order.listen[event]) heard.set(event, tellOf(event));
      }
    }
    if ('close' in order) return stage.close();
  };
}
