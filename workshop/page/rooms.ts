// What is looked at, and for how long: a room opens with the first who looks, and closes a minute after the last has gone. A few at the
// same time, because each holds a sandbox or two.
import { UserError } from '../errors.ts';
import type { Channel } from './channel.ts';

export interface Room {
  channel: Channel;
  /** Brings up to date what others may have changed. */
  refresh(): void;
  close(why: string): Promise<void>;
}

export interface Rooms<R extends Room> {
  /** Opens it where it is not open. */
  enter(name: string, open: (changed: () => void) => R): R;
  find(name: string): R | undefined;
  all(): R[];
  close(why: string): Promise<void>;
}

/** Milliseconds without anybody in it, and how many there may be. */
const [lingers, most] = [60_000, 8];

export function openRooms<R extends Room>(linger = lingers): Rooms<R> {
  const rooms = new Map<string, R>();
  const timers = new Map<string, NodeJS.Timeout>();
  const closing = new Set<Promise<void>>();

  function leave(name: string, why: string): void {
    const room = rooms.get(name);
    clearTimeout(timers.get(name));
    timers.delete(name);
    if (!rooms.delete(name) || !room) return;
    const done = room.close(why).catch(error => console.error(error));
    closing.add(done);
    done.finally(() => closing.delete(done));
  }
  function mind(name: string): void {
    const room = rooms.get(name);
    clearTimeout(timers.get(name));
    if (room?.channel.followers() === 0)
      timers.set(
        name,
        setTimeout(() => leave(name, 'closed'), linger),
      );
  }
  /** Of those that nobody is in the first; none: all are in use. */
  function makePlace(): void {
    if (rooms.size < most) return;
    const empty = [...rooms].find(([, room]) => room.channel.followers() === 0);
    if (!empty) throw new UserError(`${most} lessons are open at once`, 'close the page of one of them', 1);
    leave(empty[0], 'closed');
  }

  return {
    enter(name, open) {
      const present = rooms.get(name);
      if (!present) {
        makePlace();
        // It tells of its first visitor before it is in the map.
        rooms.set(
          name,
          open(() => mind(name)),
        );
      }
      mind(name);
      return rooms.get(name) as R;
    },
    find: name => rooms.get(name),
    all: () => [...rooms.values()],
    async close(why) {
      for (const name of [...rooms.keys()]) leave(name, why);
      await Promise.all(closing);
    },
  };
}
