// An xterm that may show anything: what is written to it stays in it, it can be read by those who do not see it, and left by those who have
// no mouse.
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';

export interface Screen {
  term: Terminal;
  /** So many columns and rows as there is room for. Null while there is none: in a tab that nobody sees. */
  room(): { cols: number; rows: number } | null;
  /** Takes this size; letters become smaller where there is no room for it. */
  take(cols: number, rows: number): void;
  close(): void;
}

export interface ScreenOptions {
  readOnly?: boolean;
  /** For who does not see it. */
  label: string;
}

export function openScreen(element: HTMLElement, { readOnly = false, label }: ScreenOptions): Screen {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const style = getComputedStyle(element);
  const fontSize = Math.max(8, Math.round(Number.parseFloat(style.fontSize) * 0.95));
  const term = new Terminal({
    ...{ fontSize, fontFamily: 'ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace' },
    ...{ theme: themeFor(dark), minimumContrastRatio: 4.5, screenReaderMode: true },
    ...{ scrollback: 3000, disableStdin: readOnly, cursorInactiveStyle: 'outline' },
  });
  Terminal.strings.promptLabel = label;
  const fit = new FitAddon();
  term.loadAddon(fit);

  // What runs in there has no business with the page's title, the clipboard, or links that say one thing and lead to another.
  for (const code of [0, 1, 2, 8, 52]) term.parser.registerOscHandler(code, () => true);
  term.attachCustomKeyEventHandler(readOnly ? scrollsOnly : wayOut());
  term.open(element);

  const recolour = () => {
    term.options.theme = themeFor(dark);
  };
  dark.addEventListener('change', recolour);
  return {
    term,
    room() {
      if (element.clientWidth === 0 || element.clientHeight === 0) return null;
      term.options.fontSize = fontSize;
      const { cols, rows } = fit.proposeDimensions() ?? {};
      return cols && rows ? { cols, rows } : null;
    },
    take(cols, rows) {
      const room = this.room();
      const part = room ? Math.min(1, room.cols / cols, room.rows / rows) : 1;
      term.options.fontSize = Math.max(5, Math.floor(fontSize * part));
      if (cols !== term.cols || rows !== term.rows) term.resize(cols, rows);
    },
    close() {
      dark.removeEventListener('change', recolour);
      term.dispose();
    },
  };
}

/** Escape, then Tab or Shift+Tab: the browser moves on, as it does anywhere else. False is for keys that are none of xterm's. */
function wayOut(): (event: KeyboardEvent) => boolean {
  let escaped = false;
  return ({ type, key }) => {
    if (type !== 'keydown' || key === 'Shift') return true;
    if (key === 'Tab' && escaped) return false;
    escaped = key === 'Escape';
    return true;
  };
}

/** Who may only look: all keys are the browser's, but those that look further up. */
const scrollsOnly = ({ key, shiftKey }: KeyboardEvent) => shiftKey && /^Page(Up|Down)$/.test(key);

function themeFor({ matches: isDark }: MediaQueryList): ITheme {
  return isDark
    ? {
        ...{ background: '#14171a', foreground: '#e6e9ec', cursor: '#8ab8e8', selectionBackground: '#3d5873' },
        ...{
          red: '#ff9d8f',
          green: '#6fce8a',
          yellow: '#f0b268',
          blue: '#8ab8e8',
          magenta: '#d7a6e8',
          cyan: '#76cfcf',
        },
      }
    : {
        ...{ background: '#ffffff', foreground: '#1b1f24', cursor: '#2f6299', selectionBackground: '#bcd6f0' },
        ...{
          red: '#b3261e',
          green: '#1a6b32',
          yellow: '#8f4700',
          blue: '#2f6299',
          magenta: '#7a3b8f',
          cyan: '#1c6b6b',
        },
        ...{ white: '#55606b', brightWhite: '#1b1f24' },
      };
}
