// A learner's requests to a board: three, all short, none of which follows a redirection or sends anything that is not named here.
import type { Export } from './export.ts';
import { nameFrom } from './name.ts';

/** Why a board did not do what was asked; `message` is a clause for the reader. */
export class BoardError extends Error {
  override name = 'BoardError';
  /** Nobody answered, the board does not know who asks (any more), or it refused for another reason. */
  readonly kind: 'unreachable' | 'unknown' | 'refused';

  constructor(kind: BoardError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the board calls them from now on. */
export async function askToJoin(url: string, secret: string, code: string, name: string): Promise<string> {
  const answer = await ask('POST', `${url}/join`, secret, { code, name }, AbortSignal.timeout(10_000));
  const given = nameFrom((JSON.parse(answer) as { name?: unknown }).name);
  if (given === null) throw new BoardError('refused', 'it answered, but not as a board does');
  return given;
}

export async function sendProgress(url: string, secret: string, progress: Export, signal: AbortSignal): Promise<void> {
  await ask('POST', `${url}/progress`, secret, progress, signal);
}

export async function askToForget(url: string, secret: string): Promise<void> {
  await ask('DELETE', `${url}/progress`, secret, undefined, AbortSignal.timeout(10_000));
}

async function ask(method: string, url: string, secret: string, body: unknown, signal: AbortSignal): Promise<string> {
  let response: Response;
  let text: string;
  try {
    // Minutes lie between two verdicts: a connection that is kept is one that the board has closed.
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', connection: 'close' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    response = await fetch(url, { method, headers, ...content, redirect: 'error', signal });
    text = await read(response);
  } catch (error) {
    throw new BoardError('unreachable', reason(error));
  }
  if (response.ok) return text;
  // The board's own words are a line of text; what another server says is not worth showing.
  const line = /^[\p{L}\p{N}\p{P}\p{S} ]{1,200}$/u.test(text.trim()) ? text.trim() : `it answered ${response.status}`;
  throw new BoardError(response.status === 401 ? 'unknown' : 'refused', line);
}

/** The beginning: a board's answers are short, and what else listens there may send without end. */
async function read(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 4096) break;
  }
  return text;
}

function reason(error: unknown): string {
  const { name, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'it did not answer in time';
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
