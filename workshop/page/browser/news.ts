// News from the server: fragments of this page that have become others. They are put in place so that what the reader has opened, focused,
// scrolled or marked stays so.
import { Idiomorph } from 'idiomorph';

/** Milliseconds: between attempts to reach a server that is away, and the most. */
const [soon, late] = [500, 5_000];
/** A browser gives six connections to one server; a hidden page that is not among the last few shown lends its own. */
const mayListen = 4;

/** `have`: 'id:hash,…' of the fragments that the page came with. */
export function listen(from: string, have: string, say: (trouble: string) => void): void {
  const has = new Map(have.split(',').map(each => each.split(':') as [string, string]));
  let source: EventSource | null = null;
  let wait = soon;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    clearTimeout(timer);
    const list = [...has].map(pair => pair.join(':')).join();
    source = new EventSource(`${from}?have=${encodeURIComponent(list)}${widthOf()}`);
    source.addEventListener('open', () => {
      wait = soon;
      say('');
    });
    source.addEventListener('fragment', ({ data }) => {
      const { id, hash, html } = JSON.parse(data) as { id: string; hash: string; html: string };
      has.set(id, hash);
      put(id, html);
    });
    source.addEventListener('end', ({ data }) => {
      close();
      say((JSON.parse(data) as { why: string }).why);
      retry(late);
    });
    // Not by its own means, which would ask again for what it has received since.
    source.addEventListener('error', () => {
      close();
      say('The server does not answer; what you see is what it said last. If it was started anew, open the new link.');
      retry(wait);
      wait = Math.min(wait * 2, late);
    });
  }
  function close(): void {
    source?.close();
    source = null;
  }
  function retry(after: number): void {
    clearTimeout(timer);
    timer = setTimeout(open, after);
  }

  const others = new BroadcastChannel('boxwright');
  const shown = new Set<string>();
  const me = crypto.getRandomValues(new Uint32Array(2)).join('-');
  others.addEventListener('message', ({ data }) => {
    shown.add(String(data));
    if (!document.hidden || shown.size < mayListen) return;
    clearTimeout(timer);
    close();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    shown.clear();
    others.postMessage(me);
    if (!source) open();
  });
  others.postMessage(me);
  open();
}

/** Drawings are made for a place of some width: that of the stage, unless there is much less room or much more. */
function widthOf(): string {
  const place = document.querySelector<HTMLElement>('.figures, .stage');
  if (!place) return '';
  const { clientWidth } = place;
  return clientWidth < 520 ? '&width=340' : clientWidth >= 940 ? '&width=900' : '';
}

/** What the reader has folded open or shut stays so. */
const folded = new WeakSet<Element>();
document.addEventListener('click', ({ target }) => {
  const details = target instanceof Element ? target.closest('summary')?.parentElement : null;
  if (details) folded.add(details);
});

function put(id: string, html: string): void {
  const old = document.getElementById(id);
  if (!old) return;
  Idiomorph.morph(old, html, {
    morphStyle: 'outerHTML',
    callbacks: {
      beforeAttributeUpdated: (name, element) => !(name === 'open' && folded.has(element)),
    },
  });
}
