// What a page shows of one thing, in fragments, and who looks at it. Each fragment is an element with an id, as text; when it becomes
// another, those who look get it as a server-sent event. A reader is owed the newest of each fragment and never a row of old ones, so
// that a slow one costs no memory; one that reads nothing at all is let go.
import { createHash } from 'node:crypto';

/** The owner's link shows all; the viewers' link what a room may see. */
export type Role = 'owner' | 'viewer';

export interface Channel {
  /** Puts a fragment in place of the one with the same id. */
  set(id: string, html: string, more?: { only?: 'owner'; width?: number }): void;
  get(id: string): string;
  /** 'verdict:1f0a3c5d,hints:…': what a page that is made now shows, for `follow`. */
  have(role: Role): string;
  /** Events for one reader, from what it has. */
  follow(reader: Follower): ReadableStream<Uint8Array>;
  followers(): number;
  /** For which widths there are readers. */
  widths(): Set<number>;
  /** The last event of every reader: that there is nothing more to come, and why. */
  close(why: string): void;
}

export interface Follower {
  role: Role;
  /** As `have` gave it. */
  have: string;
  /** Drawings for a place of this width are wanted, where there are any. */
  width?: number;
  /** Called when it has not read for `patience`. */
  lost?(): void;
}

interface Reader {
  role: Role;
  width: number | undefined;
  wake(): void;
  end(why: string): void;
}

interface Fragment {
  id: string;
  html: string;
  hash: string;
  /** Whom it is for, when not for all. */
  only: 'owner' | undefined;
  /** For which width it was drawn, when there are others. */
  width: number | undefined;
}

/** Milliseconds: a sign of life when nothing happens; how long a reader may leave what is written to it unread. */
const [pulse, patience] = [15_000, 20_000];

export function openChannel(changed: () => void = () => {}, patient = patience): Channel {
  const fragments = new Map<string, Fragment>();
  const readers = new Set<Reader>();
  let over: string | null = null;
  const keyOf = (id: string, width: number | undefined) => (width === undefined ? id : `${id}@${width}`);
  /** Those that a reader is to have; of one that is drawn for several widths the one for its own. */
  const visible = (role: Role, width?: number) =>
    [...fragments.values()]
      .filter(each => each.width === undefined && (!each.only || each.only === role))
      .map(each => fragments.get(keyOf(each.id, width)) ?? each);

  function follow({ role, have, width, lost = () => {} }: Follower): ReadableStream<Uint8Array> {
    const has = new Map(have.split(',').map(each => each.split(':') as [string, string]));
    let ending = over;
    let waiting = Promise.withResolvers<void>();
    let beat: NodeJS.Timeout | undefined;
    let unread: NodeJS.Timeout | undefined;
    const reader: Reader = {
      role,
      width,
      wake() {
        waiting.resolve();
      },
      end(why) {
        ending = why;
        waiting.resolve();
      },
    };
    const leave = () => {
      clearTimeout(beat);
      clearTimeout(unread);
      if (readers.delete(reader)) changed();
    };
    /** The first fragment that it has not; null when it has all. */
    const next = () => {
      const fragment = visible(role, width).find(({ id, hash }) => has.get(id) !== hash);
      if (!fragment) return null;
      const { id, hash, html } = fragment;
      has.set(id, hash);
      return event('fragment', { id, hash, html });
    };

    let first = true;
    return new ReadableStream<Uint8Array>(
      {
        start() {
          readers.add(reader);
          changed();
        },
        // Called when the one before has been taken off our hands: the socket's own buffer is all that waits for a slow reader.
        async pull(controller) {
          clearTimeout(unread);
          if (first) {
            first = false;
            controller.enqueue(encode(': open\n\n'));
          } else {
            let text = next();
            if (text === null && ending === null) {
              waiting = Promise.withResolvers();
              beat = setTimeout(() => waiting.resolve(), pulse);
              await waiting.promise;
              clearTimeout(beat);
              text = next();
            }
            if (text === null && ending !== null) {
              controller.enqueue(encode(event('end', { why: ending })));
              controller.close();
              leave();
              return;
            }
            controller.enqueue(encode(text ?? ': still here\n\n'));
          }
          unread = setTimeout(() => {
            leave();
            lost();
          }, patient);
        },
        cancel() {
          leave();
          waiting.resolve();
        },
      },
      { highWaterMark: 0 },
    );
  }

  return {
    set(id, html, { only, width } = {}) {
      const hash = createHash('sha256').update(html).digest('hex').slice(0, 12);
      if (fragments.get(keyOf(id, width))?.hash === hash) return;
      fragments.set(keyOf(id, width), { id, html, hash, only, width });
      for (const reader of readers) if (!only || reader.role === only) reader.wake();
    },
    get: id => fragments.get(id)?.html ?? '',
    have: role =>
      visible(role)
        .map(({ id, hash }) => `${id}:${hash}`)
        .join(),
    follow,
    followers: () => readers.size,
    widths: () => new Set([...readers].flatMap(({ width }) => width ?? [])),
    close(why) {
      over = why;
      for (const reader of [...readers]) reader.end(why);
    },
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: JSON has no line ends of its own. */
const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
