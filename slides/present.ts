// `boxwright slides DECK`: served on this machine until a key or a signal ends it. It is the page's server, so that a live slide can show the
// real shell as well.
import { openPages } from '../workshop/page/open.ts';
import { prepareLive } from './live/prepare.ts';
import { prefix } from './serve.ts';
import { clock, type Talk } from './talk.ts';

/** Beside the page's, so that both can be open. */
const port = 7412;

/** The status to end with: 0 on q, 130 on Ctrl-C. */
export async function present(talk: Talk, address: string | undefined): Promise<number> {
  await prepareLive(talk);
  const about = [`${talk.title}: ${talk.steps.length} slides, ${clock(talk.minutes)} hours`];
  const keys = 'S opens the speaker view. ';
  return openPages({ path: prefix + talk.name, listen: address, port, slides: true, browser: false, about, keys });
}
