// `class --serve`: the board live, on the terminal and as a page, until a key or a signal ends it.
import chalk from 'chalk';
import { allLessons, type Lesson } from '../lessons.ts';
import { isLoopback, listen, placeFrom, type Serving } from '../serve/listen.ts';
import { columns } from '../terminal/text.ts';
import { readKeys } from '../watch/keys.ts';
import { untilSignal } from '../watch/signals.ts';
import { fromClass, makeBoard } from './board.ts';
import { classServer } from './server.ts';
import { showBoard } from './show.ts';
import { openStore, type Store } from './store.ts';

export const defaultPort = 7433;

/** A drawing per second at the most, and one now and then because time passes: ms. */
const [atMostEvery, atLeastEvery] = [1_000, 10_000];

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function serveClass(file: string, address: string | undefined, json: boolean): Promise<number> {
  const ended = untilSignal();
  const [store, lessons] = [openStore(file), allLessons()];
  // Before anybody is told the code it is on the disk, and the code of a server that comes after this one.
  await store.change(() => {});
  const around = { changed: () => {}, urls: (): string[] => [] };
  const serving = await listen(classServer(store, lessons, around), placeFrom(address, defaultPort));
  around.urls = () => joinUrls(serving);
  const stop = process.stdout.isTTY && !json ? draw() : say(serving, store, json);
  try {
    return await ended.status;
  } finally {
    stop();
    await serving.close();
  }

  function draw(): () => void {
    const keys = readKeys(key => {
      if (key === 'q') ended.resolve(0);
      if (key === 'ctrl-c') ended.resolve(130);
    });
    const show = () => {
      try {
        process.stdout.write(drawScreen(serving, store, lessons, keys !== null));
      } catch (error) {
        // The class file has become unreadable, for instance.
        ended.reject(error);
      }
    };
    let timer: NodeJS.Timeout | undefined;
    around.changed = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        show();
      }, atMostEvery);
    };
    const clock = setInterval(show, atLeastEvery);
    process.stdout.on('resize', show);
    process.stdout.write('\u001b[?1049h\u001b[?25l');
    show();
    return () => {
      clearTimeout(timer);
      clearInterval(clock);
      process.stdout.off('resize', show);
      keys?.suspend();
      process.stdout.write('\u001b[?25h\u001b[?1049l');
    };
  }
}

/** From a height of so many lines there is room for empty ones. */
const roomy = 30;

function drawScreen(serving: Serving, store: Store, lessons: Lesson[], keys: boolean): string {
  const [width, rows] = [columns(140), process.stdout.rows || 24];
  const file = store.read();
  const above = rows < roomy ? wall(serving, file.code).slice(-1) : [...wall(serving, file.code), ''];
  const page = `page  ${pageOf(serving, file.token)}`;
  const quit = keys && page.length + 9 < width ? '   q quit' : '';
  const under = [...(rows < roomy ? [] : ['']), chalk.dim(page + quit)];
  const board = showBoard(makeBoard(fromClass(file), lessons), width, rows - above.length - under.length);
  // Line by line over the old, which flickers less than a cleared screen.
  const lines = [...above, ...board.split('\n'), ...under];
  return `\u001b[H${lines.map(text => `${text}\u001b[K`).join('\n')}\u001b[J`;
}

/** What to write on the wall. */
function wall(serving: Serving, code: string): string[] {
  const joins = joinUrls(serving).map(url => `  npx boxwright join ${chalk.bold(url)} ${chalk.bold(code)} --as NAME`);
  const alone = 'Only this machine reaches this address. For a room: --listen 0.0.0.0';
  return [isLoopback(serving.host) ? chalk.yellow(alone) : 'To be written on the wall:', ...joins];
}

/** A machine with containers has more addresses than a wall. */
const joinUrls = ({ urls }: Serving) => urls.slice(0, 3);

const pageOf = ({ urls }: Serving, token: string) => `${urls[0]}/?token=${token}`;

/** Without a terminal: what there is to know, once; the page has the rest. */
function say(serving: Serving, store: Store, json: boolean): () => void {
  const { code, token } = store.read();
  const page = pageOf(serving, token);
  if (json) console.log(JSON.stringify({ urls: serving.urls, code, page }));
  else console.log([...wall(serving, code), `  page  ${page}`].join('\n'));
  return () => {};
}
