// `npm start` on a terminal: every choice is one of the commands, and leads back here.
import inquirer from 'inquirer';
import { listLessons } from './commands/list.ts';
import { allLessons } from './lessons.ts';
import { progressOf, readProgress } from './progress.ts';

import { takeForeground } from './terminal/foreground.ts';

type Run = (argv: string[]) => Promise<void>;

interface Choice {
  name: string;
  /** The command that it stands for; null leads back, or out. */
  value: string[] | null;
}

export async function openMenu(run: Run): Promise<void> {
  for (;;) {
    const lessons = await listLessons();
    const next = lessons.find(lesson => lesson.next);
    const command = await choose('Boxwright', [
      ...(next ? [{ name: `Go on with ${next.number} · ${next.title}`, value: ['watch', next.number] }] : []),
      ...(next ? [{ name: `Read ${next.number}`, value: ['read', next.number] }] : []),
      { name: 'Another lesson', value: ['lesson'] },
      { name: 'Open it as a page', value: ['open', ...(next ? [next.number] : [])] },
      { name: 'How far you are', value: ['list'] },
      { name: 'What this machine can do', value: ['doctor'] },
      { name: 'Quit', value: null },
    ]);
    if (command === null) return;
    await (command[0] === 'lesson' ? openLesson(run) : run(command));
    await takeForeground();
    // Ctrl-C in a command means out of here as well; a lesson that failed does not.
    if (process.exitCode === 130) return;
    process.exitCode = 0;
  }
}

async function openLesson(run: Run): Promise<void> {
  const progress = readProgress();
  const lessons = allLessons().map(lesson => {
    const { status } = progressOf(lesson, progress);
    return {
      name: `${lesson.number} · ${lesson.title}${status === 'open' ? '' : ` (${status})`}`,
      value: [lesson.number],
    };
  });
  const number = (await choose('Which?', [...lessons, { name: 'Back', value: null }]))?.[0];
  if (!number) return;
  const command = await choose(`Lesson ${number}`, [
    { name: 'Watch: a verdict whenever you save', value: ['watch', number] },
    { name: 'Open it as a page', value: ['open', number] },
    { name: 'Read its text', value: ['read', number] },
    { name: 'Run a shell in your container', value: ['run', number] },
    { name: 'A hint', value: ['hint', number] },
    { name: 'The solution, once you have passed', value: ['solution', number] },
    { name: 'Reset it to the starter (your text is kept)', value: ['reset', number] },
    { name: 'Back', value: null },
  ]);
  if (command) await run(command);
}

async function choose(message: string, choices: Choice[]): Promise<string[] | null> {
  const { chosen } = await inquirer.prompt<{ chosen: string[] | null }>([
    { type: 'select', name: 'chosen', message, choices, loop: false, pageSize: 12 },
  ]);
  return chosen;
}
