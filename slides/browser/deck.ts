// Starts reveal.js on the page, and the live terminals where there are any.
import Reveal from 'reveal.js';
import Notes from 'reveal.js/plugin/notes';

const asked = new URLSearchParams(location.search);

// A projector that washes out the dark, or a system that is set the other way: the presenter's choice goes before it.
for (const theme of ['dark', 'light']) if (asked.has(theme)) document.documentElement.dataset.theme = theme;

const deck = new Reveal({
  width: 1280,
  height: 720,
  margin: 0,
  minScale: 0.1,
  maxScale: 4,
  center: false,
  hash: true,
  transition: 'none',
  backgroundTransition: 'none',
  slideNumber: 'c/t',
  // The speaker view tells ahead or behind by each slide's own data-timing; this is for the sake of its being asked at all.
  defaultTiming: 120,
  scrollSnap: 'proximity',
  pdfMaxPagesPerSlide: 1,
  pdfSeparateFragments: false,
  ...(asked.has('with-notes') && { showNotes: 'separate-page' }),
  plugins: [Notes],
});

const print = asked.get('view') === 'print';
// On paper the slides are laid out once more after the deck is ready.
const laidOut = print ? new Promise(resolve => deck.on('pdf-ready', resolve)) : null;

deck.initialize().then(async () => {
  await laidOut;
  if (isUpcoming()) askAgain();
  // Neither the speaker view's two small copies nor paper need a kernel of their own.
  const live = document.querySelector('live-terminal') && !asked.has('receiver') && !print;
  if (live) await import('../live/browser/element.ts');
  document.documentElement.dataset.ready = 'true';
});

/** Whether this is the speaker view's copy that shows what comes next. */
function isUpcoming(): boolean {
  return asked.has('receiver') && asked.get('controls') === 'false';
}

/**
 * That copy is told to go one further when the speaker view is ready, and does not hear that if it is the slower one. The presenter's own
 * window answers this as it does the speaker view's greeting: by saying once more where it is.
 */
function askAgain(): void {
  const greeting = JSON.stringify({ namespace: 'reveal-notes', type: 'connected' });
  (window.parent.opener as Window | null)?.postMessage(greeting, location.origin);
}
