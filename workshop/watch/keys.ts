// Single keys from the terminal, without Enter; and the terminal as it was on every way out.

export interface Keys {
  /** Leaves the terminal to another program. */
  suspend(): void;
  resume(): void;
}

/** Tells of each key: a letter, 'enter' or 'ctrl-c'. Null where stdin is no terminal. */
export function readKeys(pressed: (key: string) => void): Keys | null {
  const { stdin } = process;
  if (!stdin.isTTY) return null;
  const read = (data: Buffer) => {
    const text = data.toString();
    // Arrows and the like begin with Escape and mean nothing here.
    if (text.startsWith('\u001b')) return;
    for (const char of text) pressed(names[char] ?? char.toLowerCase());
  };
  const restore = () => stdin.setRawMode(false);

  const keys = {
    suspend() {
      stdin.off('data', read);
      stdin.pause();
      restore();
      process.off('exit', restore);
    },
    resume() {
      process.on('exit', restore);
      stdin.setRawMode(true);
      stdin.on('data', read);
      stdin.resume();
    },
  };
  keys.resume();
  return keys;
}

const names: Record<string, string> = { '\r': 'enter', '\n': 'enter', '\u0003': 'ctrl-c', '\u0004': 'q' };
