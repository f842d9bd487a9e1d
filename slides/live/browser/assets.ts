// The files that a live terminal needs besides modules: from the server, or, in a folder that is opened from the disk, where a page may
// not fetch, out of scripts that hold them as text.

export interface Assets {
  /** The machine's state, as it was saved; v86 unpacks it. */
  state: ArrayBuffer;
  wasm: ArrayBuffer;
}

/** Modules that lie in the page itself are in a folder made by slides/folder.ts, with the scripts in `live`. */
const packed = import.meta.url.startsWith('data:') ? 'live/' : null;

/** Said to whoever looks at the slide. */
export class Missing extends Error {}

const loaded = new Map<string, Promise<ArrayBuffer>>();

/** Loaded once for all terminals of a page. */
export async function loadAssets(): Promise<Assets> {
  if (typeof WebAssembly !== 'object') throw new Missing('This browser has no WebAssembly, in which the kernel runs.');
  const from = (address: string, name: string) => (packed === null ? address : `${packed}${name}.js`);
  const [state, wasm] = await Promise.all([
    load(from('/live/state.zst', 'state.zst')),
    load(from('/library/v86.wasm', 'v86.wasm')),
  ]);
  return { state, wasm };
}

/** The style sheets: xterm's and our own. */
export async function loadStyles(): Promise<void> {
  const served = ['/library/xterm.css', '/modules/slides/live/browser/live.css'];
  const addresses = packed === null ? served : [`${packed}xterm.css`, `${packed}live.css`];
  await Promise.all(
    addresses
      .filter(href => !document.querySelector(`link[href="${href}"]`))
      .map(href => added(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }), href)),
  );
}

function load(address: string): Promise<ArrayBuffer> {
  const known = loaded.get(address);
  if (known) return known;
  const loading = packed === null ? get(address) : unpack(address);
  loaded.set(address, loading);
  loading.catch(() => loaded.delete(address));
  return loading;
}

async function get(address: string): Promise<ArrayBuffer> {
  const answer = await fetch(address).catch(() => null);
  if (!answer) throw new Missing('The server of the slides does not answer.');
  if (answer.ok) return answer.arrayBuffer();
  throw new Missing(
    answer.status === 404
      ? 'The kernel is not built yet: run `node slides/live/build.ts`, then Start again.'
      : `The server of the slides answers ${answer.status} for ${address}.`,
  );
}

/** The script calls boxwrightAsset with its bytes in base64. */
async function unpack(address: string): Promise<ArrayBuffer> {
  let text: string | null = null;
  const place = globalThis as unknown as { boxwrightAsset?: (base64: string) => void };
  await queue(async () => {
    place.boxwrightAsset = base64 => {
      text = base64;
    };
    await added(Object.assign(document.createElement('script'), { src: address }), address);
  });
  if (text === null) throw new Missing(`${address} holds nothing.`);
  return Uint8Array.from(atob(text), each => each.charCodeAt(0)).buffer;
}

/** One after the other, so that each script's call is its own. */
let last: Promise<unknown> = Promise.resolve();
function queue<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => {});
  return mine;
}

function added(element: HTMLElement, address: string): Promise<unknown> {
  return new Promise((done, failed) => {
    element.addEventListener('load', done);
    element.addEventListener('error', () => {
      element.remove();
      failed(new Missing(`${address} is missing.`));
    });
    document.head.append(element);
  });
}
