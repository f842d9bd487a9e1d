// <live-terminal demo="NAME">: on a slide, a terminal whose other end is a Linux in this browser. Without JavaScript, or where the kernel
// cannot run, what stands in it stays: the demo as text. `data-shell`: the address of the workshop's terminal, to switch to the real shell.
import { openTerminal } from '../../../workshop/page/browser/terminal.ts';
import { loadAssets, loadStyles, Missing } from './assets.ts';
import { size } from './hardware.ts';
import type { Kernel } from './kernel.ts';
import { makePanel, type Panel } from './panel.ts';
import { followShell, type Shell } from './shell.ts';
import { readSteps, type Step, typeCommand } from './steps.ts';

type Screen = import('../../../workshop/page/browser/screen.ts').Screen;

class LiveTerminal extends HTMLElement {
  #panel: Panel | null = null;
  #steps: Step[] = [];
  #done = 0;
  #typing = false;
  #inView = false;
  #kernel: Kernel | null = null;
  #shell: Shell = followShell();
  #screen: Screen | null = null;
  #real: ReturnType<typeof openTerminal> | null = null;
  #looks: IntersectionObserver | null = null;
  #room: ResizeObserver | null = null;

  connectedCallback(): void {
    if (!this.#panel) this.#furnish();
    this.#looks = new IntersectionObserver(entries => {
      this.#inView = entries.at(-1)?.isIntersecting ?? false;
      this.#pauseOrResume();
    });
    this.#looks.observe(this);
    for (const event of ['slidechanged', 'visibilitychange']) document.addEventListener(event, this.#pauseOrResume);
  }

