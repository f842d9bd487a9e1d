// Where a live terminal gets its kernel: from a server, or out of a folder that is opened from the disk.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { home } from '../../workshop/paths.ts';
import { libraries } from '../../workshop/serve/modules.ts';
import { type Built, builtLive } from './build.ts';

/** `/live/state.zst`, beside serveModules; 404 while it is not built. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the server keeps with a request
export function serveLive(app: Hono<any>): void {
  app.get('/live/state.zst', c => {
    const built = builtLive();
    if (!built) return c.text('the live kernel is not built: node slides/live/build.ts\n', 404);
    // Not `Content-Encoding: zstd`: v86 unpacks it, in every browser.
    return c.body(readFileSync(built.state), 200, { 'Content-Type': 'application/octet-stream' });
  });
}

/** Makes `folder`, of 15 MB: `live` beside a page that bundle.ts has made. A page from the disk may not fetch; scripts it may load. */
export function writeLiveAssets(folder: string, built: Built): void {
  mkdirSync(folder, { recursive: true });
  const library = (name: string) => `${home}/node_modules/${libraries[name]}`;
  for (const [name, file] of [
    ['state.zst', built.state],
    ['v86.wasm', library('v86.wasm')],
  ] as const) {
    writeFileSync(`${folder}/${name}.js`, `boxwrightAsset("${readFileSync(file).toString('base64')}");\n`);
  }
  copyFileSync(library('xterm.css'), `${folder}/xterm.css`);
  copyFileSync(fileURLToPath(new URL('browser/live.css', import.meta.url)), `${folder}/live.css`);
  // Who hands the folder on hands on Linux and busybox: what they are and where their sources are goes with them.
  copyFileSync(built.contents, `${folder}/CONTENTS`);
}
