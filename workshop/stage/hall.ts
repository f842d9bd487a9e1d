// All who look at one stage. What is written is sent to each of them; who is slow misses some and gets the end of it later; and when
// nobody keeps up, the container waits.
import type { Size } from '../sandbox/pty.ts';
import type { Screened } from './types.ts';

/** One who looks. */
export interface Spectator {
  /** What is sent next is all from the beginning, as far as it is kept. */
  replay(): void;
  send(data: Uint8Array): void;
  size(size: Size): void;
  /** Bytes that have not left for them yet. */
  waiting(): number;
}

export interface Seat {
  /** So many bytes have been drawn. */
  taken(bytes: number): void;
  leave(): void;
}

export interface Hall {
  enter(spectator: Spectator): Seat;
  /** The terminal's size is another. */
  resized(): void;
}

/** Bytes on their way to one who looks: with so many, they need no more for now; with so many, they miss what comes. */
const [plenty, tooMuch] = [1 << 18, 1 << 19];
/** Bytes to all together in a span of ms: a crowd costs the server no more than a few. */
const [span, budget] = [50, 1 << 20];

const halls = new WeakMap<Screened, Hall>();

export function hallOf(stage: Screened): Hall {
  let hall = halls.get(stage);
  if (!hall) {
    hall = openHall(stage);
    halls.set(stage, hall);
  }
  return hall;
}

interface Place extends Spectator {
  underWay: number;
  behind: boolean;
}

function openHall(stage: Screened): Hall {
  const places = new Set<Place>();
  let spent = 0;
  let stop: (() => void) | null = null;

  const decide = () => {
    const keepsUp = places.size === 0 || [...places].some(each => !each.behind && each.underWay < plenty);
    stage.hold(!keepsUp || spent > budget);
  };

  function send(place: Place, data: Uint8Array): void {
    place.send(data);
    place.underWay += data.length;
    if (spent === 0) {
      setTimeout(() => {
        spent = 0;
        decide();
      }, span);
    }
    spent += data.length;
  }

  function replay(place: Place): void {
    place.behind = false;
    place.replay();
    send(place, stage.scrollback());
  }

  function output(data: Uint8Array): void {
    for (const place of places) {
      place.behind ||= place.underWay > tooMuch || place.waiting() > 4 * tooMuch;
      if (!place.behind) send(place, data);
    }
    decide();
  }

  return {
    enter(spectator) {
      const place: Place = { ...spectator, underWay: 0, behind: false };
      places.add(place);
      stop ??= stage.on('output', output);
      place.size(stage.size());
      replay(place);
      decide();
      return {
        taken(bytes) {
          if (!(bytes > 0)) return;
          place.underWay = Math.max(0, place.underWay - bytes);
          if (place.behind && place.underWay < plenty / 4) replay(place);
          decide();
        },
        leave() {
          places.delete(place);
          if (places.size === 0) stop?.();
          if (places.size === 0) stop = null;
          decide();
        },
      };
    },
    resized() {
      for (const place of places) place.size(stage.size());
    },
  };
}
