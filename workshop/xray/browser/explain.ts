// Shows what a part of a drawing means: when the pointer is over it, when it has the focus, when it is touched. Everything is listened
// for on the container, so a drawing may be replaced at any time; the panel stays, and so does the focus.
import { type Explanation, explanations } from './explanations.ts';
import { find, type Place, partAt, placeOf, step } from './parts.ts';

export interface ExplainOptions {
  /** Address of a lesson ('05'), or null where there is nothing to link to. */
  linkTo: (lesson: string) => string | null;
}

/** Returns what takes it all away again. */
export function explain(container: HTMLElement, { linkTo }: ExplainOptions): () => void {
  const panel = openPanel();
  const ends = new AbortController();
  const { signal } = ends;
  let part: SVGElement | null = null;
  let place: Place | null = null;
  /** By a click, a touch or a key: then it stays until something else is chosen. */
  let pinned = false;
  let focused = false;
  let leaving = 0;

  function show(next: SVGElement, pin = false) {
    clearTimeout(leaving);
    pinned = pin || (pinned && next === part);
    if (next === part) return;
    part?.classList.remove('explained');
    part = next;
    place = placeOf(container, part);
    part.classList.add('explained');
    fill(panel, wordsOf(part), explanations[part.dataset.explain ?? ''], linkTo);
    position(panel, part);
  }

  function hide() {
    clearTimeout(leaving);
    part?.classList.remove('explained');
    [part, place, pinned] = [null, null, false];
    panel.replaceChildren();
  }

  function leave() {
    clearTimeout(leaving);
    if (!pinned && !focused && part) leaving = window.setTimeout(hide, 300);
  }

  /** After the container's content was replaced or changed: the same part, as it is now. */
  function renew() {
    if (!place) return;
    const old = part;
    const now = part?.isConnected && placeOf(container, part).id === place.id ? part : find(container, place);
    if (!now) {
      focused = false;
      hide();
      return;
    }
    part = now;
    if (!now.classList.contains('explained')) now.classList.add('explained');
    // With the old one the focus was lost, or it stays on what has become another part. Whoever else has it by now keeps it.
    const at = document.activeElement;
    const lost = at === null || at === document.body || at === old;
    if (focused && lost && now !== old) now.focus({ preventScroll: true });
    const values = panel.querySelector('.values');
    if (values && values.textContent !== wordsOf(now)) values.textContent = wordsOf(now);
    position(panel, now);
  }

  const on = <K extends keyof HTMLElementEventMap>(
    target: HTMLElement,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ) => target.addEventListener(type, listener, { signal });

  on(container, 'pointerover', event => {
    const over = partAt(event.target);
    if (event.pointerType !== 'touch' && over && !pinned && !(focused && part)) show(over);
  });
  on(container, 'pointerout', leave);
  on(panel, 'pointerenter', () => clearTimeout(leaving));
  on(panel, 'pointerleave', leave);
  on(container, 'click', event => {
    const clicked = partAt(event.target);
    if (clicked) show(clicked, true);
  });
  on(container, 'focusin', event => {
    const next = partAt(event.target);
    focused = next !== null;
    if (next && next !== part) {
      pinned = false;
      show(next);
    }
  });
  on(container, 'focusout', event => {
    if (panel.contains(event.relatedTarget as Node | null)) return;
    // A part that was replaced under the focus gets it back; this is asked afterwards.
    setTimeout(() => {
      if (container.contains(document.activeElement) && partAt(document.activeElement)) return;
      focused = false;
      if (!panel.contains(document.activeElement)) leave();
    });
  });
  on(container, 'keydown', event => {
    const at = partAt(event.target);
    if (!at || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = step(at, event.key);
    if (next) next.focus();
    else if (event.key === 'Enter' || event.key === ' ') {
      show(at, true);
      panel.querySelector('a')?.focus();
    } else return;
    event.preventDefault();
  });
  on(panel, 'focusout', event => {
    if (partAt(event.relatedTarget) !== part) hide();
  });
  document.addEventListener(
    'keydown',
    event => {
      if (event.key !== 'Escape' || !part) return;
      if (panel.contains(document.activeElement)) part.focus({ preventScroll: true });
      hide();
    },
    { signal },
  );
  document.addEventListener(
    'pointerdown',
    event => {
      if (part && !panel.contains(event.target as Node) && partAt(event.target) === null) hide();
    },
    { signal },
  );
  for (const type of ['scroll', 'resize']) {
    window.addEventListener(type, () => part && position(panel, part), { signal, capture: true, passive: true });
  }
  const observer = new MutationObserver(renew);
  observer.observe(container, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['aria-label', 'class', 'data-part', 'viewBox'],
  });
  return () => {
    hide();
    ends.abort();
    observer.disconnect();
    panel.remove();
  };
}

const wordsOf = (part: SVGElement) => part.getAttribute('aria-label') ?? '';

/** A screen reader says politely what comes into it. */
function openPanel(): HTMLElement {
  const href = new URL('./explain.css', import.meta.url).href;
  if (![...document.styleSheets].some(sheet => sheet.href === href)) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
  }
  const panel = Object.assign(document.createElement('div'), { className: 'explanation' });
  panel.setAttribute('role', 'status');
  document.body.append(panel);
  return panel;
}

function fill(panel: HTMLElement, words: string, why: Explanation | undefined, linkTo: ExplainOptions['linkTo']) {
  const values = Object.assign(document.createElement('p'), { className: 'values', textContent: words });
  // They are the part's name, which has been said already.
  values.setAttribute('aria-hidden', 'true');
  const lines: HTMLElement[] = [values];
  if (why) {
    lines.push(Object.assign(document.createElement('p'), { textContent: why.text }));
    const href = linkTo(why.lesson);
    if (href !== null) {
      const link = Object.assign(document.createElement('a'), {
        href,
        textContent: `You build it in lesson ${why.lesson}`,
      });
      lines.push(document.createElement('p'));
      lines.at(-1)?.append(link);
    }
  }
  panel.replaceChildren(...lines);
  panel.scrollTop = 0;
}

/** Below the part, or above it where there is more room; always whole in the window. */
function position(panel: HTMLElement, part: SVGElement) {
  const at = part.getBoundingClientRect();
  panel.classList.toggle('above', at.top + at.bottom > innerHeight);
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = at.bottom + 8;
  const top = below + height <= innerHeight || at.top < innerHeight - at.bottom ? below : at.top - height - 8;
  panel.style.setProperty('--left', `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`);
  panel.style.setProperty('--top', `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`);
}
