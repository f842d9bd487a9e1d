// The images in a sandbox's store, for lessons 15 and later. The store is the learner's to write: so a process of ours in there reads it, by
// `boxwright xray --images`, where no link leads out and nobody waits for a fifo, and of what it says only the expected is taken.
import { home } from '../paths.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ImagesView } from '../xray/types.ts';

/** Milliseconds, and bytes of what it says. */
const [patience, longest] = [10_000, 1 << 20];

/** `store`: as it is called in the sandbox. Null when it cannot be read. */
export async function imagesIn(sandbox: Sandbox, store: string): Promise<ImagesView | null> {
  const box = await sandbox.join({ stdio: ['ignore', 'pipe', 'ignore'] });
  const timer = setTimeout(() => void box.end(), patience);
  try {
    let said = '';
    box.stdout?.setEncoding('utf8').on('data', text => {
      said += text;
      if (said.length > longest) void box.end();
    });
    const args = ['node', '--no-warnings', `${home}/workshop/boxwright.mjs`, 'xray', '--images', store, '--json'];
    await box.execve(process.execPath, args, { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/root' });
    const { code } = await box.exited;
    return code === 0 ? readView(said) : null;
  } finally {
    clearTimeout(timer);
    await box.end();
  }
}

function readView(said: string): ImagesView | null {
  const { images, layers } = parse(said) as Partial<ImagesView>;
  if (!Array.isArray(images) || typeof layers !== 'object' || layers === null) return null;
  const isText = (value: unknown) => typeof value === 'string';
  const fit = images.every(each => isText(each?.name) && Array.isArray(each.layers) && each.layers.every(isText));
  const counted = Object.values(layers).every(each => Number.isFinite(each?.bytes) && Number.isFinite(each.usedBy));
  return fit && counted ? { images, layers } : null;
}

function parse(text: string): object {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
