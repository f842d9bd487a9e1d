// The decks over HTTP: a list, and each deck and cut as a page that reveal.js turns into slides. The same routes stand in the workshop's page
// (`/slides/`) and in `npx boxwright slides`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { UserError } from '../workshop/errors.ts';
import { home } from '../workshop/paths.ts';
import { sealed } from '../workshop/serve/guard.ts';
import { importMap } from '../workshop/serve/modules.ts';
import { listPage } from './list.ts';
import { talkPage } from './page.ts';
import { findTalk } from './talk.ts';

export interface SlidesOptions {
  /** The address of the workshop's terminal for a lesson, or for the sandbox's plain host; absent where there is none. */
  shell?: (lesson: string | null) => string;
}

const libraries = ['reveal.js', 'reveal.js/plugin/notes', '@xterm/xterm', '@xterm/addon-fit', 'v86'];
const styles = ['/library/reveal.css', '/modules/slides/browser/theme.css', '/modules/slides/live/browser/live.css'];
const list = '/modules/slides/browser/list.css';

/**
 * To be mounted at `prefix`, beside serveModules. Who may see it is the caller's matter.
 * The speaker view shows the slides in frames and is written by reveal.js with a script in it, so the policy names both.
 */
export function slidesRoutes(options: SlidesOptions = {}): Hono {
  const map = importMap(libraries);
  const scripts = `<script type="importmap">${map.text}</script>\n<script type="module" src="/modules/slides/browser/deck.ts"></script>`;
  const policy = [
    `script-src 'self' 'wasm-unsafe-eval' ${map.hash} ${speakerScript()}`,
    // reveal.js and xterm set the sizes of things with styles of their own.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'self'",
  ].join('; ');

  const app = new Hono();
  app.use(sealed(policy, "'self'"));
  app.get('/', c => c.html(listPage(prefix, [list])));
  app.get('/:name{.+}', c => {
    const name = c.req.param('name');
    try {
      const theme = (['dark', 'light'] as const).find(each => c.req.query(each) !== undefined);
      return c.html(
        talkPage(findTalk(name), { ...options, styles, plain: '/modules/slides/browser/plain.css', scripts, theme }),
      );
    } catch (error) {
      if (error instanceof UserError)
        return c.text(`${error.message}\nnext: ${error.next}\n`, error.status === 2 ? 404 : 500);
      throw error;
    }
  });
  return app;
}

/** Where the routes stand. */
export const prefix = '/slides/';

/** reveal.js writes the speaker view into an empty window, and with it one script: what a policy calls it. */
export function speakerScript(): string {
  const source = readFileSync(`${home}/node_modules/reveal.js/dist/plugin/notes.mjs`, 'utf8');
  const [, written] = /document\.write\("(?:[^"\\]|\\.)*?<script>((?:[^"\\]|\\.)*?)<\\\/script>/.exec(source) ?? [];
  const script = written === undefined ? undefined : JSON.parse(`"${written.replaceAll('\t', '\\t')}"`);
  if (script === undefined)
    throw new Error('the speaker view of this reveal.js is another: slides/serve.ts, speakerScript');
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
