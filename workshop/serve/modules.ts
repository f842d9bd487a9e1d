// What a page loads from here: our own modules for the browser, written in TypeScript, from which Node takes the types as it does for
// itself, and the libraries' own files out of node_modules. No bundler, nothing built, nothing from elsewhere.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';
import type { Context, Hono } from 'hono';
import { home } from '../paths.ts';

/** Bare name in an import, or a style's file name → the file. */
export const libraries: Record<string, string> = {
  '@xterm/xterm': '@xterm/xterm/lib/xterm.mjs',
  '@xterm/addon-fit': '@xterm/addon-fit/lib/addon-fit.mjs',
  'xterm.css': '@xterm/xterm/css/xterm.css',
  idiomorph: 'idiomorph/dist/idiomorph.esm.js',
  'reveal.js': 'reveal.js/dist/reveal.mjs',
  'reveal.js/plugin/notes': 'reveal.js/dist/plugin/notes.mjs',
  'reveal.css': 'reveal.js/dist/reveal.css',
  v86: 'v86/build/libv86.mjs',
  'v86.wasm': 'v86/build/v86.wasm',
};

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The import map for modules that name these libraries, and what a Content-Security-Policy calls it. */
export function importMap(names: (keyof typeof libraries)[]): { text: string; hash: string } {
  const text = JSON.stringify({ imports: Object.fromEntries(names.map(name => [name, `/library/${name}`])) });
  return { text, hash: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
}

/** `/library/NAME`, and `/modules/PATH` for what lies in a folder called `browser` of this repository. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the server keeps with a request
export function serveModules(app: Hono<any>): void {
  app.get('/library/*', c => {
    const file = libraries[c.req.path.slice('/library/'.length)];
    return file ? send(c, `${home}/node_modules/${file}`) : c.notFound();
  });
  app.get('/modules/*', c => {
    const path = c.req.path.slice('/modules/'.length);
    return /^([a-z\d-]+\/)*browser\/([a-z\d-]+\/)*[a-z\d-]+\.(ts|css|svg)$/.test(path)
      ? send(c, `${home}/${path}`)
      : c.notFound();
  });
}

function send(c: Context, file: string) {
  const extension = extname(file);
  let body: Buffer | string;
  try {
    body = readFileSync(file);
  } catch {
    return c.notFound();
  }
  if (extension === '.ts') body = withoutTypes(body.toString());
  return c.body(body as string, 200, { 'Content-Type': types[extension] ?? 'application/octet-stream' });
}

/** What Node does to our own files as well; that it calls this an experiment is nothing that the reader of a terminal has to know. */
export function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
