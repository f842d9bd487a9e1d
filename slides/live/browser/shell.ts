// A shell at the other end of a serial line, which marks its prompt (guest/profile): who listens knows when it waits, and what a command
// has answered. No more than text in and out, so that the slide's button and the tests follow the same shell in the same way.

const promptBegins = '\x1b]133;A\x07';
const promptEnds = '\x1b]133;B\x07';

export interface Shell {
  /** What came over the line. */
  heard(text: string): void;
  /** What somebody typed, on its way to the line: after Enter the shell no longer waits. */
  typed(keys: string): void;
  waits(): boolean;
  /** Once it waits; a rejection when `signal` aborts first. */
  prompt(signal?: AbortSignal): Promise<void>;
  /** What came between the last Enter and the prompt after it, without the command's echo. */
  answer(): string;
}

export function followShell(onChange: () => void = () => {}): Shell {
  let text = '';
  let waiting = false;
  const waiters = new Set<() => void>();
  return {
    heard(more) {
      text += more;
      if (!waiting && text.includes(promptEnds)) {
        waiting = true;
        for (const each of waiters) each();
        onChange();
      }
    },
    typed(keys) {
      if (!waiting || !keys.includes('\r')) return;
      waiting = false;
      text = '';
      onChange();
    },
    waits: () => waiting,
    prompt: signal =>
      new Promise((resolve, reject) => {
        if (waiting) return resolve();
        const done = () => {
          waiters.delete(done);
          signal?.removeEventListener('abort', gone);
          resolve();
        };
        const gone = () => {
          waiters.delete(done);
          reject(signal?.reason);
        };
        waiters.add(done);
        signal?.addEventListener('abort', gone);
      }),
    answer: () => plain(text.slice(0, Math.max(text.indexOf(promptBegins), 0))),
  };
}

/** The greeting of a busybox shell, up to where guest/profile takes it from the screen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the terminal's
const erased = /\n\nBusyBox [^\x1b]*\x1b\[5A\x1b\[J/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the terminal's
const sequence = /\x1b\[[\d;?]*[A-Za-z]/g;

/** Without terminal sequences and carriage returns, and without the echo: all up to the end of the line that Enter ended. */
function plain(text: string): string {
  const lines = text.replaceAll('\r', '').replace(erased, '').replace(sequence, '');
  return lines.slice(lines.indexOf('\n') + 1);
}
