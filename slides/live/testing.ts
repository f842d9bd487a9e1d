// What the tests of the live kernel share: the built state, or why there is none; and a page with two live terminals on slides.
import { Hono } from 'hono';
import { UserError } from '../../workshop/errors.ts';
import { sealed } from '../../workshop/serve/guard.ts';
import { listen, type Serving } from '../../workshop/serve/listen.ts';
import { importMap, serveModules } from '../../workshop/serve/modules.ts';
import { type Built, buildLive } from './build.ts';
import { liveTerminal } from './html.ts';
import { serveLive } from './serve.ts';

/** Builds it if need be, which takes a minute and Debian's mirror. */
export async function live(): Promise<{ built: Built; whyNot: null } | { built: null; whyNot: string }> {
  try {
    return { built: await buildLive(() => {}), whyNot: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { built: null, whyNot: error.message };
  }
}

const script = `import Reveal from 'reveal.js';
import '/modules/slides/live/browser/element.ts';
const deck = new Reveal({ width: 1280, height: 720, transition: 'none', margin: 0 });
await deck.initialize();
globalThis.deck = deck;
`;

/**
 * `/`: two slides with a live terminal each, under the policy that they need and no wider one: v86 compiles WebAssembly as it goes, and
 * takes turns with the page by a worker of its own. */
export async function servePage(shell?: string): Promise<Serving> {
  const map = importMap(['reveal.js', 'v86', '@xterm/xterm', '@xterm/addon-fit']);
  const app = new Hono();
  app.use(
    sealed(
      `script-src 'self' 'wasm-unsafe-eval' ${map.hash}; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; worker-src blob:`,
    ),
  );
  serveModules(app);
  serveLive(app);
  app.get('/script.js', c => c.body(script, 200, { 'Content-Type': 'text/javascript' }));
  app.get('/', c =>
    c.html(`<!doctype html><html lang="en"><head><title>Live</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/library/reveal.css"><link rel="stylesheet" href="/modules/slides/browser/theme.css">
<style>live-terminal { height: 560px; font-size: 24px }</style>
<script type="importmap">${map.text}</script><script type="module" src="/script.js"></script></head>
<body><main><div class="reveal"><div class="slides">
<section><h1>One</h1>${liveTerminal('namespaces', { shell })}</section>
<section><h2>Two</h2>${liveTerminal('overlay')}</section>
</div></div></main></body></html>`),
  );
  return listen(app, { host: '127.0.0.1', port: 0 });
}