  disconnectedCallback(): void {
    this.#looks?.disconnect();
    for (const event of ['slidechanged', 'visibilitychange']) document.removeEventListener(event, this.#pauseOrResume);
    this.#kernel?.end();
    this.#real?.close();
  }

  #furnish(): void {
    this.#steps = readSteps(this);
    const panel = makePanel(this.dataset.title ?? '', this.dataset.shell !== undefined);
    this.#panel = panel;
    panel.start.addEventListener('click', () => this.#start());
    panel.next.addEventListener('click', () => this.#step());
    panel.reset.addEventListener('click', () => this.#reset());
    panel.onMachine.addEventListener('click', () => this.#switch(true));
    panel.inBrowser.addEventListener('click', () => this.#switch(false));
    this.addEventListener('keydown', keepFromSlides);
    this.append(panel.panel);
    // Without it the panel is readable, and a start fails with a sentence.
    loadStyles().catch(() => {});
    this.#show();
  }

  async #start(): Promise<void> {
    const panel = this.#panel;
    if (!panel || this.#kernel || panel.start.getAttribute('aria-disabled') === 'true') return;
    panel.start.setAttribute('aria-disabled', 'true');
    panel.tell('Loading the kernel …');
    try {
      const [assets, { startKernel }, { openScreen }] = await Promise.all([
        loadAssets(),
        import('./kernel.ts'),
        import('../../../workshop/page/browser/screen.ts'),
        loadStyles(),
      ]);
      this.#text.hidden = true;
      panel.panel.classList.add('live-running');
      const screen = openScreen(panel.screen, { label: 'Terminal of the Linux in this browser' });
      this.#screen = screen;
      // What stands around it takes its room as it goes: a sentence of two lines, the buttons.
      this.#room = new ResizeObserver(() => screen.take(size.cols, size.rows));
      this.#room.observe(panel.screen);
      // The shell asks for the cursor's place at each prompt, and manages without: an answer that came late would be taken for keys.
      screen.term.parser.registerCsiHandler({ final: 'n' }, () => true);
      screen.term.textarea?.setAttribute('aria-describedby', panel.note.id);
      screen.term.onData(keys => this.#send(keys));
      this.#shell = followShell(() => this.#show());
      this.#kernel = await startKernel(assets, {
        output: text => {
          screen.term.write(text);
          this.#shell.heard(text);
        },
        ended: () => this.#ended(),
      });
      this.#done = 0;
      this.#show();
      panel.next.focus();
      this.#pauseOrResume();
    } catch (error) {
      if (!(error instanceof Missing)) console.warn(error);
      const why = error instanceof Missing ? error.message : 'The kernel could not be started in this browser.';
      this.#stop(`${why} What it would show stands here as text.`);
    } finally {
      panel.start.removeAttribute('aria-disabled');
    }
  }

  #send(keys: string): void {
    this.#kernel?.send(keys);
    this.#shell.typed(keys);
  }

  async #step(): Promise<void> {
    const step = this.#steps[this.#done];
    if (!step || !this.#ready) return;
    this.#typing = true;
    this.#done++;
    this.#show();
    const shell = this.#shell;
    // A reset while it is being typed brings another.
    await typeCommand(step.command, keys => shell === this.#shell && this.#send(keys));
    this.#typing = false;
    this.#show();
  }

  async #reset(): Promise<void> {
    this.#screen?.term.reset();
    this.#shell = followShell(() => this.#show());
    this.#done = 0;
    this.#show();
    await this.#kernel?.reset();
  }

  #ended(): void {
    this.#kernel = null;
    this.#stop('Another live terminal has been started, and one runs at a time.');
  }

  /** Back to the text, with a reason. */
  #stop(why: string): void {
    this.#room?.disconnect();
    this.#screen?.close();
    this.#screen = null;
    this.#panel?.screen.replaceChildren();
    this.#panel?.panel.classList.remove('live-running');
    this.#text.hidden = false;
    this.#show();
    this.#panel?.tell(why);
  }

  /** The real shell, in the workshop's sandbox, or back. */
  #switch(real: boolean): void {
    const panel = this.#panel;
    if (!panel || real === (this.#real !== null)) return;
    panel.panel.classList.toggle('live-real', real);
    panel.machine.hidden = !real;
    panel.screen.hidden = real;
    panel.onMachine.setAttribute('aria-pressed', String(real));
    panel.inBrowser.setAttribute('aria-pressed', String(!real));
    this.#real?.close();
    this.#real = null;
    if (real) {
      const url = new URL(this.dataset.shell ?? '', location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      this.#real = openTerminal(panel.machine, url.href, { of: 'shell' });
      this.#real.focus();
    }
    // The demo's steps are for the machine without anything on it, in the browser.
    this.#text.hidden = real || this.#kernel !== null;
    this.#show();
    this.#pauseOrResume();
  }

  get #text(): HTMLElement {
    return this.querySelector<HTMLElement>('.live-text') ?? document.createElement('div');
  }

  get #ready(): boolean {
    return this.#kernel !== null && !this.#typing && this.#shell.waits();
  }

  readonly #pauseOrResume = (): void => {
    const shown = this.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (this.#inView && shown && !document.hidden && !this.#real) this.#kernel?.resume();
    else this.#kernel?.pause();
  };

  #show(): void {
    const panel = this.#panel;
    if (!panel) return;
    const [runs, real, left] = [this.#kernel !== null, this.#real !== null, this.#steps.length - this.#done];
    panel.start.hidden = runs || real;
    panel.next.hidden = !runs || real;
    panel.reset.hidden = !runs || real;
    panel.note.hidden = !runs || real;
    panel.next.textContent = left > 0 ? `Next step (${this.#done + 1} of ${this.#steps.length})` : 'No step is left';
    // Not `disabled`: the focus would be lost with every step.
    panel.next.setAttribute('aria-disabled', String(!this.#ready || left === 0));
    const upNext = this.#steps[this.#done]?.say ?? 'That was all. Type what you like, or reset.';
    panel.say.textContent = runs && !real ? (this.#typing || !this.#shell.waits() ? this.#said : upNext) : '';
    panel.tell(real ? '' : runs ? (this.#ready ? 'The shell waits.' : 'Running …') : '');
  }

  /** Of the step that runs. */
  get #said(): string {
    return this.#steps[this.#done - 1]?.say ?? '';
  }
}

/** In the terminal every key is the shell's; on a button, those that press it. The others go on to the slides. */
function keepFromSlides(event: KeyboardEvent): void {
  const inTerminal = event.target instanceof HTMLTextAreaElement;
  if (inTerminal || event.key === 'Enter' || event.key === ' ') event.stopPropagation();
}

if (!customElements.get('live-terminal')) customElements.define('live-terminal', LiveTerminal);
