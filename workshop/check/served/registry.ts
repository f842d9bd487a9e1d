// Registries of ours in the sandbox, as a check has them in its hands: what they were asked for is known from their own lists.
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { home } from '../../paths.ts';
import type { Behaviour, Seen } from '../../registry/behaviour.ts';
import type { Content, Order, Reply } from '../../registry/controlled.ts';
import type { Session } from '../../sandbox/session.ts';
import type { Context, LearnerError } from '../context.ts';
import type { Blob } from './images.ts';

/** One process for all registries of a session; it ends with the sandbox. */
const controls = new WeakMap<Session, Promise<(order: Order) => Promise<Reply['value']>>>();

function control(t: Context) {
  let found = controls.get(t.session);
  if (!found) {
    found = startServer(t.session);
    controls.set(t.session, found);
  }
  return found;
}

async function startServer({ sandbox }: Session) {
  const box = await sandbox.join({ stdio: ['ignore', 'ignore', 'inherit'], pass: ['pipe'] });
  const wire = box.passed(4) as Socket;
  const waiting = new Map<number, (value: Reply['value']) => void>();
  createInterface({ input: wire }).on('line', line => {
    const { id, value } = JSON.parse(line) as Reply;
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  wire.on('error', () => {});
  const program = `${home}/workshop/registry/controlled.ts`;
  await box.execve(process.execPath, ['node', '--no-warnings', program], { PATH: process.env.PATH ?? '' });
  let last = 0;
  return (order: Order) =>
    new Promise<Reply['value']>(resolve => {
      waiting.set(++last, resolve);
      wire.write(`${JSON.stringify({ id: last, ...order })}\n`);
    });
}

export class Registry {
  readonly port: number;
  /** `127.0.0.1:34567` */
  readonly host: string;
  readonly #send: (order: Order) => Promise<Reply['value']>;

  constructor(port: number, send: (order: Order) => Promise<Reply['value']>) {
    this.port = port;
    this.host = `127.0.0.1:${port}`;
    this.#send = send;
  }

  /** Every request so far that has this in its first line; `GET /v2/` when absent. */
  async seen(part = '/v2/'): Promise<Seen[]> {
    const all = (await this.#send({ op: 'seen', port: this.port })) as Seen[];
    return all.filter(each => each.line.includes(part));
  }

  /** Those that were for a blob. */
  asked = (of: Blob) => this.seen(`/blobs/${of.digest}`);

  async change(to: { content?: Content; behaviour?: Behaviour }): Promise<void> {
    await this.#send({ op: 'change', port: this.port, ...to });
  }

  /** Goes on with what has stalled. */
  async release(): Promise<void> {
    await this.#send({ op: 'release', port: this.port });
  }
}

/** A registry on the sandbox's loopback. */
export async function openRegistry(t: Context, content: Content, behaviour: Behaviour = {}): Promise<Registry> {
  const send = await control(t);
  return new Registry((await send({ op: 'open', content, behaviour })) as number, send);
}

/** For a finding: what was asked of a registry, a line each, and how the call ended. */
export function report(seen: Seen[], error: LearnerError | null): string {
  const lines = seen.map(({ line, range, authorization, status, sent }) => {
    const short = line.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1…');
    const with_ = [range && `Range: ${range}`, authorization && `Authorization: ${authorization.split(' ')[0]} …`];
    return `${[short, ...with_.filter(Boolean)].join(', ')} → ${status}, ${sent} bytes`;
  });
  const shown = lines.length > 9 ? [...lines.slice(0, 5), `… ${lines.length - 8} more …`, ...lines.slice(-3)] : lines;
  const where = /(lessons\/[^:?]+)[^:]*:(\d+)/.exec(error?.error?.stack ?? '');
  const end = error ? `it threw ${error.error?.name ?? 'Error'}: ${error.message}` : 'it threw nothing';
  return [
    ...(shown.length > 0 ? shown : ['the registry was asked for nothing']),
    where ? `${end} (${where[1]}:${where[2]})` : end,
  ].join('\n');
}
