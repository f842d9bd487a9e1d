// `boxwright slides DECK --out FOLDER`: a folder that is opened in a browser, from the disk or from any web server, without a network.
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../workshop/errors.ts';
import { home } from '../workshop/paths.ts';
import { libraries } from '../workshop/serve/modules.ts';
import { bundle } from './bundle.ts';
import { hasLive, prepareLive } from './live/prepare.ts';
import { talkPage } from './page.ts';
import type { Talk } from './talk.ts';

/** What says that a folder is ours to write anew. */
const mark = 'made-by-boxwright';

/** What to tell the user. */
export async function writeFolder(talk: Talk, folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    await fill(talk, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || !code) throw error;
    throw new UserError(`${folder} cannot be written: ${code}`, 'name another folder');
  }
  const kernel = existsSync(`${path}/live/CONTENTS`) || !hasLive(talk);
  const without =
    '\nIts live terminals show their steps as text: `node slides/live/build.ts` makes the kernel for them.';
  return `Open ${path}/index.html in a browser; the folder needs no server and no network.${kernel ? '' : without}`;
}

async function fill(talk: Talk, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK);
  if (readdirSync(folder).length > 0 && !existsSync(`${folder}/${mark}`)) {
    throw new UserError(`${folder} has something in it`, 'name a folder that is empty, or that is yet to be made');
  }
  writeFileSync(`${folder}/${mark}`, 'npx boxwright slides --out writes this folder anew.\n');
  copyFileSync(`${home}/node_modules/${libraries['reveal.css']}`, `${folder}/reveal.css`);
  for (const style of ['theme.css', 'plain.css']) copyFileSync(`${home}/slides/browser/${style}`, `${folder}/${style}`);
  mkdirSync(`${folder}/live`, { recursive: true });
  copyFileSync(`${home}/slides/live/browser/live.css`, `${folder}/live/live.css`);
  const styles = ['reveal.css', 'theme.css', 'live/live.css'];
  // After the page has been read: what it imports would start reveal.js as soon as it is there, slides or not.
  const scripts = '<script defer src="modules.js"></script>';
  const page = talkPage(talk, { styles, plain: 'plain.css', scripts });
  const live = page.includes('<live-terminal');
  writeFileSync(`${folder}/modules.js`, bundle('slides/browser/deck.ts', live));
  writeFileSync(`${folder}/index.html`, page);
  if (live) await addKernel(`${folder}/live`, talk);
}

/** 15 MB. Without, the terminals stay what they are on paper. */
async function addKernel(folder: string, talk: Talk): Promise<void> {
  const built = await prepareLive(talk);
  if (built) (await import('./live/serve.ts')).writeLiveAssets(folder, built);
}
