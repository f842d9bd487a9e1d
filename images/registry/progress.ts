// How far it is: a bar for each blob on a terminal, and elsewhere a line for each that is done. Always on stderr.
import type { SingleBar } from 'cli-progress';
import type { Report } from '../store/ingest.ts';
import type { Descriptor } from '../types.ts';

export interface Progress {
  /** A blob is about to be moved; the function that comes back hears how many of its bytes have been. */
  begin(blob: Descriptor): Report;
  /** It need not be moved, and why: 'is here already'. */
  skip(blob: Descriptor, why: string): void;
  /** A line above all bars. */
  note(line: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export async function showProgress(stream: NodeJS.WriteStream = process.stderr): Promise<Progress> {
  return stream.isTTY ? bars(stream) : lines(stream);
}

/** Nothing is shown. */
export const silent: Progress = { begin: () => () => {}, skip: () => {}, note: () => {}, end: () => {} };

const short = ({ digest }: Descriptor) => digest.slice(digest.indexOf(':') + 1).slice(0, 12);

/** `12.3 MB` */
export function showSize(bytes: number): string {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(Math.floor(Math.log10(Math.max(1, bytes)) / 3), steps.length - 1);
  return `${step ? (bytes / 1000 ** step).toFixed(1) : bytes} ${steps[step]}`;
}

function lines(stream: NodeJS.WritableStream): Progress {
  const note = (line: string) => void stream.write(`${line}\n`);
  return {
    begin(blob) {
      let first: number | undefined;
      return bytes => {
        first ??= bytes;
        if (bytes !== blob.size) return;
        note(`${short(blob)} ${showSize(blob.size)}${first ? `, ${showSize(first)} of it from before` : ''}`);
      };
    },
    skip: (blob, why) => note(`${short(blob)} ${why}`),
    note,
    end: () => {},
  };
}

async function bars(stream: NodeJS.WriteStream): Promise<Progress> {
  // Who has no terminal does not wait for it.
  const { MultiBar } = await import('cli-progress');
  const format = '{name} {bar} {state}';
  const all = new MultiBar({
    stream,
    format,
    hideCursor: true,
    gracefulExit: false,
    linewrap: false,
    barsize: 30,
    fps: 12,
  });
  const row = (blob: Descriptor, state: string): SingleBar =>
    all.create(
      Math.max(1, blob.size),
      0,
      { name: short(blob), state },
      {
        barCompleteChar: '━',
        barIncompleteChar: '╌',
      },
    );
  let ended = false;
  return {
    begin(blob) {
      const state = (bytes: number) => `${showSize(bytes)} of ${showSize(blob.size)}`;
      const bar = row(blob, state(0));
      return bytes => bar.update(blob.size ? bytes : 1, { state: state(bytes) });
    },
    skip: (blob, why) => row(blob, why).update(Math.max(1, blob.size)),
    note: line => all.log(`${line}\n`),
    end() {
      // Twice is once: at the end of the work, and when Ctrl-C comes before it.
      if (!ended) all.stop();
      ended = true;
    },
  };
}
