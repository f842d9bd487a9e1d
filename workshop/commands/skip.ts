// `boxwright skip 03`: go on without a lesson.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('skip')
    .description('pass over a lesson; later ones use the reference in its place')
    .argument('<lesson>', 'its number or name')
    .option('--undo', 'open it again')
    .option('--json', 'print { lesson, status }')
    .addHelpText('after', '\nA lesson that is passed stays so. Ends with 0.')
    .action(async (wanted: string, { undo, json }: { undo?: boolean; json?: boolean }) => {
      const { findLesson } = await import('../lessons.ts');
      const { setSkipped } = await import('../progress.ts');
      const lesson = findLesson(wanted);
      const { status } = setSkipped(lesson, !undo);
      if (json) return console.log(JSON.stringify({ lesson: lesson.name, status }, null, 2));
      console.log(`${lesson.number} · ${lesson.title} is ${status}`);
    });
}
