// What a live terminal looks like: what to say, the screen, and under it the buttons. No more than elements; element.ts has what they do.

export type Panel = ReturnType<typeof makePanel>;

let panels = 0;

/** `shell`: whether there is a shell of this machine to switch to. */
export function makePanel(title: string, shell: boolean) {
  const make = <K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = '') =>
    Object.assign(document.createElement(name), { className, textContent: text });
  const button = (className: string, text: string) =>
    Object.assign(make('button', `live-button ${className}`, text), { type: 'button' as const });

  const panel = make('div', 'live-panel');
  panel.setAttribute('role', 'group');
  panel.setAttribute('aria-label', `Live terminal: ${title}`);
  const say = make('p', 'live-say');
  say.setAttribute('aria-live', 'polite');
  const screen = make('div', 'live-screen');
  const machine = make('div', 'live-machine');
  machine.hidden = true;
  const start = button('live-start', 'Start');
  const next = button('live-next', 'Next step');
  const reset = button('live-reset', 'Reset');
  next.hidden = true;
  reset.hidden = true;
  const state = make('p', 'live-state');
  state.setAttribute('role', 'status');
  const note = make('p', 'live-note');
  note.id = `live-note-${++panels}`;
  note.hidden = true;
  note.innerHTML = '<kbd>Esc</kbd>, then <kbd>Tab</kbd> leaves the terminal.';
  const where = make('div', 'live-where');
  where.setAttribute('role', 'group');
  where.setAttribute('aria-label', 'Where the shell runs');
  const inBrowser = button('', 'In this browser');
  const onMachine = button('', 'On this machine');
  inBrowser.setAttribute('aria-pressed', 'true');
  onMachine.setAttribute('aria-pressed', 'false');
  where.append(inBrowser, onMachine);
  const bar = make('div', 'live-bar');
  bar.append(start, next, reset, state, note, ...(shell ? [where] : []));
  panel.append(say, screen, machine, bar);
  return {
    ...{ panel, say, screen, machine, start, next, reset, note, inBrowser, onMachine },
    tell(text: string) {
      if (state.textContent !== text) state.textContent = text;
    },
  };
}
