// The next sandbox, ready before it is wanted: opening one takes longer than anything else between a saved file and its container.
import type { Lesson } from '../lessons.ts';
import type { Size } from '../sandbox/pty.ts';
import { openSession, type Session } from '../sandbox/session.ts';
import { prepare } from './command.ts';

export interface Warm {
  /** One in which nothing has run yet. */
  take(conditions: string[]): Promise<Session>;
  close(): Promise<void>;
}

/** Milliseconds after one was taken, in which it has the machine to itself. */
const later = 1000;

export function openWarm(lesson: Lesson, size: () => Size): Warm {
  let ready: { key: string; session: Promise<Session> } | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function open(conditions: string[]): Promise<Session> {
    const session = await openSession(lesson, conditions, { terminal: size() });
    try {
      await prepare(session, lesson);
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  const drop = async () => {
    const old = ready;
    ready = null;
    const session = await old?.session.catch(() => null);
    await session?.end();
  };
  return {
    async take(conditions) {
      const key = conditions.join();
      clearTimeout(timer);
      timer = setTimeout(() => {
        const session = open(conditions);
        // Whoever takes it hears of it.
        session.catch(() => {});
        ready = { key, session };
      }, later);
      if (ready && ready.key !== key) void drop();
      const taken = ready?.session;
      ready = null;
      const session = await taken?.catch(() => null);
      return session?.alive ? session : open(conditions);
    },
    async close() {
      clearTimeout(timer);
      await drop();
    },
  };
}
