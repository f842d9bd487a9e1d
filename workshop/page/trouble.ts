// Why there is no verdict, or no container: what the page says of it, and what the terminal that serves it.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { UserError } from '../errors.ts';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';

export interface Trouble {
  message: string;
  next: string;
}

export function troubleOf(error: unknown, lesson: Lesson): Trouble {
  if (error instanceof UserError) return error;
  if (!existsSync(lesson.files.lesson)) {
    const file = relative(home, lesson.files.lesson);
    const next = `\`npx boxwright reset ${lesson.number}\` gives back the starter.`;
    return { message: `\`${file}\` is not there.`, next };
  }
  // A bug of ours: its stack belongs into the terminal that serves the page.
  console.error(error);
  const next = 'The terminal that serves this page has the reason; the next save tries again.';
  return { message: 'The check could not be made.', next };
}
