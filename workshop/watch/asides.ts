// What a key of `watch` shows in place of the verdict, until its reader has done with it.
import { once } from 'node:events';
import chalk from 'chalk';
import type { Lesson } from '../lessons.ts';
import { takeForeground } from '../terminal/foreground.ts';
import { page } from '../terminal/pager.ts';

/** True when its reader pressed Ctrl-C, which means out of the watch as well. */
export type Aside = (lesson: Lesson) => Promise<boolean>;

const clear = '\u001b[H\u001b[2J';

export const asides = {
  async d(lesson) {
    const { colourDiff, differences } = await import('../terminal/diff.ts');
    return read(colourDiff(differences(lesson) ?? 'Your file is the solution, to the letter.'));
  },

  async l(lesson) {
    return read((await import('../terminal/lesson.ts')).showLesson(lesson));
  },

  async t(lesson) {
    const { traceLesson } = await import('../check/trace.ts');
    const { showTraces } = await import('../terminal/trace.ts');
    process.stdout.write(`${clear}starting your container, and the reference’s …\n`);
    return read(showTraces(await traceLesson(lesson)));
  },

  async r(lesson) {
    const { runLesson } = await import('../remote/run.ts');
    process.stdout.write(clear + chalk.dim(`sh in your container; exit leads back\n`));
    const status = await runLesson(lesson, ['sh']).finally(takeForeground);
    return status !== 0 && anyKey(`it ended with ${status} · `);
  },
} satisfies Record<string, Aside>;

/** Through the pager, which waits for its reader; what the screen holds would be gone at once, and waits for a key. */
async function read(text: string): Promise<boolean> {
  process.stdout.write(clear);
  await page(text);
  return text.split('\n').length < process.stdout.rows && anyKey();
}

async function anyKey(why = ''): Promise<boolean> {
  const { stdin, stdout } = process;
  stdout.write(chalk.dim(`\n${why}any key leads back`));
  stdin.setRawMode(true);
  stdin.resume();
  const [key] = await once(stdin, 'data');
  stdin.pause();
  stdin.setRawMode(false);
  return String(key) === '\u0003';
}
