// What a stage is to those who show it: the page, the slides, the terminal's socket. The same, wherever it stands.
import type { TraceLine } from '../check/report.ts';
import type { Size } from '../sandbox/pty.ts';
import type { ImagesView, Xray } from '../xray/types.ts';

/** What changes by the second. `at`: milliseconds since 1970. */
export type Live = Pick<Xray, 'cgroup' | 'network' | 'processes'> & { at: number };

/** Name → what its listeners are told. */
export interface StageEvents {
  /** What the container has written to its terminal, and now and then a dim line of ours. */
  output: Buffer;
  /** A container runs. `pid` as the machine numbers it on which it runs. */
  started: { pid: number };
  /** At the start, and when namespaces, mounts, processes or links are others than before. */
  xray: Xray;
  /** Once, where its root came out of a store: what images there are. */
  images: ImagesView;
  /** Twice a second. */
  live: Live;
  /** Its command has ended, with this status as a shell has it; null when nobody learned it. */
  ended: { status: number | null };
  /** There is no container, for this reason, in one line; and what it had come to by then. */
  failed: Failure;
}

export interface Failure {
  message: string;
  calls: TraceLine[];
}

export type StageState =
  | { is: 'starting' }
  | ({ is: 'running' } & StageEvents['started'])
  | ({ is: 'ended' } & StageEvents['ended'])
  | ({ is: 'failed' } & Failure);

/** What a terminal in a browser can be joined to. */
export interface Screened {
  /** Returns what takes the listener away again. Of x-rays nothing is read while nobody listens. */
  on<E extends keyof StageEvents>(event: E, listener: (told: StageEvents[E]) => void): () => void;
  /** Keys. Where the container has ended, Enter starts it anew. */
  write(data: Uint8Array): void;
  resize(columns: number, rows: number): void;
  size(): Size;
  /** A new container, from this text of the lesson's file or from what is in it now. */
  restart(source?: string): void;
  /** While held, nothing more is read from the terminal, and who writes there waits. */
  hold(held: boolean): void;
  state(): StageState;
  /** The last 256 KiB of output. */
  scrollback(): Buffer;
  /** Ends the container and its sandbox. Nothing is left. */
  close(): Promise<void>;
}

export interface Stage extends Screened {
  /** The last one. */
  xray(): Xray | null;
}

/** Whose code: the text of the lesson's file, and the conditions for earlier lessons. */
export interface Version {
  source: string;
  conditions: string[];
}

export const usualSize: Size = { columns: 80, rows: 24 };

/** A size that a terminal can have and a drawing can bear; the usual one in the place of nonsense. */
export function sensible(columns: unknown, rows: unknown): Size {
  const within = (value: unknown, most: number, usual: number) =>
    typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(Math.floor(value), 2), most) : usual;
  return { columns: within(columns, 500, usualSize.columns), rows: within(rows, 200, usualSize.rows) };
}
