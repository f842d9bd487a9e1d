// What stands around a terminal's screen: what has become of the container, how to leave, and a button for a new one.

export type Parts = ReturnType<typeof furnish>;

let terminals = 0;

/** `of`: what a new one is asked for. */
export function furnish(element: HTMLElement, readOnly: boolean, of = 'container') {
  const make = <K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = '') =>
    Object.assign(document.createElement(name), { className, textContent: text });
  const screen = make('div', 'terminal-screen');
  const state = make('p', 'terminal-state');
  state.setAttribute('role', 'status');
  const bar = make('div', 'terminal-bar');
  const note = make('p', 'terminal-note');
  note.id = `terminal-note-${++terminals}`;
  const again = make('button', 'terminal-again', `New ${of}`);
  again.type = 'button';
  if (readOnly) note.textContent = 'You can look, and not type.';
  else note.innerHTML = '<kbd>Esc</kbd>, then <kbd>Tab</kbd> leaves the terminal.';
  bar.append(state, note, ...(readOnly ? [] : [again]));
  element.classList.add('terminal-open');
  element.replaceChildren(screen, bar);
  return {
    ...{ screen, note, again },
    say(text: string) {
      if (state.textContent !== text) state.textContent = text;
    },
  };
}

/** A style sheet, unless it is there. */
export function addStyle(path: string): Promise<unknown> {
  if (document.querySelector(`link[href="${path}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: path });
  return new Promise((done, failed) => {
    link.addEventListener('load', done);
    link.addEventListener('error', failed);
    document.head.append(link);
  });
}
