// Looks at a running container from outside, again and again: what changes by the second twice a second, and all of it when its shape is
// another. Nothing is read while nobody listens.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { TraceLine } from '../check/report.ts';
import type { Storage } from '../xray/index.ts';
import type { Xray } from '../xray/types.ts';
import type { Listeners } from './listeners.ts';
import type { Live, StageEvents } from './types.ts';

export interface Look {
  /** Somebody has come who listens, or gone. */
  listenersChanged(): void;
  last(): Xray | null;
  stop(): void;
}

/** Which process, beside which, under which name. */
export interface Looked {
  pid: number;
  host: number;
  name: string;
  calls: TraceLine[];
  storage?: Storage;
}

/** Milliseconds from one look to the next. */
const often = 500;

export function lookAt({ pid, ...options }: Looked, listeners: Listeners<StageEvents>): Look {
  const stopping = new AbortController();
  let last: Xray | null = null;
  let shape = '';
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  /** What went wrong last, to be said once. */
  let said = '';

  async function look(): Promise<void> {
    const { readLive, readXray } = await import('../xray/index.ts');
    const live = await readLive(pid, last ?? undefined, options.host);
    if (stopping.signal.aborted) return;
    listeners.tell('live', { ...live, at: Date.now() });
    const now = shapeOf(pid, live);
    if (now === shape || !listeners.has('xray')) return;
    const read = await readXray(pid, { ...options, signal: stopping.signal });
    if (stopping.signal.aborted) return;
    shape = now;
    last = read;
    listeners.tell('xray', read);
  }

  async function turn(): Promise<void> {
    timer = undefined;
    if (looking || stopping.signal.aborted || !wanted()) return;
    looking = true;
    const begun = performance.now();
    try {
      await look();
    } catch (error) {
      // It has ended, and what was being read is no longer there. Else it is ours to repair.
      const text = String(error);
      if (!stopping.signal.aborted && isThere(pid) && text !== said) console.error(error);
      said = text;
    }
    looking = false;
    // On a slow machine, no more than half of the time.
    const took = performance.now() - begun;
    if (isThere(pid)) next(Math.max(often - took, took));
  }

  const wanted = () => listeners.has('live') || listeners.has('xray');
  const next = (wait: number) => {
    if (!stopping.signal.aborted && wanted()) timer ??= setTimeout(turn, wait);
  };
  next(0);
  return {
    listenersChanged: () => !looking && next(0),
    last: () => last,
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

/** What a full reading is for, in short: when it is another than before, it is time for one. */
function shapeOf(pid: number, live: Pick<Live, 'network' | 'processes'>): string {
  const kinds = readdirSync(`/proc/${pid}/ns`).map(kind => readlinkSync(`/proc/${pid}/ns/${kind}`));
  const links = live.network?.links.map(({ name, up, addresses, peer }) => [name, up, addresses, peer]);
  const processes = live.processes.map(each => [each.pid, each.name, each.uids]);
  return JSON.stringify([kinds, readFileSync(`/proc/${pid}/mountinfo`, 'utf8'), links, processes]);
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
